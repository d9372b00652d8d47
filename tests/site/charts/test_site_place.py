"""The map of where in the picture a concept is."""

import pytest

from lens_site.site.charts.place import core, place


def test_a_concept_stands_where_its_codes_are() -> None:
    shown = place(((0.0, 0.01, 1.0), (0.0, 0.5, 0.5)))
    assert shown is not None
    assert (shown.rows, shown.columns, shown.where) == (2, 3, "top right")
    assert [(s.opacity, s.path) for s in shown.shades] == [(".5", "M1 1h2"), ("1", "M2 0h1")]
    assert place(()) is None
    assert place(((0.0, 0.0),)) is None


def test_the_middle_of_an_even_map_holds_its_part_of_the_area() -> None:
    told = core([[1.0] * 7] * 7)
    assert told is not None
    assert (told.places, told.share, told.even) == ("3 × 3", "18\u202f%", "18\u202f%")


def test_what_is_in_the_center_is_told_beside_its_area() -> None:
    codes = [[0.0] * 7 for _ in range(7)]
    codes[3][3], codes[2][4], codes[0][0] = 2.0, 1.0, 1.0
    shown = place(codes)
    assert shown is not None
    assert shown.told == (
        "strongest at the center; 75\u202f% in the middle 3 × 3, 18\u202f% if everywhere alike"
    )


@pytest.mark.parametrize(
    ("rows", "columns", "middle"),
    [(14, 14, "6 × 6"), (8, 8, "4 × 4"), (4, 4, "2 × 2"), (5, 7, "3 × 3"), (3, 3, "1 × 1")],
)
def test_as_many_places_are_left_out_on_either_side(rows: int, columns: int, middle: str) -> None:
    told = core([[1.0] * columns] * rows)
    assert told is not None
    assert (told.places, told.share) == (middle, told.even)


def test_no_share_is_told_of_codes_of_both_signs_or_of_a_grid_without_middle() -> None:
    assert core([[1.0, -0.2, 0.1], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]]) is None
    assert core([[1.0, 0.5], [0.5, 0.5]]) is None
    assert core([[1.0, 0.5, 0.5, 1.0]]) is None
