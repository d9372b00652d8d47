"""A page for every concept: what stands on it, what is left out, and what lies beside it."""

import json
import re
from pathlib import Path

import pytest
from tiny_results import CUP, Made, make_class, with_parts, write_run

from lens_site.results import store
from lens_site.results.schema import (
    ConceptPoint,
    Member,
    ModelResult,
    Neighbor,
    Reference,
    SharedGroup,
    model_key,
)
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

ESPRESSO, FOLDER = 967, "classes/0967-espresso/concepts"

REFERENCE = Reference(
    random_median=0.1, random_high=0.45, shuffled_median=0.2, shuffled_high=0.3, threshold=0.5,
    pairs=1, pairs_shuffled=0, absolute=False,
)  # fmt: skip


def build(folder: Path, *classes: Made, model: ModelResult | None = None) -> Path:
    run = write_run(folder / "run", *classes)
    if model:
        store.write_model(run, model)
    render(run, folder / "site", base_url="https://example.org/lens")
    assert check(folder / "site") == ()
    return folder / "site"


def read(site: Path, number: int, folder: str = FOLDER) -> str:
    return (site / folder / f"{number:02d}/index.html").read_text()


def two_alike() -> ModelResult:
    """Concept 1 of espresso and concept 2 of cup are each the other's nearest."""

    def point(index: int, concept: int, *neighbors: Neighbor) -> ConceptPoint:
        return ConceptPoint(
            index=index, concept=concept, x=0.0, y=0.0, group=1, neighbors=neighbors
        )

    def near(index: int, concept: int) -> Neighbor:
        return Neighbor(index=index, concept=concept, cosine=0.876, mutual=True)

    members = (Member(index=ESPRESSO, concept=1), Member(index=CUP, concept=2))
    return ModelResult(
        key=model_key({ESPRESSO: "key", CUP: "key"}), classes=(ESPRESSO, CUP),
        reference=REFERENCE,
        points=(point(ESPRESSO, 1, near(CUP, 2)), point(CUP, 2, near(ESPRESSO, 1))),
        groups=(SharedGroup(number=1, members=members, cosine=0.876, least=0.876),),
        looks=(), findings=(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        tmp_path_factory.mktemp("concepts"),
        make_class(),
        make_class(CUP, "cup", wrong=None),
        model=two_alike(),
    )


def test_every_concept_has_a_page_that_leads_on(site: Path) -> None:
    pages = sorted(p.parent.name for p in site.glob(f"{FOLDER}/*/index.html"))
    assert pages == ["01", "02", "03", "04"]
    first, second, last = (read(site, n) for n in (1, 2, 4))
    assert 'rel="prev"' not in first
    assert 'rel="next" href="../../concepts/02/index.html"' in first
    assert 'rel="prev" href="../../concepts/01/index.html"' in second
    assert 'rel="next"' not in last
    assert '<a href="../../index.html#concept-2">espresso</a>' in second
    card = (site / "classes/0967-espresso/index.html").read_text()
    assert '<h3><a href="concepts/02/index.html"' in card


def test_title_address_and_preview_stay_with_the_concept(site: Path) -> None:
    text = read(site, 2)
    assert "<title>Concept 2 of espresso, as in cup · Lens</title>" in text
    assert 'canonical" href="https://example.org/lens/classes/0967-espresso/concepts/02/"' in text
    preview = "https://example.org/lens/classes/0967-espresso/preview.png"
    assert f'og:image" content="{preview}"' in text
    assert "How to cite" in text
    assert "Concept 2 of espresso (967), in Lens" in text


def test_it_says_how_much_the_concept_counts_and_what_that_rests_on(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", read(site, 1))
    assert re.search(r"It carries \d+\u202f% of the evidence for espresso and leads in 68", text)
    assert "directions drawn by chance reach 5\u202f%" in text
    assert "0.90 likeness to that match; random patches reach 0.40" in text
    assert "−34\u202f% change of the score in 8 images; at random −10\u202f%" in text
    against = re.sub(r"<[^>]+>", "", read(site, 4))
    assert "It counts against espresso" in against
    assert "is never the main reason" in against
    assert "It leads in no image" in against


def test_mistakes_that_it_leads_are_shown_by_their_labels(site: Path) -> None:
    text = read(site, 2)
    assert 'labeled <a href="../../../0968-cup/index.html">cup</a> <span class="num">3</span>' in (
        text
    )
    shown = text[text.index("frames--whole") :]
    assert [int(n) for n in re.findall(r"#image=(\d+)", shown)] == [1, 2, 3]
    assert "(95% interval 67–82)" in text
    assert "misleads in" not in read(site, 1)


def test_without_labels_nothing_is_said_of_mistakes(site: Path) -> None:
    text = read(site, 1, "classes/0968-cup/concepts")
    assert "They carry no labels" in text
    assert "is right in" not in text


def test_typical_and_weak_images_have_their_strongest_place_framed(site: Path) -> None:
    text = read(site, 1)
    frames = re.findall(r'#image=(\d+)" style="([^"]+)"', text[: text.index("How much it counts")])
    assert [int(n) for n, _ in frames] == [37, 38, 39, 40]
    assert frames[0][1] == "--x:1;--y:7;--l:50;--t:50", "image 36 (from 0) of five a row"


def test_a_concept_like_it_stands_with_its_tiles_and_cosine(site: Path) -> None:
    text = read(site, 1)
    shown = text[text.index("concept-page__alike") :]
    assert 'href="../../../0968-cup/concepts/02/index.html"' in shown
    assert "0.88" in shown
    assert "each the other’s nearest" in shown
    assert '<img src="../../../0968-cup/tiles-02.webp"' in shown
    assert "stay under 0.45" in text
    assert '<a href="../../../../shared/001/index.html">shared by 2 classes</a>' in text
    assert "most similar concepts" not in read(site, 2), "it is not on the map"


def test_likeness_that_chance_reaches_is_none(tmp_path: Path) -> None:
    found = two_alike()
    unlike = REFERENCE.model_copy(update={"random_high": 0.88})
    model = found.model_copy(update={"reference": unlike})
    text = read(build(tmp_path, make_class(), make_class(CUP, "cup"), model=model), 1)
    assert "No concept of another class is more like it than random pairs" in text
    assert "concept-page__alike" not in text


def test_twenty_prototypes_stand_in_two_rows(tmp_path: Path) -> None:
    result, files = make_class()
    first, *others = result.concepts
    tiles = tuple(first.tiles[0].model_copy(update={"image": i}) for i in range(20))
    many = first.model_copy(update={"tiles": tiles})
    text = read(
        build(tmp_path, (result.model_copy(update={"concepts": (many, *others)}), files)), 1
    )
    assert re.findall(r'class="pairs" style="([^"]+)"', text) == [
        "--n:10;--all:20", "--n:10;--all:20;--start:10",
    ]  # fmt: skip


def test_a_picture_that_failed_is_said_to_have_failed(site: Path) -> None:
    first, second = (read(site, n) for n in (1, 2))
    assert "the network finds most of this concept in it, 2.5 times the next" in first
    failed = (
        "the network does not rank this picture first for this concept: 2 others come before it"
    )
    assert failed not in first
    assert failed in second
    assert (site / "classes/0967-espresso/drawn.webp").is_file()


def test_parts_are_those_of_the_card(tmp_path: Path) -> None:
    text = read(build(tmp_path, with_parts(make_class(), 0.6, 0.4)), 1)
    assert '<details class="parts">' in text
    assert 'src="../../parts-01.webp"' in text


def test_a_bare_result_leaves_out_what_it_does_not_know(tmp_path: Path) -> None:
    text = read(build(tmp_path, make_class(bare=True, wrong=None)), 1)
    for word in ("Typical", "in its color", "found again", "covering it", "similar", "no photog"):
        assert word not in text
    assert 'class="place"' not in text


def test_a_concept_that_never_fires_has_no_page(tmp_path: Path) -> None:
    result, files = make_class()
    *others, last = result.concepts
    dead = last.model_copy(update={"tiles": (), "share": 0.0})
    made = result.model_copy(update={"concepts": (*others, dead)}), files
    site = tmp_path / "site"
    render(write_run(tmp_path / "run", made), site)
    assert not (site / FOLDER / "04").exists()
    assert 'rel="next"' not in read(site, 3)


def test_the_numbers_lie_beside_the_page(site: Path) -> None:
    held = json.loads((site / FOLDER / "01/concept.json").read_text())
    result = store.read_class(site.parent / "run", "0967-espresso")
    assert held["concept"]["share"] == result.concepts[0].share
    assert held["concept"]["histogram"]["counts"] == [4, 10, 6, 1]
    assert held["class"]["index"] == ESPRESSO
    assert held["similar"] == [{"index": CUP, "concept": 2, "cosine": 0.876, "mutual": True}]
    assert "tiles" not in held["concept"]
    assert held["random_patches"] == result.refits.random_patches
    model = json.loads((site.parent / "run" / store.MODEL).read_text())
    assert held["random_pairs"] == model["reference"]["random_high"]


def test_a_page_is_light(site: Path) -> None:
    assert max(p.stat().st_size for p in site.glob(f"{FOLDER}/*/index.html")) < 12_000
