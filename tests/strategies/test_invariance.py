"""What must not matter to strategies, what must be refused, and what their cost grows with."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from lens_site.errors import ConfigError, StageError
from lens_site.named import names
from lens_site.strategies import find, profiles
from lens_site.strategies.grouper import ROOM, Grouper
from lens_site.strategies.methods.louvain import neighbor_graph


def planted(n: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    truth = np.arange(n) % count
    phi = np.full((count, 8), 0.1) + np.eye(count, 8)
    return phi[truth] + 0.05 * generator.normal(size=(n, 8)), truth


def diffuse(n: int) -> np.ndarray:
    return np.random.default_rng(n).dirichlet(np.ones(6), n) - 0.05


@pytest.mark.parametrize("method", names(ROOM))
@pytest.mark.parametrize("n", [2, 5, 33, 150])
def test_the_order_of_the_images_does_not_matter(n: int, method: str) -> None:
    phi = np.concatenate([diffuse(n), diffuse(n)[: n // 3]])
    order = np.random.default_rng(n).permutation(len(phi))
    straight, shuffled = find(phi, method=method, seed=0), find(phi[order], method=method, seed=0)
    assert straight[order].tolist() == shuffled.tolist()


@pytest.mark.parametrize("method", names(ROOM))
def test_equal_profiles_share_a_strategy(method: str) -> None:
    phi = np.repeat(diffuse(40), 3, axis=0) * np.tile([[1.0], [2.0], [7.0]], (40, 1))
    groups = find(phi, method=method, seed=0).reshape(40, 3)
    assert (groups == groups[:, :1]).all()


@pytest.mark.parametrize("method", names(ROOM))
def test_many_copies_of_few_profiles_are_that_many_strategies(method: str) -> None:
    groups = find(np.repeat(np.eye(4), [30, 90, 60, 20], axis=0), method=method, seed=0)
    assert groups.tolist() == [3] * 30 + [1] * 90 + [2] * 60 + [4] * 20


def test_scale_of_an_image_does_not_matter() -> None:
    phi, truth = planted(90, 3, seed=0)
    scales = np.geomspace(1e-150, 1e150, 90)[:, None]
    assert adjusted_rand_score(truth, find(phi * scales, method="louvain", seed=0)) == 1


def test_evidence_against_the_class_is_not_evidence_for_it() -> None:
    phi = np.array([4, 3, 2, 1, 1, 1]) + 0.3 * np.random.default_rng(0).normal(size=(61, 6))
    phi[31:, 1] *= -1
    assert find(phi, method="louvain", seed=0).tolist() == [1] * 31 + [2] * 30


def test_an_odd_image_joins_a_strategy() -> None:
    truth = np.arange(61) % 2
    phi = np.eye(8)[truth] + 0.001 * np.random.default_rng(1).normal(size=(61, 8))
    phi[0] = -np.arange(8)  # so far that the weight of its edges underflows
    assert np.bincount(find(phi, method="louvain", seed=0))[1:].tolist() == [31, 30]


def test_what_hdbscan_calls_noise_joins_a_strategy() -> None:
    phi, _ = planted(100, 2, seed=1)
    phi[::10] += np.random.default_rng(1).normal(size=(10, 8))
    assert find(phi, method="hdbscan", seed=0).max() == 2


@pytest.mark.parametrize("method", names(ROOM))
def test_no_image_is_left_without_a_strategy(method: str) -> None:
    groups = find(diffuse(100), method=method, seed=0)
    assert sorted(set(groups.tolist())) == list(range(1, groups.max() + 1))
    assert (np.diff(np.bincount(groups)[1:]) <= 0).all()


def test_the_largest_numbers_do_not_overflow() -> None:
    assert profiles(np.array([[1e308, -1e308]])).tolist() == [[0.5, -0.5]]
    assert profiles(np.array([[5e-324, 0.0]])).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_importance_that_is_no_number_is_refused(value: float) -> None:
    phi = np.ones((4, 2))
    phi[2, 1] = value
    with pytest.raises(StageError, match=r"image 2 is not finite \(1 of 4"):
        find(phi, method="dominant", seed=0)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_image_or_no_concept_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(StageError, match="leave out classes without images"):
        profiles(np.zeros(shape))


class Halves(Grouper):
    """A method from outside the package: the sorted profiles, cut in two."""

    name = "halves"

    def group(self, profiles: np.ndarray, *, seed: int) -> np.ndarray:
        assert (np.diff(profiles[:, 0]) >= 0).all()
        return np.where(np.arange(len(profiles)) < len(profiles) // 3, 7, -2)


def test_a_method_from_outside_is_named_by_its_module() -> None:
    groups = find(diffuse(30), method=f"{__name__}:Halves", seed=0)
    assert np.bincount(groups).tolist() == [0, 20, 10]


def test_an_unknown_method_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"strategies: no 'luovain'; did you mean 'louvain'"):
        find(np.ones((3, 2)), method="luovain", seed=0)


def test_the_graph_of_many_images_stays_sparse() -> None:
    """Time and memory of Louvain go with the edges: n √n of them, not n²."""
    edges = [neighbor_graph(profiles(diffuse(n))).number_of_edges() for n in (100, 400)]
    assert edges[0] < 100 * 10
    assert edges[1] < 10 * edges[0]
