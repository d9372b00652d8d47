"""Groups that the data support, and none where there is one cloud."""

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from lens_site.bench.strategies import CLOUDS, centers, cloud, patterns
from lens_site.strategies import Found, assigned, find
from lens_site.strategies.methods import copula
from lens_site.strategies.methods.copula import ALL_DRAWS, DRAWS, NOT_AGAIN, soft_membership


def found_in(phi: np.ndarray, seed: int = 0) -> Found:
    return find(phi, method="copula", seed=seed)


@pytest.mark.parametrize("family", [patterns, centers])
@pytest.mark.parametrize(
    ("strength", "least"), [("medium", 0.8), ("strong", 0.9), ("very strong", 0.95)]
)
def test_planted_groups_are_recovered(family, strength: str, least: float) -> None:
    reached = []
    for groups in range(2, 7):
        phi, truth = family(200, groups, strength, seed=groups)
        found = found_in(phi)
        assert found.membership.shape[1] > 1
        reached.append(adjusted_rand_score(truth, assigned(found.membership)))
    assert np.mean(reached) >= least


@pytest.mark.parametrize("n", [60, 300])
@pytest.mark.parametrize("kind", CLOUDS)
def test_one_cloud_is_left_whole(kind: str, n: int) -> None:
    """Of three clouds, at the level .05, one may be split by chance but never two."""
    split = sum(found_in(cloud(kind, n, seed)).membership.shape[1] > 0 for seed in range(3))
    assert split <= 1


def test_what_supports_the_groups_is_told() -> None:
    phi, _ = patterns(200, 3, "strong", seed=1)
    found = found_in(phi)
    assert found.draws == ALL_DRAWS
    assert found.p_value == 1 / (1 + ALL_DRAWS)
    assert found.agreement is not None
    assert found.agreement_null is not None
    assert found.agreement > 0.9 > found.agreement_null
    assert found.reason == ""


def test_groups_that_halves_do_not_find_again_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    phi, _ = patterns(200, 3, "strong", seed=1)
    by_halves = np.array([[0.46] * 7]), np.array([[0.42] * 7])

    def hardly(clouds: torch.Tensor, numbers: object, **how: object) -> np.ndarray:
        return by_halves[len(clouds) > 1]

    monkeypatch.setattr(copula.halves, "agreement", hardly)
    found = found_in(phi)
    assert found.p_value == 1 / (1 + ALL_DRAWS)
    assert (found.membership.shape, found.reason) == ((200, 0), NOT_AGAIN)
    assert (found.agreement, found.agreement_null) == (0.46, 0.42)


def test_of_the_numbers_of_groups_one_counts_that_is_found_again_nearly_best() -> None:
    of_null = np.array([0.5, 0.5, 0.5, 1.0])
    again = copula._again(np.array([0.9, 0.73, 0.7, 1.0]), of_null)
    assert again.tolist() == [True, False, False, False]
    weaker = copula._again(np.array([0.59, 0.61, 0.5, 1.0]), of_null)
    assert weaker.tolist() == [False, True, False, False]


def test_a_number_that_leaves_a_group_of_few_images_is_passed_over() -> None:
    phi = np.repeat(np.eye(4), [30, 40, 26, 4], axis=0)
    found = found_in(phi + 0.05 * np.random.default_rng(0).random(phi.shape))
    assert np.bincount(assigned(found.membership)).min() >= copula.SMALLEST_GROUP


def test_a_cloud_is_settled_by_the_first_draws() -> None:
    found = found_in(cloud("flat Dirichlet", 200, 0))
    assert (found.draws, found.membership.shape) == (DRAWS, (200, 0))
    assert found.p_value is not None
    assert found.p_value > 0.25
    assert "one continuous cloud" in found.reason
    assert found.agreement is None


def test_no_groups_are_looked_for_among_few_images() -> None:
    phi, _ = patterns(60, 2, "very strong", seed=0)
    few = found_in(phi[:59])
    assert (few.p_value, few.draws, few.membership.shape) == (None, 0, (59, 0))
    assert few.reason == "59 images are too few to tell groups; it takes 60"
    assert found_in(phi).membership.shape == (60, 2)


@pytest.mark.parametrize("phi", [np.zeros((70, 4)), np.ones((70, 1)), np.ones((70, 4))])
def test_equal_profiles_are_no_groups(phi: np.ndarray) -> None:
    found = found_in(phi)
    assert (found.membership.shape, found.p_value) == ((70, 0), None)
    assert found.reason == "all images have the same profile"


def test_many_copies_of_few_profiles_are_that_many_strategies() -> None:
    found = found_in(np.repeat(np.eye(4), [30, 90, 60, 20], axis=0))
    assert assigned(found.membership).tolist() == [2] * 30 + [0] * 90 + [1] * 60 + [3] * 20


SIGNS = np.array([[1, 1, 1, 1, -1, -1], [1, -1, 1, -1, 1, 1], [1, 1, -1, -1, 1, 1]])


def test_evidence_against_the_class_is_not_evidence_for_it() -> None:
    truth = np.repeat([0, 1, 2], [40, 35, 30])
    phi = 3 * SIGNS[truth] + 0.3 * np.random.default_rng(0).normal(size=(105, 6))
    assert assigned(found_in(phi).membership).tolist() == truth.tolist()
    assert found_in(np.abs(phi)).membership.shape == (105, 0)


def test_groups_that_differ_in_one_concept_alone_are_not_told_from_a_cloud() -> None:
    phi = np.array([4, 3, 2, 1, 1, 1]) + 0.3 * np.random.default_rng(0).normal(size=(121, 6))
    phi[61:, 1] *= -1
    assert found_in(phi).membership.shape == (121, 0)


def test_neither_order_nor_scale_nor_copies_matter() -> None:
    phi, _ = patterns(80, 3, "strong", seed=2)
    phi = np.concatenate([phi, phi[:20]])
    draw = np.random.default_rng(0)
    order = draw.permutation(100)
    straight = found_in(phi).membership
    np.testing.assert_array_equal(straight[80:], straight[:20])
    scaled = found_in(phi[order] * draw.lognormal(0, 3, (100, 1))).membership
    np.testing.assert_array_equal(straight[order], scaled)


def test_the_same_seed_gives_the_same_bytes() -> None:
    phi, _ = patterns(120, 4, "strong", seed=1)
    assert found_in(phi, 3).membership.tobytes() == found_in(phi, 3).membership.tobytes()


def test_an_image_belongs_to_the_two_nearest_centers() -> None:
    points = torch.tensor([[0.0, 0], [1, 0], [2, 0], [4, 0], [4, 3]])
    membership = soft_membership(points, torch.tensor([[0.0, 0], [4, 0], [4, 3], [9, 9]]))
    assert membership.shape == (5, 3)  # the last center is nearest to none
    np.testing.assert_allclose(membership[0], [1, 0, 0])
    np.testing.assert_allclose(membership[1], [0.75, 0.25, 0])
    np.testing.assert_allclose(membership[2], [0.5, 0.5, 0])
    np.testing.assert_allclose(membership.sum(axis=1), 1)
