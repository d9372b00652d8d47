"""Every method on rows that real classes can bring: a result, or one line with the way out."""

import pytest
import torch
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction import METHODS

every_method = pytest.mark.parametrize("method", METHODS)


def uniform(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(5))


def spoilt(value: float) -> Tensor:
    rows = uniform(49, 16)
    rows[3, 4] = value
    return rows


def alone(rows: int) -> Tensor:
    """All rows zero but the last."""
    matrix = torch.zeros(rows, 16)
    matrix[-1] = uniform(16)
    return matrix


def fit(method, rows, k):
    return METHODS[method](k).fit(rows, generator=torch.Generator().manual_seed(0))


OUTLIER = torch.ones(49, 1).index_fill(0, torch.tensor([7]), 1e4)

ODD = {
    "constant rows": (torch.full((49, 16), 2.0), 5),
    "one row again and again": (uniform(1, 16).repeat(49, 1), 5),
    "fewer different rows than k": (uniform(3, 16).repeat(17, 1), 5),
    "as many rows as k": (uniform(5, 16), 5),
    "one image": (uniform(49, 16), 10),
    "one concept": (uniform(49, 16), 1),
    "one channel": (uniform(49, 1), 1),
    "one constant channel": (torch.ones(49, 1), 1),
    "one number": (torch.ones(1, 1), 1),
    "zero rows but one": (alone(49), 5),
    "zero rows but one, which a sample of them misses": (alone(20_000), 5),
    "one row ten thousand times the others": (uniform(49, 16) * OUTLIER, 5),
    "small numbers": (1e-11 * uniform(49, 16), 5),
    "large numbers": (1e11 * uniform(49, 16), 5),
}

HARDLY_SEEN = "zero rows but one, which a sample of them misses"
"""No mini-batch is sure to meet that row either: the autoencoders need not learn it."""


@every_method
@pytest.mark.parametrize("name", ODD)
def test_odd_rows_give_a_result(method, name):
    rows, k = ODD[name]
    extractor = fit(method, rows, k)
    codes = extractor.encode(rows)
    restored = extractor.decode(codes)
    assert (codes.shape, restored.shape) == ((len(rows), k), rows.shape)
    assert all(bool(x.isfinite().all()) for x in (extractor.dictionary, codes, restored))
    most = 1.001 if name == HARDLY_SEEN and "sae" in method else 0.6
    assert (restored - rows).norm() <= most * rows.norm()
    assert extractor.encode(rows[:0]).shape == (0, k)


@every_method
@pytest.mark.parametrize("name", ["constant rows", "fewer different rows than k", "one number"])
def test_rows_of_low_rank_are_restored(method, name):
    rows, k = ODD[name]
    extractor = fit(method, rows, k)
    assert (extractor.decode(extractor.encode(rows)) - rows).norm() <= 1e-3 * rows.norm()


@every_method
@pytest.mark.parametrize(
    ("rows", "k", "words"),
    [
        (torch.ones(3, 8), 4, "3 rows of activations for k = 4 .* lower k or give more images"),
        (torch.ones(0, 8), 1, "0 rows of activations for k = 1"),
        (torch.ones(9, 0), 4, "activations have 0 channels; choose another layer"),
        (torch.zeros(9, 8), 4, "all activations are zero; choose another layer"),
        (spoilt(float("nan")), 4, "NaN or infinite values; check the model's weights"),
        (spoilt(float("inf")), 4, "NaN or infinite values"),
        (spoilt(float("-inf")), 4, "NaN or infinite values"),
        (spoilt(1e20), 4, r"the largest activation is 1e\+20, it computes from 1e-12 to 1e\+12"),
        (1e-20 * torch.ones(9, 8), 4, r"the largest activation is 1e-20"),
        (torch.ones(9, 8, dtype=torch.float16), 4, "are torch.float16; convert them to float32"),
    ],
)
def test_bad_rows_are_named(method, rows, k, words):
    with pytest.raises(StageError, match=f"^{method}: .*{words}") as caught:
        fit(method, rows, k)
    assert "\n" not in str(caught.value)


@every_method
def test_more_concepts_than_channels(method):
    rows = uniform(49, 2)
    if method == "pca":
        with pytest.raises(StageError, match="pca: k = 5 with 2 channels; give k of at most 2"):
            fit(method, rows, 5)
        return
    extractor = fit(method, rows, 5)
    assert (extractor.decode(extractor.encode(rows)) - rows).norm() <= 0.4 * rows.norm()


@every_method
@pytest.mark.parametrize(
    ("new", "words"),
    [
        (torch.ones(2, 15), "have 15 channels, the dictionary has 16; give activations of the"),
        (spoilt(float("nan")), "hold NaN or infinite values; check the picture"),
        (torch.ones(2, 16).double(), "are torch.float64, the dictionary is torch.float32"),
    ],
)
def test_bad_new_rows_are_named(method, new, words):
    with pytest.raises(StageError, match=f"^{method}: rows to encode {words}"):
        fit(method, uniform(49, 16), 3).encode(new)
