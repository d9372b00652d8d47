"""A site in German: its pages, numbers and scripts; and sentences of results, said again."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gather import ROOT, unspoken, write_pseudo
from many_sites import PAIRS, RUNS
from tiny_results import make_class, write_run

from lens_site.importance.summary import remarks
from lens_site.results import store
from lens_site.results.measures import MEASURES
from lens_site.results.schema import Identity
from lens_site.site.language import load, spoken
from lens_site.site.numbers import brief, change, exact, percent, short, signed, whole
from lens_site.site.pages import compare_runs
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render
from lens_site.site.publish.spoken import learned
from lens_site.site.retold import SENTENCES, retell
from lens_site.tree import ancestors, synsets

PAPER = """A Holistic Approach to Unifying Automatic Concept Extraction and Concept Importance
Estimation"""

CLASS = "classes/0967-espresso/index.html"


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("german")
    run = write_run(folder / "run", make_class(), make_class(968, "cup"))
    render(run, folder / "site", identity=Identity(language="de"))
    return folder / "site"


def test_pages_are_in_german(german: Path) -> None:
    assert check(german) == ()
    home, page = (german / "index.html").read_text(), (german / CLASS).read_text()
    assert '<html lang="de"' in home
    assert "<h1>Worauf achtet TinyNet, wenn es „espresso“ sagt?</h1>" in home
    assert "40 Bilder · 2 eigenständige Gruppen" in home
    assert "3 von 40 Bildern sind Fehler, alle davon mit dem Label cup." in page
    assert "Kein Konzept entscheidet allein" in page
    assert re.search(r"<td>0,\d{4} … 0,\d{4}</td>", page)
    assert not re.search(r"<td>[−0-9 …]*\d\.\d", page)


def test_numbers_are_written_as_in_german() -> None:
    with spoken(load("de")):
        assert (percent(0.31), change(-0.34)) == ("31\u202f%", "−34\u202f%")
        assert (exact(-0.5), signed(0.25), short(0.0625)) == ("−0,5000", "+0,25", "0,0625")
        assert (brief(1234.5), whole(1_234_567)) == ("1.234", "1.234.567")
    assert (exact(-0.5), whole(1_234_567)) == ("−0.5000", "1,234,567")


def test_scripts_bring_what_they_say_and_no_more(german: Path) -> None:
    shared, legend = (
        (german / "assets" / name).read_text() for name in ("site.js", "sections/graph.legend.js")
    )
    call = re.compile(r"^lensLearn\((\{.*?\}), \(n\) => \(n != 1\)\);$", re.MULTILINE)
    words = json.loads(call.search(legend)[1])  # type: ignore[index]
    assert words["Show all images"] == "Alle Bilder zeigen"
    assert "Close" not in words
    assert json.loads(call.search(shared)[1])["{n} result"] == ["{n} Treffer", "{n} Treffer"]  # type: ignore[index]
    assert shared.index("globalThis.lensLearn =") < shared.index("\nlensLearn(")
    engine = (german / "assets/browser.js").read_text()
    assert json.loads(call.search(engine)[1])["This file is empty."] == "Diese Datei ist leer."  # type: ignore[index]
    assert learned('lensSay("Close")') == ""  # English has nothing to learn


@pytest.mark.parametrize("name", RUNS)
def test_no_sentence_goes_around_the_catalog(name: str, tmp_path: Path) -> None:
    """Every text stands in brackets: what is left are names, figures and files."""
    assert strange_words(RUNS[name](tmp_path), at=tmp_path) == {}


@pytest.mark.parametrize("name", PAIRS)
def test_nor_does_one_of_two_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_runs, "MANY", 1)
    assert strange_words(*PAIRS[name](tmp_path), at=tmp_path) == {}


def strange_words(*runs: Path, at: Path) -> dict[str, set[str]]:
    """Return the words of each page that neither the catalog nor these runs gave it."""
    own, known = write_pseudo(at / "own"), set[str]().union(*map(words_of, runs))
    render(runs[0], at / "site", others=runs[1:], identity=Identity(language="qps"), own=own)
    found = {}
    for path in sorted((at / "site").rglob("*.html")):
        if path.parent.name == "about":
            continue  # names of parameters, licenses of others
        left = unspoken(text_of(path.read_text()))
        if words := set(re.findall(r"[A-Za-z]{3,}", left)) - known:
            found[str(path.relative_to(at))] = words
    return found


NAMED = re.compile(
    r"<(script|style|pre)\b.*?</\1>|<dt><code>.*?</dt>|<a [^>]* download>.*?</a>", re.DOTALL
)
"""What has no language: scripts and examples of code, columns and their types, files."""


def text_of(page: str) -> str:
    """Return title, description, text and spoken attributes of a page, a line a block."""
    head = re.findall(r'<title>(.*?)</title>|<meta name="description" content="(.*?)">', page)
    body = NAMED.sub("", page[page.index("<body") :])
    spoken = re.findall(r'(?:alt|title|aria-label|placeholder)="([^"]*)"', body)
    plain = re.sub(r"</?(?:b|em|i|a|small|span|code)\b[^>]*>", "", body)
    return "\n".join([re.sub(r"<[^>]*>", "\n", plain), *spoken, *map("".join, head)])


def words_of(run: Path) -> set[str]:
    """Words that the results themselves hold, and WordNet; titles and files that have no language.

    Keys of JSON are none of them: what they are called is no text. What compares two runs is not
    read: but for names, it holds sentences of ours.
    """
    words = set(PAPER.split()) | {"Fel", "Lens", "NeurIPS", "arXiv", "graphml"}
    texts = ["json argmax model class graph cores"]
    for path in set(run.rglob("*.json")) - set(run.glob(store.PAIRS)):
        json.loads(path.read_text(), object_hook=lambda d: texts.extend(_strings(d)))
    above = {a for text in texts if text in synsets() for a in ancestors(text)}
    texts += (" ".join(synsets()[a].words) for a in above)
    return words.union(*(re.findall(r"[A-Za-z]{3,}", text) for text in texts))


def _strings(held: dict[str, Any]) -> list[str]:
    values = [v for value in held.values() for v in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, str)]


def test_what_results_say_is_known() -> None:
    codes = np.ones((2, 3))
    codes[:, 1] = 0
    said = [*remarks(codes * 0, codes), *remarks(codes[:1], codes[:1])]
    said += remarks(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert len(said) == 6
    with spoken(load("de")):
        for sentence in said:
            assert retell(sentence) not in (sentence, "")
        for measure in MEASURES.values():
            assert " ist besser" in retell(f"{measure.name}: {measure.sentence}")
        assert retell("7 images are too few to tell groups; it takes 60") == (
            "7 Bilder sind zu wenige, um Gruppen zu erkennen; es braucht 60"
        )
        assert retell("2 common images are too few to compare concepts; it takes 10") == (
            "2 gemeinsame Bilder sind zu wenige, um Konzepte zu vergleichen; es braucht 10"
        )
        assert retell("Something new (1).") == "Something new (1)."


def test_each_known_sentence_is_still_said_somewhere() -> None:
    """The first words of each stand in the rooms that compute."""
    rooms = [path for path in (ROOT / "lens_site").iterdir() if path.name != "site"]
    source = "\n".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
    joined = re.sub(r'"\s*f?"', "", re.sub(r"\{[^}]*\}", "{}", source))
    for sentence in SENTENCES:
        words = re.split(r"\{\w+\}", sentence)
        longest = max(words, key=len).strip()[:30]
        assert longest in joined or sentence[:2] in ("1 ", "{n"), sentence
