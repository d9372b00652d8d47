"""Whole sites from small runs: what stands on the pages, and that nothing is broken."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image
from tiny_results import make_class, write_run

from lens_site.errors import OutputError, ResultError
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


def tree(folder: Path) -> dict[str, bytes]:
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in found}


def build(folder: Path, *classes: object, base_url: str | None = None, views: bool = False) -> Path:
    run = write_run(folder / "run", *classes, views_of_few=views)  # type: ignore[arg-type]
    render(run, folder / "site", base_url=base_url)
    return folder / "site"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile name, an unlabeled class, and one image with one concept."""
    return build(
        tmp_path_factory.mktemp("three"),
        make_class(607, "jack-o'-lantern <b>", synonyms=('a "quoted" & <i>name</i>',)),
        make_class(967, wrong=None),
        make_class(968, "cup", images=1, concepts=1, wrong=0),
        base_url="https://example.org/lens",
    )


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    heard: list[tuple[int, int]] = []
    render(run, tmp_path / "one", progress=lambda done, of: heard.append((done, of)))
    report = render(run, tmp_path / "two")
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert one == two
    assert heard == [(1, 1)]
    assert (report.files, report.bytes) == (len(two), sum(map(len, two.values())))
    assert report.classes == 1


def test_a_whole_site_has_no_problem(three: Path) -> None:
    assert check(three) == ()


def test_one_class_alone_has_no_problem(tmp_path: Path) -> None:
    site = build(tmp_path, make_class(), views=True)
    assert check(site) == ()
    assert not (site / "sitemap.xml").exists()
    assert "canonical" not in (site / "index.html").read_text()
    assert "single photograph" in (site / "index.html").read_text()


def test_no_class_at_all_still_gives_a_site(tmp_path: Path) -> None:
    site = build(tmp_path)
    assert check(site) == ()
    assert "No class of this run has a page" in (site / "index.html").read_text()


def test_names_are_escaped_everywhere(three: Path) -> None:
    slug = "0607-jack-o-lantern-b"
    for page in ("index.html", f"classes/{slug}/index.html", "about/index.html"):
        text = (three / page).read_text()
        assert "lantern <b>" not in text
        assert "<i>name" not in text
    shown = (three / f"classes/{slug}/index.html").read_text()
    assert ">jack-o&#39;-lantern &lt;b&gt;</h1>" in shown
    assert "NaN &lt;here&gt;" in (three / "about/index.html").read_text()


def test_the_license_of_the_pictures_stands_where_they_are_credited(three: Path) -> None:
    link = '<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'
    assert f"<dt>license</dt><dd>{link}</dd>" in (three / "about/index.html").read_text()
    assert f"License of the pictures: {link}." in (three / "data/index.html").read_text()
    card = next(three.rglob("embed.html"))
    assert "; pictures: CC BY 4.0</small>" in card.read_text()


def test_the_page_about_says_what_ran_the_encoder(three: Path) -> None:
    row = '<th scope="row">encoder run by</th><td>onnxruntime</td>'
    assert row in (three / "about/index.html").read_text()


def test_unlabeled_classes_never_speak_of_mistakes(three: Path) -> None:
    text = (three / "classes/0967-espresso/index.html").read_text()
    assert "mistake" not in text
    assert "right or wrong</span>" not in text
    assert "right in <b>" not in text
    assert "mistake" in (three / "classes/0607-jack-o-lantern-b/index.html").read_text()


def test_data_travels_with_the_page_byte_for_byte(three: Path) -> None:
    page = three / "classes/0967-espresso"
    run = three.parent / "run/0967-espresso"
    assert (page / "class.json").read_bytes() == (run / "result.json").read_bytes()
    assert (page / "heat-04.webp").read_bytes() == (run / "heat-04.webp").read_bytes()
    assert (page / "graph.graphml.gz").read_bytes() == b"<graphml/>"
    assert json.loads((three / "schema/class.json").read_text())["title"] == "ClassResult"
    with Image.open(page / "card.webp") as card:
        assert card.size == (4 * 128, 128)


def test_the_page_shows_one_dot_an_image_and_every_concept_in_order(three: Path) -> None:
    text = (three / "classes/0967-espresso/index.html").read_text()
    scatter = text[text.index('class="scatter"') : text.index('class="graph__pin"')]
    assert scatter.count("<circle") == 40
    places = [text.index(f'id="concept-{n}"') for n in (1, 2, 3, 4)]
    assert places == sorted(places)
    assert '<a href="../0968-cup/index.html">cup</a>' in text


def test_addresses_know_the_base_url(three: Path) -> None:
    page = (three / "classes/0967-espresso/index.html").read_text()
    assert 'rel="canonical" href="https://example.org/lens/classes/0967-espresso/"' in page
    assert 'og:image" content="https://example.org/lens/classes/0967-espresso/preview.png"' in page
    lost = (three / "404.html").read_text()
    assert 'action="/lens/index.html"' in lost
    assert "<style>" in lost, "it may be served where no style sheet can be reached"
    sitemap = (three / "sitemap.xml").read_text()
    assert sitemap.count("<loc>") == 9 + 9, "pages, and concepts"
    assert "<loc>https://example.org/lens/classes/0968-cup/</loc>" in sitemap
    assert "Sitemap: https://example.org/lens/sitemap.xml" in (three / "robots.txt").read_text()


def test_a_damaged_result_leaves_the_old_site(tmp_path: Path) -> None:
    site = build(tmp_path, make_class())
    before = tree(site)
    (tmp_path / "run/0967-espresso/tiles-01.webp").write_bytes(b"damaged")
    with pytest.raises(ResultError, match="SHA-256"):
        render(tmp_path / "run", site)
    assert tree(site) == before


def test_a_site_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class(images=1, concepts=1))
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        render(run, tmp_path / "taken" / "site")


def test_shares_that_cancel_are_not_called_an_order_of_shares(tmp_path: Path) -> None:
    result, files = make_class()
    flat = tuple(c.model_copy(update={"share": 0.0}) for c in result.concepts)
    pages = [
        (build(tmp_path / name, (one, files)) / "classes/0967-espresso/index.html").read_text()
        for name, one in (
            ("usual", result),
            ("flat", result.model_copy(update={"concepts": flat})),
        )
    ]
    assert ["each stands with its share" in page for page in pages] == [True, False]
    assert ["in single images, for or against" in page for page in pages] == [False, True]
    assert ["</span> ±" in page for page in pages] == [False, True]


def test_what_labels_a_section_is_there(three: Path) -> None:
    known = {"label", "labelledby", "hidden", "current", "expanded", "controls", "autocomplete"}
    for path in three.rglob("*.html"):
        text = path.read_text()
        assert set(re.findall(r"\saria-(\w+)=", text)) <= known
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'aria-labelledby="([^"]+)"', text)) <= set(ids)
