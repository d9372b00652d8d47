"""The table ``[site]``: what it may hold, how its mistakes are told, and that it is kept."""

import base64
import io
from pathlib import Path

import pytest
from PIL import Image
from tiny_results import make_class, write_run

from lens_site.config import load_config
from lens_site.errors import ConfigError, ResultError
from lens_site.results import store
from lens_site.results.pack import pack, unpack
from lens_site.results.schema import Identity, MarkFile
from lens_site.results.schema.identity import Picture

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9" fill="url(#a)"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 30


def load(folder: Path, text: str) -> Identity:
    file = folder / "lens.toml"
    file.write_text(f"[site]\n{text}", encoding="utf-8")
    return load_config({}, file).site


def mistake(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        load(folder, text)
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{folder / 'lens.toml'}: ")


def test_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/Über uns.md").write_text("# Über *uns*\n\nWir.\n", encoding="utf-8")
    (tmp_path / "pages/more.md").write_text("No heading.\n")
    (tmp_path / "hello.md").write_text("Good **day**.\n")
    (tmp_path / "logo.svg").write_text(SVG)
    site = load(
        tmp_path,
        'title = " What my model sees "\nmark = "logo.svg"\nintroduction = "hello.md"\n'
        'footer = "By [us](https://example.org)"\nlanguage = "de"\nlicense = "CC BY 4.0"\n'
        'credits = ["Photographs: A. Author", "CC0"]\naccent = "#0B5C63"\n'
        'sections = ["title", "strategies", "graph", "concepts", "mine:SECTION"]\n'
        'pages = ["pages/Über uns.md", {file = "pages/more.md", title = "More",'
        ' address = "etc"}]\n',
    )
    assert site.title == "What my model sees"
    assert isinstance(site.mark, MarkFile)
    assert (site.mark.kind, site.mark.content) == ("svg", SVG.encode())
    assert (site.introduction, site.footer) == ("Good **day**.", "By [us](https://example.org)")
    assert (site.language, site.license, site.accent) == ("de", "CC BY 4.0", "#0b5c63")
    assert site.credits == ("Photographs: A. Author", "CC0")
    assert site.sections == ("title", "strategies", "graph", "concepts", "mine:SECTION")
    first, second = site.pages
    assert (first.title, first.address, first.text) == ("Über *uns*", "uber-uns", "Wir.")
    assert (second.title, second.address, second.text) == ("More", "etc", "No heading.")


def test_nothing_said_is_the_usual_site() -> None:
    assert load_config({}).site == Identity()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('titel = "x"', "site: no key 'titel'; did you mean 'title'?"),
        ("xyz = 1", "site: no key 'xyz'; the keys are title, mark, introduction, "),
        ("title = 3", "site.title: 3, wanted a text"),
        ('title = "a\\nb"', "site.title: 'a\\nb', wanted a text"),
        ('accent = "red"', "site.accent: 'red', wanted a color like #0b5c63"),
        ('language = "German"', "site.language: 'German', wanted a language like de or pt-BR"),
        ('sections = ["concept"]', "site.sections: no 'concept'; did you mean 'concepts'?"),
        ('sections = ["title", "title"]', "site.sections: title is there twice; leave one out"),
        ('sections = "title"', "site.sections: 'title', wanted a list of names of sections"),
        ('mark = "a mark of many letters"', "site.mark: 'a mark of many letters', wanted a word"),
        ('mark = "absent.png"', "absent.png cannot be read (No such file or directory); paths go"),
        ('mark = "bad.png"', "site.mark: bad.png is no PNG; save it as one"),
        ('mark = "bad.svg"', "site.mark: bad.svg holds a script or an address elsewhere; save"),
        ('mark = "none.svg"', "site.mark: none.svg is no SVG; save it as one"),
        ('mark = "large.png"', "site.mark: large.png weighs 200,001 bytes, at most 200,000 are"),
        ('introduction = "absent.md"', "site.introduction: "),
        ('footer = "latin.md"', "latin.md cannot be read (it is not UTF-8)"),
        ('pages = "a.md"', "site.pages: 'a.md', wanted a list of Markdown files"),
        ("pages = [3]", "site.pages: 3 names no file; wanted a list of Markdown files"),
        ('pages = [{fiel = "a.md"}]', "site.pages: {'fiel': 'a.md'} names no file"),
        ('pages = [{file = "a.md", titel = "A"}]', "no key 'titel' of a page; did you mean"),
        ('pages = [{title = "B", pages = "a.md"}]', "is no group; wanted {title = "),
        ('pages = [{pages = ["a.md"]}]', "is no group; wanted {title = "),
        ('pages = [{title = "B", pages = [{title = "C", pages = []}]}]', "is a group in a group"),
        ('pages = ["shows.md"]', "bad.webp is no WebP, PNG or JPEG; save it as one"),
        ('pages = ["heavy.md"]', "heavy.webp weighs 1,000,001 bytes, at most 1,000,000 are wanted"),
        ('pages = ["lost.md"]', "lost.webp cannot be read (No such file"),
        ('source = "main"', "site.source: 'main', wanted an address like https://"),
        ('pages = ["a.md"]', 'site.pages: a.md has no heading; begin it with "# Title", or give'),
        ('pages = [{file = "a.md", title = "A", address = "../x"}]', "address of a.md: '../x'"),
        ('pages = [{file = "a.md", title = "A"}, {file = "a.md", title = "B"}]', "a is there twi"),
        ('credits = ["a\\nb"]', "site.credits: 'a\\nb', wanted a list of lines"),
    ],
)  # fmt: skip
def test_mistakes_name_the_key_and_the_way_out(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "a.md").write_text("Text.\n")
    for name in ("bad", "heavy", "lost"):
        page = {"bad": "shows"}.get(name, name)
        (tmp_path / f"{page}.md").write_text(f"# A\n\n![p]({name}.webp)\n")
    (tmp_path / "bad.webp").write_bytes(b"GIF89a")
    heavy = io.BytesIO()
    Image.new("RGB", (4, 3)).save(heavy, "WEBP")
    (tmp_path / "heavy.webp").write_bytes(heavy.getvalue().ljust(1_000_001))
    (tmp_path / "bad.png").write_bytes(b"GIF89a")
    (tmp_path / "large.png").write_bytes(PNG[:8] + b"0" * 199_993)
    (tmp_path / "bad.svg").write_text(SVG.replace("<path", '<path onload="x()"'))
    (tmp_path / "none.svg").write_text("<p>")
    (tmp_path / "latin.md").write_bytes("Größe".encode("latin-1"))
    assert told in mistake(tmp_path, text)


