"""The catalog holds every text, and each translation says all of it."""

import re
from pathlib import Path

import pytest
from gather import ROOT, Text, sources, texts

from lens_site.errors import ConfigError
from lens_site.site.catalog import Catalog, Message, read
from lens_site.site.language import FILE, LOCALE, load, many, many_as, say, say_as, spoken

LANGUAGES = sorted(path.parts[-3] for path in LOCALE.glob(f"*/{FILE}"))
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}|%%")
TAG = re.compile(r"</?\w+[^>]*>")


def known(catalog: Catalog) -> set[Text]:
    return {(m.context, m.one, m.other) for m in catalog.messages}


def test_german_is_there() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("file", ["lens.pot", *(f"{name}/{FILE}" for name in LANGUAGES)])
def test_every_text_is_in_the_catalog_and_no_other(file: str) -> None:
    told = "; type: make messages"
    found, there = texts(), known(read(LOCALE / file))
    # a text that is asked for in both ways, one and many, stands once
    assert {t[:2] for t in found} - {t[:2] for t in there} == set(), told
    assert {t[:2] for t in there} - {t[:2] for t in found} == set(), told
    assert there - found == set(), told


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_text_is_translated(name: str) -> None:
    catalog = read(LOCALE / name / FILE)
    assert [m.one for m in catalog.messages if m not in catalog.used] == []


def faults(message: Message) -> list[str]:
    """What a translation leaves out, adds or breaks."""
    found = []
    for form in message.told:
        # one thing may be said without its number
        wanted = [message.other or message.one, *([message.one] if message.other else [])]
        if sorted(PLACE.findall(form)) not in [sorted(PLACE.findall(text)) for text in wanted]:
            found.append(f"places of {form!r}")
        if sorted(TAG.findall(form)) != sorted(TAG.findall(wanted[0])):
            found.append(f"tags of {form!r}")
        bare, of_one = (TAG.sub("", text) for text in (form, message.one))
        if set(bare) & set('"<>&') - set(of_one):
            found.append(f"signs of {form!r}")
        if (form[:1] + form[-1:]).isspace() != (message.one[:1] + message.one[-1:]).isspace():
            found.append(f"spaces of {form!r}")
    return found


@pytest.mark.parametrize("name", LANGUAGES)
def test_placeholders_tags_and_signs_agree(name: str) -> None:
    assert [fault for m in read(LOCALE / name / FILE).messages for fault in faults(m)] == []


def test_faults_are_seen() -> None:
    def told(one: str, *forms: str, other: str = "") -> int:
        return len(faults(Message("", one, other, forms, False)))

    assert told("{n} <b>a</b>", "{n} <b>x</b>") == 0
    assert told("{n} a", "x") == told("{n} a", "{m} x") == told("a", "x%%") == 1
    assert told("<b>a</b>", "<i>x</i>") == told("a", 'x"') == 1
    assert told("one {a}", "ein {a}", "{n} {a}", other="{n} {a}") == 0
    assert told("one {a}", "ein {a}", "{a}", other="{n} {a}") == 0


def test_texts_are_found_in_modules_templates_and_scripts() -> None:
    found = dict(sources())
    assert ("", "Concepts", "") in found[ROOT / "templates/sections/concepts.html"]
    assert ("", "Close", "") in found[ROOT / "static/enlarge.js"]
    assert ("number", ".", "") in found[ROOT / "lens_site/site/language.py"]
    assert ("", "{n} image", "{n} images") in found[ROOT / "lens_site/site/cards.py"]


PO = r"""
# a comment
msgid ""
msgstr ""
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\n"

#: file
msgid "a \"b\""
"\n and more"
msgstr "Größe"

msgctxt "here"
msgid "a"
msgstr "hier"

msgid "{n} thing"
msgid_plural "{n} things"
msgstr[0] "eins"
msgstr[1] "{n} wenige"
msgstr[2] "{n} viele"

#, fuzzy
msgid "old"
msgstr "alt"

msgid "new"
msgstr ""
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "locale/xx" / FILE
    file.parent.mkdir(parents=True)
    file.write_text(PO, encoding="utf-8")
    return tmp_path


def test_a_catalog_of_the_users(own: Path) -> None:
    with spoken(load("xx", own)):
        assert say('a "b"\n and more') == "Größe"
        assert (say("a"), say_as("here", "a"), say_as("there", "a")) == ("a", "hier", "a")
        told = [many("{n} thing", "{n} things", n) for n in (1, 2, 1234)]
        assert told == ["eins", "2 wenige", "1,234 viele"]
        assert many_as("here", "{n} thing", "{n} things", 2) == "2 things"
        assert (say("old"), say("new"), say("")) == ("old", "new", "")
    assert say("a") == "a"


def test_the_users_goes_before_ours_text_by_text(own: Path) -> None:
    (own / "locale/xx").rename(own / "locale/de")
    file = own / "locale/de" / FILE
    file.write_text('msgid ""\nmsgstr ""\n\nmsgid "Concepts"\nmsgstr "Begriffe"\n')
    with spoken(load("de", own)):
        assert (say("Concepts"), say("Strategies")) == ("Begriffe", "Strategien")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('msgid "a"\nmsgstr "b', "lens.po:2: 'msgstr \"b', wanted msgid or msgstr"),
        ('"a"', "lens.po:1: '\"a\"', wanted msgid or msgstr"),
        ('msgid "a\\"\nmsgstr ""', "lens.po:1: 'msgid \"a\\\\\\\\\"' is no quoted text"),
        (
            'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=print(n);\\n"',
            "Plural-Forms cannot be used",
        ),
    ],
)
def test_a_catalog_that_cannot_be_read(own: Path, text: str, told: str) -> None:
    (own / "locale/xx" / FILE).write_text(text)
    with pytest.raises(ConfigError) as error:
        load("xx", own)
    assert told.replace("\\\\", "\\") in str(error.value)


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match=r"no translation 'dee'; did you mean 'de'\?"):
        load("dee")
    with pytest.raises(ConfigError, match=r"'qq'; there are de, en, or put your own into TEMPL"):
        load("qq")
