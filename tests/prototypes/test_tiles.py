import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lens_site.prototypes import cut, select, spotlight
from lens_site.prototypes.tiles import WINDOW, windows

HEIGHT, WIDTH = 5, 7
BOXES = windows(HEIGHT, WIDTH)


def codes(n: int = 6) -> np.ndarray:
    return np.random.default_rng(0).random((n, HEIGHT, WIDTH)).astype(np.float32)


def test_the_largest_code_of_each_image_best_first() -> None:
    maps = codes()
    maps[4, 1, 6] = 3.0
    maps[2, 3, 0] = 2.0
    first, second, *_ = tiles = select(maps, BOXES, count=4)
    assert (first.image, first.row, first.column, first.code) == (4, 1, 6, 3.0)
    assert (second.image, second.row, second.column) == (2, 3, 0)
    assert len({t.image for t in tiles}) == len(tiles) == 4


def test_a_concept_that_never_fires_has_no_tiles() -> None:
    assert select(np.zeros((3, HEIGHT, WIDTH)), BOXES, count=4) == ()
    assert len(select(np.eye(3)[:, None], windows(1, 3), count=10)) == 3


def test_ties_go_to_the_first_image_and_cell() -> None:
    tiles = select(np.ones((3, 2, 2)), windows(2, 2), count=2)
    assert [(t.image, t.row, t.column) for t in tiles] == [(0, 0, 0), (1, 0, 0)]


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_windows_stay_inside_and_hold_their_cell(h: int, w: int, data: st.DataObject) -> None:
    row, column = data.draw(st.integers(0, h - 1)), data.draw(st.integers(0, w - 1))
    left, top, right, bottom = windows(h, w)[row, column]
    assert 0 <= left < right <= 1 + 1e-9
    assert right - left == pytest.approx(WINDOW)
    assert left <= (column + 0.5) / w <= right
    assert top <= (row + 0.5) / h <= bottom


def test_cut_takes_columns_across_and_rows_down() -> None:
    view = Image.new("RGB", (70, 50), "black")
    view.paste("red", (60, 0, 70, 10))  # the last column of the first row of 5 × 7 cells
    tile = cut(view, (60 / 70, 0.0, 1.0, 10 / 50), side=16)
    assert np.array_equal(np.asarray(tile)[8, 8], [255, 0, 0])
    assert tile.size == (16, 16)


def test_spotlight_keeps_color_where_the_concept_is() -> None:
    view = Image.new("RGB", (56, 40), (200, 40, 40))
    light = np.zeros((HEIGHT, WIDTH))
    light[:, 5:] = 4.0
    lit = np.asarray(spotlight(view, light, scale=4.0, side=64), dtype=int)
    assert np.abs(lit[32, 60] - [200, 40, 40]).max() <= 1
    assert np.ptp(lit[32, 4]) == 0
    assert lit[32, 4].max() < 100
