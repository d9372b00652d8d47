"""Pages and sections are the files of their folders; others come from outside, a file each."""

import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_results import make_class, with_parts, write_run

import lens_site.site
from lens_site.errors import ConfigError
from lens_site.results import store
from lens_site.site import Page, Section, Site
from lens_site.site.publish import stamp
from lens_site.site.publish.check import check
from lens_site.site.publish.pieces import folder, gather
from lens_site.site.publish.render import render

ROOM = Path(lens_site.site.__file__).parent

OPINION = '''
from dataclasses import dataclass
from dial import dial
from lens_site.site import MenuEntry, Page, Section, View

@dataclass(frozen=True)
class Opinion:
    words: str
    dial: object

def opinion(site, result):
    return Opinion(f"{result.name.name} & <more>", dial(0.25)) if result.images else None

def votes(site):
    yield View("votes/index.html", Opinion("All votes", dial(1.0)))
    for status in site.built:
        yield View(f"votes/{status.slug}.html", Opinion(status.name, dial(0.5)))

SECTION = Section(place=55, context=opinion, files=lambda site, result: {"vote.txt": b"aye"})
PAGE = Page(
    place=50, of_site=votes, menu=MenuEntry("Votes", "votes/index.html"),
    template="""{% extends "base.html" %}{% block title %}Votes{% endblock %}
{% block description %}{{ page.words }}{% endblock %}
{% block main %}<h1>{{ page.words }}</h1>{{ page.dial|draw }}{% endblock %}""",
)
NOTHING = Section(place=56, context=lambda site, result: None)
TAKEN = Page(place=1, of_site=lambda site: [View("index.html", Opinion("", dial(0.0)))],
             template="{{ page.words }}")
'''

DIAL = """
from dataclasses import dataclass
from lens_site.site.charts.axis import Axis

@dataclass(frozen=True)
class Dial:
    angle: str

def dial(value):
    return Dial(Axis(0.0, 1.0).at(value))
"""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of someone's own: a section, pages and a chart, with their templates."""
    place = tmp_path / "mine"
    place.mkdir()
    (place / "opinion.py").write_text(OPINION)
    (place / "opinion.html").write_text(
        '<section class="opinion"><h2>{{ section.words }}</h2>{{ section.dial|draw }}</section>'
    )
    (place / "opinion.css").write_text(".opinion { color: var(--accent) }")
    (place / "opinion.js").write_text("globalThis.opinion = true;")
    (place / "dial.py").write_text(DIAL)
    (place / "dial.html").write_text('<b class="dial" style="left:{{ chart.angle }}%"></b>')
    (place / "dial.css").write_text(".dial { position: relative }")
    monkeypatch.syspath_prepend(place)
    yield place
    for name in ("opinion", "dial"):
        sys.modules.pop(name, None)


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", make_class(), make_class(968, "cup", images=1, concepts=1))


@pytest.mark.parametrize("room", ["pages", "sections"])
def test_the_lists_are_the_files_of_the_folders(room: str) -> None:
    pieces = getattr(gather(), room)
    modules = {p.stem.replace("_", "-") for p in (ROOM / room).glob("[!_]*.py")}
    templates = {p.stem for p in (folder("templates") / room).glob("[!_]*.html")}
    assert {piece.name for piece in pieces} == modules == templates
    assert {p.name.split(".")[0] for p in (folder("static") / room).iterdir()} <= modules
    places = [piece.record.place for piece in pieces]
    assert places == sorted(set(places)), "two pieces in one place have no order of their own"


def test_every_chart_has_a_template_and_every_template_is_of_one() -> None:
    templates = {p.stem for p in (folder("templates") / "charts").glob("[!_]*.html")}
    assert templates <= {p.stem for p in (ROOM / "charts").glob("[!_]*.py")}
    assert {p.stem for p in (folder("static") / "charts").glob("[!_]*.css")} <= templates


def test_every_sheet_is_part_of_the_one_and_every_script_reaches_its_page(
    run_dir: Path, tmp_path: Path
) -> None:
    render(run_dir, tmp_path / "site")
    whole = (tmp_path / "site/assets/site.css").read_text()
    lost = (tmp_path / "site/404.html").read_text()
    for sheet in folder("static").rglob("*.css"):
        assert sheet.read_text() in whole
        assert sheet.read_text() in lost
    page = (tmp_path / "site/classes/0967-espresso/index.html").read_text()
    site = Site(run_dir, store.read_run(run_dir))
    standing = [
        s for s in gather().sections if s.record.context(site, site.result("0967-espresso"))
    ]
    scripts = [script for section in standing for script in section.scripts]
    assert len(scripts) > 1
    assert all(f'"../../{script}"' in page for script in scripts)
    assert page.index("graph.marks.js") < page.index("graph.js")
    assert "assets/sections/" not in (tmp_path / "site/index.html").read_text()
    assert '"assets/pages/home.js"' in (tmp_path / "site/index.html").read_text()


