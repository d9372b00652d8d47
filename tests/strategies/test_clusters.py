import numpy as np
import pytest

from lens_site.errors import ConfigError, StageError
from lens_site.strategies import Found, Grouping, assigned, describe, find, leading, profiles


class BySign(Grouping):
    """Three groups from outside: by the sign of the first concept, and one for nobody."""

    name = "by-sign"

    def group(self, points: np.ndarray, *, seed: int) -> Found:
        first = points[:, 0] < 0
        return Found(np.stack([0 * first, first * 0.8 + 0.1, 0.9 - first * 0.8], axis=1))


def test_leading_groups_are_numbered_by_size() -> None:
    points = profiles(np.repeat([[1.0, 0, 0], [0, 2, 1], [0.1, -5, 0.2]], [5, 20, 9], axis=0))
    assert leading(points).tolist() == [3] * 5 + [1] * 20 + [2] * 9


def test_leading_groups_of_equal_size_follow_the_concepts() -> None:
    assert leading(profiles(np.eye(3)[[2, 0, 1]])).tolist() == [3, 1, 2]
    assert leading(np.zeros((2, 3))).tolist() == [1, 1]


def test_a_method_from_outside_is_asked_and_its_groups_are_numbered_by_size() -> None:
    phi = np.array([[-1.0, 2], [1, 1], [-3, 1], [2, 2], [-1, 1]])
    membership = find(phi, method=f"{__name__}:BySign", seed=0).membership
    assert assigned(membership).tolist() == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(membership[0], [0.9, 0.1])


def test_profiles_keep_the_sign_and_have_unit_norm() -> None:
    points = profiles(np.array([[3.0, -1.0], [0.0, 0.0]], dtype=np.float32))
    assert points.tolist() == [[0.75, -0.25], [0.0, 0.0]]


def test_the_largest_numbers_do_not_overflow() -> None:
    assert profiles(np.array([[1e308, -1e308]])).tolist() == [[0.5, -0.5]]
    assert profiles(np.array([[5e-324, 0.0]])).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_importance_that_is_no_number_is_refused(value: float) -> None:
    phi = np.ones((4, 2))
    phi[2, 1] = value
    with pytest.raises(StageError, match=r"image 2 is not finite \(1 of 4"):
        find(phi, method="copula", seed=0)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_no_image_or_no_concept_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(StageError, match="leave out classes without images"):
        profiles(np.zeros(shape))


def test_an_unknown_method_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"strategies: no 'copla'; did you mean 'copula'"):
        find(np.ones((3, 2)), method="copla", seed=0)


def test_description_of_a_group() -> None:
    points = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.85, 0.15]])
    assignment = np.array([1, 1, 2, 1])
    layout = np.array([[0.0, 0.0], [1.0, 0.5], [-1.0, -1.0], [0.5, 0.1]])
    labels = np.array([7, 3, -1, 7])
    first, second = describe(points, assignment, layout, labels, 7)
    assert first.members == (0, 1, 3)
    assert first.profile == pytest.approx((0.85, 0.15))
    assert first.apart == pytest.approx((0.75, -0.75))
    assert (first.dominant, second.dominant) == (0, 1)
    assert first.prototypes[0] == 3
    assert set(first.outliers[:2]) == {0, 1}
    assert first.center == (0.5, 0.1)
    assert (first.right, first.labeled) == (2, 3)
    assert first.mistakes == ((3, 1),)
    assert (second.right, second.labeled) == (0, 0)


def test_nothing_sets_the_only_group_apart() -> None:
    (only,) = describe(np.eye(2), np.array([1, 1]), np.zeros((2, 2)), np.array([-1, -1]), 0)
    assert only.apart == (0, 0)