def test_what_a_page_names_comes_with_it(tmp_path: Path) -> None:
    (tmp_path / "docs/pictures").mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(tmp_path / "docs/pictures/x.png")
    (tmp_path / "code.py").touch()
    (tmp_path / "docs/a.md").write_text(
        "# A\n\n[code](../code.py#L3), [code](../code.py), [b](b.md), [lost](lost.md), [a](#a),\n"
        "[us](https://a.example), ![x](pictures/x.png) and again [![x](pictures/x.png)](b.md)\n"
    )
    (tmp_path / "docs/b.md").write_text("# B\n")
    one, two, alone = load(
        tmp_path,
        'pages = [{title = "Two", pages = ["docs/a.md", "docs/b.md"]}, {file = "docs/b.md",'
        ' address = "alone"}]\nsource = "https://a.example/me"\n',
    ).pages
    assert (one.file, one.files) == ("docs/a.md", ("code.py", "docs/b.md"))
    shown = [(p.path, p.kind, p.width, p.height) for p in one.pictures]
    assert shown == [("docs/pictures/x.png", "png", 4, 3)]
    assert one.pictures[0].content == (tmp_path / "docs/pictures/x.png").read_bytes()
    assert [(p.group, p.address) for p in (one, two, alone)] == [
        ("Two", "two"), ("Two", "two/b"), ("", "alone"),
    ]  # fmt: skip


def test_all_mistakes_at_once_with_those_of_the_build(tmp_path: Path) -> None:
    file = tmp_path / "lens.toml"
    file.write_text('seeds = 1\n[site]\ntitel = "x"\naccent = "blue"\nmark = "no.png"\n')
    with pytest.raises(ConfigError) as error:
        load_config({}, file)
    for part in ("'seeds'", "'titel'", "site.accent: 'blue'", "site.mark: "):
        assert part in str(error.value)


def test_no_table_is_told(tmp_path: Path) -> None:
    file = tmp_path / "lens.toml"
    file.write_text('site = "mine"\n')
    with pytest.raises(ConfigError, match=r"site: 'mine', wanted a table; write \[site\]"):
        load_config({}, file)


@pytest.mark.parametrize(
    "active",
    [
        "<script>x()</script>", '<a href="javascript:x()"/>', '<image href="https://a.example"/>',
        "<image xlink:href='//a.example/x'/>", "<style>@import 'x'</style>",
        '<rect style="fill:url(http://a.example/x)"/>', "<foreignObject/>",
        '<!DOCTYPE svg [<!ENTITY a "b">]>',
    ],
)  # fmt: skip
def test_a_drawing_that_does_something_is_refused(active: str) -> None:
    content = SVG.replace("</svg>", f"{active}</svg>").encode()
    with pytest.raises(ValueError, match="script or an address elsewhere"):
        MarkFile(kind="svg", data=base64.b64encode(content).decode())


def test_no_page_comes_as_a_picture() -> None:
    data = base64.b64encode(b"<script>x()</script>").decode()
    for kind in ("webp", "png", "jpg"):
        with pytest.raises(ValueError, match=f"is no {kind}; save it as one"):
            Picture(path="a.html", kind=kind, width=1, height=1, data=data)
    with pytest.raises(ValueError, match="pattern"):
        Picture(path="a.html", kind="html", width=1, height=1, data=data)


def test_it_is_kept_beside_the_results_and_travels_in_the_archive(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    identity = Identity(title="Mine", pages=({"title": "A", "address": "a", "text": "b"},))
    store.write_identity(run, identity)
    pack(run, tmp_path / "archive.tar.gz", ["0967-espresso"])
    there = unpack(tmp_path / "archive.tar.gz", tmp_path / "elsewhere")
    assert store.load_identity(there) == identity
    text = (there / store.IDENTITY).read_text().replace("Mine", "Other")
    (there / store.IDENTITY).write_text(text)
    with pytest.raises(ResultError, match=r"site\.json: its SHA-256 is not the one"):
        store.load_identity(there)
    store.write_identity(run, Identity())
    assert not (run / store.IDENTITY).exists()
    assert store.load_identity(run) == Identity()
