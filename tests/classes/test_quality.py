"""The figures of step one on a class page: which are exact, which are taken on samples."""

import numpy as np
import pytest
import torch
from torch import Tensor

from lens_site.classes import quality
from lens_site.extraction import METHODS, Extractor, metrics
from lens_site.results.schema import Metrics

EXACT = {"explained_logit", "logit_r2", "relative_l2", "r2", "sparsity", "dead_concepts"}
N, S, P = 12, 9, 6


@pytest.fixture
def activations() -> Tensor:
    return torch.rand(N, S, P, generator=torch.Generator().manual_seed(3))


def measured(activations: Tensor, method: str = "kmeans") -> tuple[Metrics, Extractor]:
    generator = torch.Generator().manual_seed(0)
    extractor = METHODS[method](3).fit(activations.flatten(0, 1), generator=generator)
    codes = extractor.encode(activations.flatten(0, 1)).unflatten(0, (len(activations), S))
    y = activations.mean(dim=(1, 2)).numpy()
    y_hat = extractor.decode(codes.flatten(0, 1)).view(len(activations), -1).mean(dim=1).numpy()
    made = quality.measure_quality(extractor, activations, codes, y, y_hat, generator=generator)
    return made, extractor


def test_a_class_smaller_than_the_samples_is_measured_whole(activations: Tensor) -> None:
    figures, extractor = measured(activations)
    rows = activations.flatten(0, 1)
    restored = extractor.decode(extractor.encode(rows))
    assert figures.sample == N * S
    assert figures.relative_l2 == pytest.approx(metrics.relative_l2(rows, restored), rel=1e-5)
    assert figures.wasserstein_1 == pytest.approx(metrics.wasserstein_1(rows, restored), rel=1e-5)
    assert figures.ood == pytest.approx(metrics.ood(rows, restored), rel=1e-5)
    assert figures.ood_real == pytest.approx(nearest_other(rows), rel=1e-5)
    assert figures.frechet_distance == pytest.approx(
        metrics.frechet_distance(rows.double(), restored.double()), rel=1e-4
    )
    assert figures.sparsity == pytest.approx(2 / 3)
    assert figures.logit_r2 is not None
    assert 0 < figures.logit_r2 < 1


def nearest_other(rows: Tensor) -> float:
    """By all distances, in double."""
    unit = torch.nn.functional.normalize(rows.double())
    distances = torch.cdist(unit, unit)
    return float(distances.fill_diagonal_(np.inf).amin(dim=1).mean())


def test_real_patches_are_those_of_the_reconstructions(
    activations: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both distances are of the same patches, and to the same sample."""
    seen: list[tuple[Tensor, ...]] = []
    monkeypatch.setattr(quality, "SAMPLE", 40)
    monkeypatch.setattr(quality, "REBUILT", 10)
    monkeypatch.setattr(metrics, "ood", lambda *given: seen.append(given) or 0.0)
    monkeypatch.setattr(metrics, "ood_real", lambda *given: seen.append(given) or 0.0)
    _, extractor = measured(activations)
    (sample, restored), (known, few) = seen
    assert len(sample) == 40 and len(few) == 10
    assert torch.equal(sample, known)
    torch.testing.assert_close(restored, extractor.decode(extractor.encode(known[few])))


def test_samples_touch_the_distances_alone(
    activations: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = measured(activations)
    monkeypatch.setattr(quality, "SAMPLE", 40)
    monkeypatch.setattr(quality, "REBUILT", 10)
    sampled, _ = measured(activations)
    assert sampled == measured(activations)[0]
    assert sampled.sample == 40
    assert whole.model_dump(include=EXACT) == sampled.model_dump(include=EXACT)
    assert whole.wasserstein_1 != sampled.wasserstein_1
    assert whole.frechet_distance != sampled.frechet_distance
    assert whole.ood != sampled.ood
    assert whole.ood_real != sampled.ood_real


def test_logits_that_do_not_vary(activations: Tensor) -> None:
    same = activations[:1].expand(N, S, P)
    figures, _ = measured(same)
    assert figures.logit_r2 is None
    assert np.isfinite(figures.frechet_distance)
