import numpy as np
import pytest
from scipy.stats import ks_2samp, spearmanr

from lens_site.bench.strategies import cloud
from lens_site.strategies.cloud import draw_clouds


def drawn(points: np.ndarray, draws: int = 20) -> np.ndarray:
    return draw_clouds(points, draws, generator=np.random.default_rng(0))


@pytest.mark.parametrize("kind", ["correlated logistic-normal", "signed normal"])
def test_concepts_keep_their_distribution_and_their_correlations(kind: str) -> None:
    points = cloud(kind, 400, 1)
    clouds = drawn(points)
    np.testing.assert_allclose(np.abs(clouds).sum(axis=2), 1)
    pooled = clouds.reshape(-1, points.shape[1])
    for concept in range(points.shape[1]):
        assert ks_2samp(points[:, concept], pooled[:, concept]).statistic < 0.1
    want, got = spearmanr(points).statistic, spearmanr(pooled).statistic
    assert np.abs(want).max(where=want < 0.999, initial=0) > 0.2  # there is something to keep
    assert np.abs(want - got).max() < 0.15


def test_draws_differ_and_vary_as_samples_do() -> None:
    points = cloud("logistic-normal", 100, 0)
    clouds = drawn(points, 200)
    spread = clouds[:, :, 0].mean(axis=1).std()
    wanted = points[:, 0].std() / np.sqrt(100)
    assert spread == pytest.approx(wanted, rel=0.25)  # a shuffle of the values would not vary


def test_concepts_that_never_vary_are_drawn() -> None:
    points = np.tile([0.5, -0.5, 0.0], (10, 1))
    np.testing.assert_allclose(drawn(points, 2), np.tile(points, (2, 1, 1)))
    assert not drawn(np.zeros((5, 3)), 2).any()
    np.testing.assert_allclose(drawn(np.array([[0.3, 0.7]]), 2), [[[0.3, 0.7]]] * 2)
