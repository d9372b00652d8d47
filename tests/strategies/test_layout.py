import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from lens_site.strategies import embed


def clusters(n: int) -> tuple[np.ndarray, np.ndarray]:
    truth = np.arange(n) % 3
    points = np.eye(3)[truth] + 0.05 * np.random.default_rng(0).normal(size=(n, 3))
    return points, truth


def test_images_of_one_strategy_lie_together() -> None:
    points, truth = clusters(90)
    layout = embed(points, seed=0)
    far = pairwise_distances(layout)
    np.fill_diagonal(far, np.inf)
    assert np.array_equal(truth[far.argmin(axis=1)], truth)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 40])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_fills_the_square(n: int, k: int) -> None:
    points = np.random.default_rng(n).dirichlet(np.ones(k), n) if k > 1 else np.ones((n, 1))
    layout = embed(points, seed=0)
    assert layout.shape == (n, 2)
    assert np.isfinite(layout).all()
    assert np.abs(layout).max() <= 1


def test_equal_profiles_are_laid_out() -> None:
    layout = embed(np.tile([[0.5, 0.5]], (30, 1)), seed=0)
    assert np.isfinite(layout).all()


def test_the_same_bytes_for_the_same_seed() -> None:
    points, _ = clusters(60)
    assert embed(points, seed=4).tobytes() == embed(points, seed=4).tobytes()


def symmetric(n: int) -> np.ndarray:
    """Profiles of which the mirror image is as good: every largest score has an equal."""
    half = np.random.default_rng(3).dirichlet(np.ones(4), n // 2)
    return np.concatenate([half, half[:, [1, 0, 3, 2]]])


CASES = [("clusters", 6), ("clusters", 90), ("clusters", 200), ("symmetric", 6), ("symmetric", 90)]


@pytest.mark.parametrize(("kind", "n"), CASES)
def test_a_trace_of_noise_mirrors_no_axis(kind: str, n: int) -> None:
    points = clusters(n)[0] if kind == "clusters" else symmetric(n)
    layout = embed(points, seed=0)
    for seed in range(6):
        noise = 1e-7 * np.random.default_rng(seed).normal(size=points.shape)
        again = embed(points + noise, seed=0)
        for axis in range(2):
            assert np.corrcoef(layout[:, axis], again[:, axis])[0, 1] > 0.8
