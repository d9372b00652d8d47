"""What the user says of the site stands on its pages."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image
from tiny_results import make_class, write_run

from lens_site.cli import main
from lens_site.config import load_config
from lens_site.errors import ConfigError
from lens_site.results import store
from lens_site.results.pack import pack
from lens_site.results.schema import Identity
from lens_site.site import palette
from lens_site.site.markdown import Around, Shown, block, headings, line
from lens_site.site.publish.check import check
from lens_site.site.publish.render import check as check_wishes
from lens_site.site.publish.render import render

CLASS = "classes/0967-espresso/index.html"

MINE = Identity(
    title="What my <model> sees", mark="🔍", introduction="Hello **you**.\n\nA [page](a.md#an-x).",
    footer="By *us*, [more](docs/m.md).", license="[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)",
    credits=("Photographs: A. Author",), accent="#ffcc00",
    pages=(
        {"title": "A & B", "address": "a-b", "file": "a.md",
         "text": "## An *x*\n\nSee [more](docs/m.md)."},
        {"title": "More", "address": "more", "file": "docs/m.md", "text": "<b>no</b>"},
    ),
)  # fmt: skip


def build(folder: Path, identity: Identity) -> Path:
    run = write_run(folder / "run", make_class(), make_class(968, "cup"))
    render(run, folder / "site", identity=identity)
    return folder / "site"


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("mine"), MINE)


def test_it_is_on_the_pages(mine: Path) -> None:
    assert check(mine) == ()
    home, page = (mine / "index.html").read_text(), (mine / CLASS).read_text()
    for text in (home, page, (mine / "404.html").read_text()):
        assert "</span>What my &lt;model&gt; sees</a>" in text
        assert '<div class="site-foot__own"><p>By <em>us</em>, <a href="' in text
        assert '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>' in text
        menu = re.findall(r'<a href="[^"]*">([^<]+)</a>', text[text.index("site-bar__menu") :])
        assert menu[menu.index("About") :][:3] == ["About", "A &amp; B", "More"]
    assert "<p>Hello <strong>you</strong>.</p>" in home
    assert '<a href="a-b/index.html#an-x">page</a>' in home
    assert '<a href="../../more/index.html">more</a>' in page
    assert "A neural network never says why" not in home
    assert "<title>espresso · What my &lt;model&gt; sees</title>" in page
    assert "<li>Photographs: A. Author</li>" in (mine / "about/index.html").read_text()


def test_the_mark_is_the_icon(mine: Path, tmp_path: Path) -> None:
    assert ">🔍</text>" in (mine / "assets/favicon.svg").read_text()
    assert '<span aria-hidden="true">🔍</span>' in (mine / "index.html").read_text()
    png = Identity(mark={"kind": "png", "data": "iVBORw0KGgo="})
    site = build(tmp_path, png)
    home = (site / "index.html").read_text()
    assert '<link rel="icon" href="assets/mark.png">' in home
    assert '<img src="assets/mark.png" alt="">' in home
    assert (site / "assets/mark.png").read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert check(site) == ()


def test_pages_in_markdown(mine: Path) -> None:
    first = (mine / "a-b/index.html").read_text()
    assert "<h1>A &amp; B</h1>" in first
    assert '<a href="../more/index.html">more</a>' in first
    assert "<p>&lt;b&gt;no&lt;/b&gt;</p>" in (mine / "more/index.html").read_text()


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "[a](javascript:x)", "![a](https://example.org/a.png)"]
)
def test_markdown_brings_no_script_and_no_request(text: str) -> None:
    for shown in (block(text), line(text)):
        assert not re.search(r"<(script|img)|href=\"javascript", shown)


AROUND = Around(
    folder="docs", pages={"docs/b.md": "../b/index.html"}, files=frozenset({"docs/c.py", "d.py"}),
    pictures={"docs/e f.webp": Shown("1-e.webp", 40, 30)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[b](b.md#x) [b](../docs/b.md)", '<a href="../b/index.html#x">b</a> '
         '<a href="../b/index.html">b</a>'),
        ("[b](../b.md)", '<a href="../b.md">b</a>'),
        ("[`c`](c.py#L3), **[d](../d.py)**", "<code>c</code>, <strong>d</strong>"),
        ("[up](#top) [us](https://a.example/c.py)", '<a href="#top">up</a> '
         '<a href="https://a.example/c.py">us</a>'),
        ("![*two* words](e%20f.webp)", '<img src="1-e.webp" alt="two words" width="40" '
         'height="30" loading="lazy" />'),
        ("![words](other.webp)", "words"),
        ("a\n<!-- b\nc -->\nd", "a</p>\n<p>d"),
    ],
)  # fmt: skip
def test_links_and_pictures_of_a_page(text: str, shown: str) -> None:
    assert block(text, AROUND) == f"<p>{shown}</p>\n"


def test_sources_lead_to_where_others_see_them() -> None:
    around = replace(AROUND, source="https://a.example/o/r/blob/main/")
    assert block("[c](c.py#L3) [d](../d.py)", around) == (
        '<p><a href="https://a.example/o/r/blob/main/docs/c.py#L3">c</a> '
        '<a href="https://a.example/o/r/blob/main/d.py">d</a></p>\n'
    )


def test_comments_in_code_stay() -> None:
    assert "&lt;!-- a --&gt;" in block("```\n<!-- a -->\n```")
    assert "&lt;!-- a --&gt;" in block("    <!-- a -->")
    assert "&lt;!-- never closed" in block("<!-- never closed")


def test_anchors_are_those_of_github() -> None:
    text = "## Two `a_b`, [c](d.md) & e\n\n### Größe\n\n## Größe\n"
    slugs = [("two-a_b-c--e", 2), ("größe", 3), ("größe-1", 2)]
    assert [(h.id, h.level) for h in headings(text)] == slugs
    assert re.findall(r'id="([^"]+)"', block(text)) == [slug for slug, _ in slugs]


def test_a_group_has_one_entry_in_the_menu_and_a_list_on_each_page(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30)).save(picture, "WEBP")
    (tmp_path / "book").mkdir()
    (tmp_path / "book/p.webp").write_bytes(picture.getvalue())
    (tmp_path / "book/one.md").write_text("# One\n\n[two](two.md#in-two) ![p](p.webp)\n")
    (tmp_path / "book/two.md").write_text("# Two\n\n## In two\n\n[one](one.md)\n")
    file = tmp_path / "lens.toml"
    file.write_text('[site]\npages = [{title = "Book", pages = ["book/one.md", "book/two.md"]}]\n')
    site = build(tmp_path, load_config({}, file).site)
    assert check(site) == ()
    home = (site / "index.html").read_text()
    assert home.count('href="book/index.html">Book</a>') == home.count("book/") == 1
    one, two = ((site / place).read_text() for place in ("book/index.html", "book/two/index.html"))
    assert '<a href="../book/two/index.html#in-two">two</a>' in one
    assert '<img src="picture-1.webp" alt="p" width="40" height="30" loading="lazy" />' in one
    assert (site / "book/picture-1.webp").read_bytes() == picture.getvalue()
    for page, here, other in ((one, "One", "Two"), (two, "Two", "One")):
        assert f'aria-current="page">{here}</a>' in page
        assert f'index.html">{other}</a>' in page
    assert '<li><a href="#in-two">In two</a></li>' in two
    assert "#in-two" not in one.partition("<article")[0]


def test_a_page_at_an_address_that_is_taken(tmp_path: Path) -> None:
    identity = Identity(pages=({"title": "A", "address": "about", "text": ""},))
    with pytest.raises(ConfigError, match=r"about/index\.html.*; give it an address of its own"):
        build(tmp_path, identity)


@pytest.mark.parametrize("given", ["#ffcc00", "#000000", "#ffffff", "#0b5c63", "#ff0000"])
def test_an_accent_is_readable_in_both_themes(given: str) -> None:
    sheet = palette.accent_sheet(given)
    pairs = re.findall(r"--accent:(#\w{6});--accent-ink:(#\w{6})", sheet)
    assert len(pairs) == 3
    assert pairs[1] == pairs[2]
    for (accent, ink), theme in zip(pairs, ("light", "dark", "dark"), strict=True):
        assert palette.contrast(accent, palette.GROUND[theme]) >= 4.5
        assert palette.contrast(ink, accent) >= 4.5
    assert given == palette.readable(given, "light") or given != "#0b5c63"


def test_an_accent_that_is_changed_is_told(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    report = render(run, tmp_path / "site", identity=Identity(accent="#ffcc00"))
    assert [note for note in report.notes if note.startswith("site.accent")] == [
        "site.accent: #ffcc00 has a contrast of 1.4 on light pages, 4.5 is wanted; there it is "
        f"{palette.readable('#ffcc00', 'light')}"
    ]
    assert palette.accent_sheet("#ffcc00") in (tmp_path / "site/assets/site.css").read_text()


def test_sections_in_the_order_that_was_asked(tmp_path: Path) -> None:
    order = ("title", "graph", "strategies", "concepts", "numbers")
    site = build(tmp_path, Identity(sections=order))
    found = re.findall(r'<h[23] id="(\w+)-title"', (site / CLASS).read_text())
    assert found == ["graph", "strategies", "concepts", "numbers"]
    assert check(site) == ()


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        (Identity(sections=("title", "concepts", "graph")), "strategies is missing, and other"),
        (Identity(sections=("title", "mine.page:SECTION")), "no 'mine.page'; name it in extras"),
        (Identity(language="xx"), r"site\.language: no translation 'xx'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_before_the_work(identity: Identity, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_wishes(identity)


def test_an_archive_and_another_table(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    store.write_identity(run, Identity(title="First"))
    pack(run, tmp_path / "archive.tar.gz", ["0967-espresso"])
    file = tmp_path / "lens.toml"
    command = ["render", "--out", str(tmp_path / "out"), "--from", str(tmp_path / "archive.tar.gz")]
    for text, title in (("", "First"), ('[site]\ntitle = "Second"\n', "Second")):
        file.write_text(text)
        done = CliRunner().invoke(main, [*command, "--config", str(file)])
        assert done.exit_code == 0, done.output
        assert f"<title>{title}: what" in (tmp_path / "out/site/index.html").read_text()
