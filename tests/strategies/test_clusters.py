import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from lens_site.strategies import describe, find, profiles


def around_centers(
    n: int, count: int, seed: int, concepts: int = 10
) -> tuple[np.ndarray, np.ndarray]:
    """Profiles drawn around known, well-separated centers."""
    generator = np.random.default_rng(seed)
    while True:
        centers = generator.dirichlet(np.full(concepts, 0.4), count)
        gaps = np.abs(centers[:, None] - centers[None]).sum(axis=-1) + 9 * np.eye(count)
        if gaps.min() > 0.7:
            break
    truth = np.arange(n) % count
    phi = np.stack([generator.dirichlet(80 * centers[t] + 0.05) for t in truth])
    return phi * generator.lognormal(0, 0.5, (n, 1)), truth


def of_patterns(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images composed of known patterns of one to three concepts, with signed noise."""
    generator = np.random.default_rng(seed)
    patterns = np.zeros((4, 10))
    for row, concepts in enumerate(((0,), (1, 2), (3, 4, 5), (6, 0))):
        patterns[row, list(concepts)] = 1
    truth = np.arange(n) % 4
    weights = generator.lognormal(0, 0.2, (n, 10))
    return patterns[truth] * weights + 0.05 * generator.normal(size=(n, 10)), truth


@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("n", [60, 200, 400])
def test_planted_strategies_are_recovered(n: int, count: int) -> None:
    phi, truth = around_centers(n, count, seed=n + count)
    assert adjusted_rand_score(truth, find(phi, method="louvain", seed=0)) >= 0.95


@pytest.mark.parametrize("n", [40, 300])
def test_images_of_known_patterns_are_recovered(n: int) -> None:
    phi, truth = of_patterns(n, seed=n)
    assert adjusted_rand_score(truth, find(phi, method="louvain", seed=0)) >= 0.95


@pytest.mark.parametrize("n", [30, 150, 400])
def test_one_cloud_is_one_strategy(n: int) -> None:
    phi = np.random.default_rng(n).dirichlet(np.linspace(8, 1, 10), n)
    assert find(phi, method="louvain", seed=0).max() <= 2


def test_numbered_by_size() -> None:
    phi = np.repeat(np.eye(3), [5, 20, 9], axis=0)
    phi = phi + 0.01 * np.random.default_rng(0).normal(size=phi.shape)
    groups = find(phi, method="dominant", seed=0)
    assert groups.tolist() == [3] * 5 + [1] * 20 + [2] * 9
    assert np.bincount(groups)[1:].tolist() == [20, 9, 5]


def test_hdbscan_finds_planted_strategies() -> None:
    phi, truth = around_centers(200, 3, seed=5)
    assert adjusted_rand_score(truth, find(phi, method="hdbscan", seed=0)) >= 0.8


@pytest.mark.parametrize("method", ["louvain", "dominant", "hdbscan"])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_images(n: int, method: str) -> None:
    phi = np.random.default_rng(n).normal(size=(n, 4))
    groups = find(phi, method=method, seed=0)
    assert sorted(set(groups.tolist())) == list(range(1, groups.max() + 1))


@pytest.mark.parametrize("phi", [np.zeros((30, 4)), np.ones((30, 1)), np.ones((30, 4))])
def test_equal_profiles_are_one_strategy(phi: np.ndarray) -> None:
    assert set(find(phi, method="louvain", seed=0).tolist()) == {1}


def test_the_same_seed_gives_the_same_strategies() -> None:
    phi, _ = around_centers(120, 4, seed=1)
    first, second = (find(phi, method="louvain", seed=3) for _ in range(2))
    assert np.array_equal(first, second)


def test_profiles_keep_the_sign_and_have_unit_norm() -> None:
    points = profiles(np.array([[3.0, -1.0], [0.0, 0.0]], dtype=np.float32))
    assert points.tolist() == [[0.75, -0.25], [0.0, 0.0]]


def test_description_of_a_strategy() -> None:
    points = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.85, 0.15]])
    assignment = np.array([1, 1, 2, 1])
    layout = np.array([[0.0, 0.0], [1.0, 0.5], [-1.0, -1.0], [0.5, 0.1]])
    labels = np.array([7, 3, -1, 7])
    first, second = describe(points, assignment, layout, labels, 7)
    assert first.members == (0, 1, 3)
    assert first.profile == pytest.approx((0.85, 0.15))
    assert (first.dominant, second.dominant) == (0, 1)
    assert first.prototypes[0] == 3
    assert set(first.outliers[:2]) == {0, 1}
    assert first.center == (0.5, 0.1)
    assert first.reliability == pytest.approx(2 / 3)
    assert first.mistakes == ((3, 1),)
    assert second.reliability is None
