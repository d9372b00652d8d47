"""Cells of pictures, and the colors of concepts."""

from tiny_results import make_class

from lens_site.site.badges import tones
from lens_site.site.pages.method import example
from lens_site.site.pictures import picture, sheet_rows, thumbnail


def test_a_thumbnail_is_found_by_row_and_column() -> None:
    result, _ = make_class(images=12)
    crop = thumbnail(result.sprite, 7, 12, "seven")
    assert (crop.row, crop.column, crop.rows, crop.columns, crop.size) == (1, 2, 3, 5, 16)


def test_a_picture_is_as_sharp_as_there_is() -> None:
    result, _ = make_class(images=12)
    assert result.sharp
    assert result.sharp.images == (11, 10, 9, 8, 7, 6, 5, 4)
    first, last, small = (picture(result, i, "one") for i in (7, 5, 0))
    assert (first.file, first.row, first.column, first.rows) == ("sharp-1.webp", 1, 1, 2)
    assert (last.file, last.row, last.column, last.rows) == ("sharp-2.webp", 0, 0, 1)
    assert (first.columns, first.size, last.size) == (3, 32, 32)
    assert small == thumbnail(result.sprite, 0, 12, "one")
    assert sheet_rows(result.sharp) == (2, 1)


def test_without_sharp_ones_every_picture_is_a_thumbnail() -> None:
    result, _ = make_class(images=12, bare=True)
    assert picture(result, 7, "one") == thumbnail(result.sprite, 7, 12, "one")


def test_only_important_concepts_carry_a_color() -> None:
    result, _ = make_class()
    assert tones(result) == {1: "c1", 2: "c2", 3: "c0", 4: "c0"}


def test_the_example_of_the_method_is_a_sharp_image() -> None:
    result, _ = make_class(images=30)
    assert result.sharp
    assert 0 not in result.sharp.images
    assert example(result).picture.file in result.sharp.files
