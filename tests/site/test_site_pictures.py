"""Cells of pictures, and the colors of concepts."""

from tiny_results import make_class

from lens_site.site.badges import tones
from lens_site.site.pictures import thumbnail


def test_a_thumbnail_is_found_by_row_and_column() -> None:
    result, _ = make_class(images=12)
    crop = thumbnail(result.sprite, 7, 12, "seven")
    assert (crop.row, crop.column, crop.rows, crop.columns) == (1, 2, 3, 5)


def test_only_important_concepts_carry_a_color() -> None:
    result, _ = make_class()
    assert tones(result) == {1: "c1", 2: "c2", 3: "c0", 4: "c0"}
