"""Against Overcomplete 0.3, the reference of the NMF family, of the group ``peers``.

It asks for Python below 3.13 and matplotlib below 3.9.
"""

import importlib
import warnings

import pytest
import torch

from lens_site.extraction import metrics
from lens_site.extraction.methods.convex_nmf import ConvexNMF
from lens_site.extraction.methods.semi_nmf import SemiNMF


@pytest.fixture(scope="module")
def overcomplete():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for part in ("optimization", "metrics"):
                importlib.import_module(f"overcomplete.{part}")
        except (ImportError, AttributeError) as problem:
            pytest.skip(f"no Overcomplete: pip install --group peers, on Python < 3.13 ({problem})")
        return importlib.import_module("overcomplete")


@pytest.fixture(params=["positive", "signed"])
def rows(request, relu_rows):
    return relu_rows if request.param == "positive" else relu_rows - relu_rows.mean()


def squared_error(extractor, rows):
    return float((rows - extractor.decode(extractor.encode(rows))).square().sum())


def reference_error(model, rows):
    state = torch.random.get_rng_state()
    torch.manual_seed(0)  # it draws from the global generator
    codes, atoms = model.fit(rows, max_iter=1000)
    torch.random.set_rng_state(state)
    return float((rows - codes @ atoms).square().sum())


def test_semi_nmf(overcomplete, rows, generator):
    theirs = reference_error(overcomplete.optimization.SemiNMF(8, tol=1e-6), rows)
    ours = squared_error(SemiNMF(8).fit(rows, generator=generator), rows)
    assert ours <= 1.02 * theirs


def test_convex_nmf(overcomplete, rows, generator):
    # every row is a candidate in both: 600 are fewer than our limit
    model = overcomplete.optimization.ConvexNMF(8, tol=1e-6, strict_convex=True)
    ours = squared_error(ConvexNMF(8).fit(rows, generator=generator), rows)
    assert ours <= 1.02 * reference_error(model, rows)


def test_distances_of_the_same_definition(overcomplete, rows, generator):
    restored = 0.8 * rows + 0.1 * torch.randn(rows.shape, generator=generator)
    theirs = overcomplete.metrics
    assert metrics.wasserstein_1(rows, restored) == pytest.approx(
        float(theirs.wasserstein_1d(rows, restored)), rel=1e-5
    )
    assert metrics.frechet_distance(rows, restored) == pytest.approx(
        float(theirs.frechet_distance(rows.double(), restored.double())), rel=1e-4
    )
    one, other = (torch.rand(6, 20, generator=generator) for _ in range(2))
    assert metrics.dictionary_distance(one, other, sign_free=False) == pytest.approx(
        theirs.cosine_hungarian_loss(one, other) / 6, rel=1e-5
    )


def test_reconstruction_metrics_of_the_same_definition(overcomplete, rows, generator):
    theirs = overcomplete.metrics
    restored = 0.8 * rows + 0.1 * torch.randn(rows.shape, generator=generator)
    part = theirs.l2(rows - restored) / theirs.l2(rows)
    assert metrics.relative_l2(rows, restored) == pytest.approx(float(part), rel=1e-5)
    # theirs is the mean over all entries, ours that of each channel: the same for centered rows
    shift = rows.mean(dim=0)
    assert metrics.r2(rows - shift, restored - shift) == pytest.approx(
        float(theirs.r2_score(rows - shift, restored - shift)), rel=1e-4
    )


def test_code_metrics_of_the_same_definition(overcomplete, generator):
    theirs = overcomplete.metrics
    codes = torch.rand(300, 7, generator=generator) - 0.6
    codes = codes.clamp_min(0).index_fill(1, torch.tensor([2, 5]), 0)
    assert metrics.sparsity(codes) == pytest.approx(1 - float(theirs.l0(codes)))
    assert metrics.dead_concepts(codes) == float(theirs.dead_codes(codes).sum()) == 2
