import numpy as np
import pytest
from PIL import Image

from lens_site.errors import StageError
from lens_site.prototypes import select, spotlight, windows

BLACK = Image.new("RGB", (96, 96), "black")


def test_the_outline_follows_half_the_scale_on_rows_and_columns() -> None:
    ramp = np.tile(np.linspace(0, 2, 7), (5, 1))  # 5 rows, 7 columns: half the scale in the middle
    lit = np.asarray(spotlight(BLACK, ramp, scale=2.0, side=71), dtype=int)[..., 0]
    assert set(lit.argmax(axis=1).tolist()) == {35}
    assert lit.max() > 180
    turned = np.asarray(spotlight(BLACK, ramp.T, scale=2.0, side=71), dtype=int)[..., 0]
    assert np.abs(turned - lit.T).max() <= 1


def test_a_black_thing_shows_where_the_concept_is() -> None:
    code = np.zeros((5, 7))
    code[1, 5] = 1.0
    lit = np.asarray(spotlight(BLACK, code, scale=1.0, side=70), dtype=int)[..., 0]
    rows, columns = np.nonzero(lit > 150)
    assert 14 < rows.mean() < 28
    assert 50 < columns.mean() < 60


def test_a_map_without_an_edge_has_no_outline() -> None:
    lit = np.asarray(spotlight(BLACK, np.zeros((5, 7)), scale=1.0))
    assert lit.max() == 25
    full = np.asarray(spotlight(BLACK, np.ones((5, 7)), scale=1.0))
    assert full.max() == 0


def test_the_same_bytes_for_the_same_input() -> None:
    code = np.random.default_rng(0).random((5, 7))
    first, second = (spotlight(BLACK, code, scale=1.0).tobytes() for _ in range(2))
    assert first == second != spotlight(BLACK, code[::-1], scale=1.0).tobytes()


@pytest.mark.parametrize("scale", [0.0, -1.0, np.inf, np.nan])
def test_a_scale_that_is_not_positive_is_refused(scale: float) -> None:
    with pytest.raises(StageError, match="wanted a positive scale"):
        spotlight(BLACK, np.ones((5, 7)), scale=scale)


def test_codes_that_are_no_numbers_are_refused() -> None:
    codes = np.ones((3, 5, 7))
    codes[1, 4, 6] = np.nan
    with pytest.raises(StageError, match="wanted a positive scale and finite codes"):
        spotlight(BLACK, codes[1], scale=1.0)
    with pytest.raises(StageError, match=r"codes of image 1 are not finite \(1 of 3"):
        select(codes, windows(5, 7), count=1)