def test_every_class_that_a_sheet_names_is_on_some_page() -> None:
    sheets = (path.read_text() for path in folder("static").rglob("*.css"))
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", "".join(sheets), flags=re.DOTALL)
    sources = [*folder("templates").rglob("*.html"), *folder("static").rglob("*.js")]
    words = set(re.findall(r"[\w-]+", "".join(path.read_text() for path in sources)))
    named = set(re.findall(r"\.([a-z][\w-]*)", rules)) - {"page-method"}
    # crop--inline is written as crop-- and a kind
    idle = {n for n in named if n not in words and f"{n.rpartition('--')[0]}--" not in words}
    assert len(named) > 100
    assert idle == set()


def test_every_context_is_a_frozen_dataclass(run_dir: Path) -> None:
    site = Site(run_dir, store.read_run(run_dir))
    result = with_parts(make_class(), 1.0)[0]
    seen = (p.record.context(site, result) for p in gather().sections)
    contexts = [context for context in seen if context is not None]
    for piece in (p for p in gather().pages if p.record.there(site)):
        contexts += [view.context for view in piece.record.of_site(site)]
        contexts += [view.context for view in piece.record.of_class(site, result)]
    assert len(contexts) >= 12
    for context in contexts:
        assert dataclasses.is_dataclass(context)
        assert type(context).__dataclass_params__.frozen  # type: ignore[union-attr]


def test_a_section_from_outside_stands_in_its_place(
    outside: Path, run_dir: Path, tmp_path: Path
) -> None:
    report = render(run_dir, tmp_path / "site", extras=["opinion:SECTION", "opinion:NOTHING"])
    assert check(tmp_path / "site") == ()
    page = tmp_path / "site/classes/0967-espresso"
    text = (page / "index.html").read_text()
    assert "<h2>espresso &amp; &lt;more&gt;</h2>" in text
    assert '<b class="dial" style="left:25%"></b>' in text
    assert text.index("trust-title") < text.index("<h2>espresso &amp;") < text.index("measures-ti")
    assert (page / "vote.txt").read_bytes() == b"aye"
    assert '<script src="../../assets/extras/opinion.js" defer>' in text
    assert (tmp_path / "site/assets/extras/opinion.js").is_file()
    assert ".opinion {" in (tmp_path / "site/assets/site.css").read_text()
    assert ".dial {" not in (tmp_path / "site/assets/site.css").read_text()
    assert report.classes == 2


def test_pages_from_outside_have_many_addresses_and_a_place_in_menu_and_sitemap(
    outside: Path, run_dir: Path, tmp_path: Path
) -> None:
    extras = ["opinion:PAGE", "dial:Dial"]
    render(run_dir, tmp_path / "site", extras=extras, base_url="https://example.org/lens")
    assert check(tmp_path / "site") == ()
    assert "<h1>cup</h1>" in (tmp_path / "site/votes/0968-cup.html").read_text()
    home = (tmp_path / "site/index.html").read_text()
    assert home.index(">Method<") < home.index('<a href="votes/index.html">Votes</a>')
    assert home.index(">Votes<") < home.index(">About<")
    sitemap = (tmp_path / "site/sitemap.xml").read_text()
    assert "<loc>https://example.org/lens/votes/0968-cup.html</loc>" in sitemap
    assert ".dial {" in (tmp_path / "site/assets/site.css").read_text()


def test_nothing_from_outside_is_there_unasked(outside: Path, run_dir: Path) -> None:
    assert not any(piece.room == "extras" for piece in gather().all)
    assert len(gather(["opinion:SECTION"]).sections) == len(gather().sections) + 1


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("opinion:opinion", "wanted a Page or a Section"),
        ("opinion:MISSING", "cannot be loaded"),
        ("no_such_module:PAGE", "cannot be loaded"),
        ("opinion:TAKEN", "writes index.html, as another page does"),
    ],
)
def test_a_word_that_does_not_fit_is_named(
    word: str, message: str, outside: Path, run_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message):
        render(run_dir, tmp_path / "site", extras=[word])
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("file", ["opinion.py", "opinion.html", "opinion.css", "opinion.js"])
def test_the_stamp_sees_every_file_of_an_extra(file: str, outside: Path, run_dir: Path) -> None:
    before = stamp.of(run_dir, {}, ["opinion:SECTION"])
    assert before != stamp.of(run_dir, {})
    assert before == stamp.of(run_dir, {}, ["opinion:SECTION"])
    with (outside / file).open("a") as opened:
        opened.write(" ")
    assert before != stamp.of(run_dir, {}, ["opinion:SECTION"])


def test_records_are_what_the_package_says() -> None:
    assert all(isinstance(piece.record, Page) for piece in gather().pages)
    assert all(isinstance(piece.record, Section) for piece in gather().sections)
