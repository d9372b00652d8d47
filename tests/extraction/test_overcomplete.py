"""Against Overcomplete 0.3, the reference of the NMF family; it needs matplotlib below 3.9."""

import importlib
import warnings

import pytest
import torch

from lens_site.extraction import ConvexNMF, SemiNMF, metrics


@pytest.fixture(scope="module")
def overcomplete():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for part in ("optimization", "metrics"):
                importlib.import_module(f"overcomplete.{part}")
        except (ImportError, AttributeError) as problem:
            pytest.skip(f"no reference: pip install overcomplete 'matplotlib<3.9' ({problem})")
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


def test_metrics_of_the_same_definition(overcomplete, rows, generator):
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
