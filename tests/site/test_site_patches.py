"""What the pages say of patches: places or windows, and the parts that a concept is made of."""

from pathlib import Path

import pytest
from tiny_results import make_class, with_parts, write_run

from lens_site.results.schema import ClassResult
from lens_site.site.pages.method import example
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

CLASS = "classes/0967-espresso"


def crops() -> tuple[ClassResult, dict[str, bytes]]:
    """A class of windows of a quarter of the side, half of their side apart, 4 × 4."""
    result, files = make_class(patches="crops")
    moved = tuple(
        tile.model_copy(
            update={"row": i % 4, "column": 3 - i % 4,
                    "box": (0.125 * (3 - i % 4), 0.125 * (i % 4),
                            0.125 * (3 - i % 4) + 0.25, 0.125 * (i % 4) + 0.25)}
        )
        for i, tile in enumerate(result.concepts[0].tiles)
    )  # fmt: skip
    concepts = tuple(c.model_copy(update={"tiles": moved}) for c in result.concepts)
    return result.model_copy(update={"concepts": concepts, "grid": (4, 4)}), files


def test_windows_are_never_called_places_of_a_layer(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", with_parts(crops(), 1.0), patches="crops", layer="blocks.3")
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    method = (tmp_path / "site/method/index.html").read_text()
    assert "cuts the image into 4 × 4 square windows that overlap" in method
    assert "of its layer <code>blocks.3</code>, averaged" in method
    assert "each window of our image" in method
    assert "places" not in method
    page = (tmp_path / "site" / CLASS / "index.html").read_text()
    assert "1,960 patches: 4 × 4 overlapping square windows of each image" in page
    assert "14 × 14 windows" in page
    assert "places" not in page
    assert "two sevenths" in (tmp_path / "site/about/index.html").read_text()


def test_places_of_the_last_layer_or_of_a_named_one(tmp_path: Path) -> None:
    for layer, said in (
        ({}, "The last layer of the network that still tells places apart sees"),
        ({"layer": "blocks.3"}, "The layer <code>blocks.3</code> of the network sees"),
    ):
        run = write_run(tmp_path / "run", make_class(), **layer)
        render(run, tmp_path / "site")
        method = (tmp_path / "site/method/index.html").read_text()
        assert f"{said} the image as a grid of 7 × 7 places" in method
        assert "window" not in method


def test_windows_are_windows_where_the_tiles_are() -> None:
    windows = example(crops()[0]).windows
    assert len(windows) == 16
    assert (windows[1].left, windows[1].top, windows[1].side) == ("12.5", "0", "25")
    assert (windows[4].left, windows[4].top) == ("0", "12.5")


@pytest.mark.parametrize("linear", [True, False])
def test_only_a_linear_head_makes_contributions_add_up(tmp_path: Path, linear: bool) -> None:
    run = write_run(tmp_path / "run", make_class(adds_up=linear), linear=linear)
    render(run, tmp_path / "site")
    method = (tmp_path / "site/method/index.html").read_text()
    assert ("the parts add up" in method) == linear
    assert ("everything else</th>" in method) == linear


def test_the_parts_stand_under_their_concept(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", with_parts(make_class(), 0.6, 0.3, 0.1))
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    page = tmp_path / "site" / CLASS
    assert (page / "parts-01.webp").read_bytes() == (
        run / "0967-espresso/parts-01.webp"
    ).read_bytes()
    text = (page / "index.html").read_text()
    assert text.count('<details class="parts">') == 1
    shown = text[text.index('<details class="parts">') : text.index('id="concept-2"')]
    assert shown.count("60\u202f%") == 2
    assert "<code>blocks.&lt;4&gt;</code>, 14 × 14 places" in shown
    assert 'alt="3 image patches that hold part 1 of concept 1 most"' in shown
    assert 'alt="1 image patch that hold' in shown
    third = "--n:1;--w:3;--y:2;--h:3"
    assert third in shown, "one tile of three columns wide, in the third row of the sheet"


def test_a_part_that_no_image_holds_has_no_strip(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", with_parts(make_class(), 0.5, 0.3, 0.2, 0.0))
    render(run, tmp_path / "site")
    text = (tmp_path / "site" / CLASS / "index.html").read_text()
    assert text.count('class="parts__sheet"') == 3
    assert "never present in these images" in text


def test_nothing_is_said_of_parts_without_recursion(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    render(run, tmp_path / "site")
    text = (tmp_path / "site" / CLASS / "index.html").read_text()
    assert 'class="parts"' not in text
    assert "arXiv 2211.10154" not in text
