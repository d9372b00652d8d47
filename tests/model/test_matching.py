"""Concepts of two networks matched by where they are active: what is planted is found."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lens_site.model.matching import Matching, match
from lens_site.model.places import in_common

N, SIDE = 60, 5


def codes(count: int, *, seed: int, images: int = N) -> np.ndarray:
    """Codes as those of a network are: sparse, each image holding more or less of a concept."""
    draw = np.random.default_rng(seed)
    held = draw.gamma(1.0, size=(images, 1, 1, count))
    return held * draw.gamma(1.0, size=(images, SIDE, SIDE, count))


def found(first: np.ndarray, second: np.ndarray, *, absolute: bool = False) -> Matching:
    return match(first, second, absolute=absolute, generator=np.random.default_rng(0))


def pairs(matching: Matching) -> list[tuple[int, int]]:
    return [(i, j) for i, j in matching.pairs.tolist()]


def test_planted_shared_concepts_are_matched_and_private_ones_are_not() -> None:
    shared, mine, theirs = codes(2, seed=1), codes(2, seed=2), codes(3, seed=3)
    grain = 0.2 * codes(2, seed=4)
    first = np.concatenate([mine[..., :1], shared, mine[..., 1:]], axis=3)
    second = np.concatenate([theirs, 7 * shared[..., ::-1] + grain], axis=3)
    matching = found(first, second)
    assert sorted(pairs(matching)) == [(1, 4), (2, 3)]
    assert all(matching.correlations[i, j] > 0.8 for i, j in pairs(matching))
    assert all(matching.line(i, j) < 0.5 for i, j in pairs(matching))


def test_what_only_its_place_makes_alike_is_no_match() -> None:
    place = np.exp(-np.square(np.indices((SIDE, SIDE)) - SIDE // 2).sum(axis=0))[None, :, :, None]
    first, second = place * codes(1, seed=5), place * codes(1, seed=6)
    matching = found(first, second)
    assert matching.correlations[0, 0] > 0.25, "alike by place"
    assert pairs(matching) == []


def test_chance_alone_gives_hardly_any_match() -> None:
    """At 1 in 100 for each of 4 × 40 concepts, eight matches would be a rarity."""
    made = (
        found(codes(4, seed=2 * s, images=20), codes(4, seed=2 * s + 1, images=20))
        for s in range(100, 140)
    )
    assert sum(len(m.pairs) for m in made) < 8


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_the_matching_is_the_best_of_all(seed: int, k: int, m: int) -> None:
    first, second = codes(k, seed=seed, images=6), codes(m, seed=seed + 1, images=6)
    second[..., : min(k, m)] += first[..., : min(k, m)]
    matching = found(first, second)
    flat = np.corrcoef(first.reshape(-1, k).T, second.reshape(-1, m).T)[:k, k:]
    assert matching.correlations == pytest.approx(flat, abs=1e-9)
    small, large = sorted((k, m))
    gain = np.maximum(flat if k <= m else flat.T, 0.0)
    best = max(
        (tuple(chosen) for chosen in permutations(range(large), small)),
        key=lambda chosen: sum(gain[i, j] for i, j in enumerate(chosen)),
    )
    wanted = {(i, j) if k <= m else (j, i) for i, j in enumerate(best)}
    above = {(i, j) for i, j in wanted if flat[i, j] > matching.line(i, j)}
    assert set(pairs(matching)) == above
    falling = [matching.correlations[i, j] for i, j in pairs(matching)]
    assert falling == sorted(falling, reverse=True)


def test_the_order_of_concepts_means_nothing() -> None:
    first, second = codes(3, seed=1), codes(3, seed=2)
    second[..., 0] += 3 * first[..., 2]
    usual, turned = found(first, second), found(first[..., ::-1], second)
    assert pairs(usual) == [(2, 0)]
    assert pairs(turned) == [(0, 0)]


def test_a_concept_that_never_varies_goes_with_nothing() -> None:
    first = np.concatenate([np.full((N, SIDE, SIDE, 1), 0.3), codes(1, seed=1)], axis=3)
    matching = found(first, first)
    assert pairs(matching) == [(1, 1)]
    assert matching.correlations[0].tolist() == [0.0, 0.0]


def test_signs_are_left_out_where_they_mean_nothing() -> None:
    first = codes(1, seed=1) - codes(1, seed=2)
    assert pairs(found(first, -first)) == []
    assert pairs(found(first, -first, absolute=True)) == [(0, 0)]


def test_nothing_is_drawn_without_a_generator() -> None:
    with pytest.raises(TypeError, match="generator"):
        match(codes(1, seed=1), codes(1, seed=2), absolute=False)  # type: ignore[call-arg]


def test_the_same_grid_and_zoom_leave_codes_as_they_are() -> None:
    first, second = codes(2, seed=1), codes(1, seed=2)
    one, other = in_common(first, second, (1.25, 1.25))
    assert (one == first).all()
    assert (other == second).all()


def test_a_finer_grid_is_averaged() -> None:
    fine = codes(2, seed=1)[:, :4, :4]
    coarse = codes(1, seed=2)[:, :2, :2]
    one, other = in_common(fine, coarse, (1.0, 1.0))
    assert one == pytest.approx(fine.reshape(N, 2, 2, 2, 2, 2).mean(axis=(2, 4)))
    assert (other == coarse).all()


def test_of_the_network_that_sees_more_the_middle_is_taken() -> None:
    """One sees the middle half of a side in 2 × 2 places, the other all of it in 8 × 8."""
    near, wide = codes(1, seed=1)[:, :2, :2], np.zeros((N, 8, 8, 1))
    wide[:, 2:6, 2:6] = codes(1, seed=2)[:, :4, :4]
    wide[:, 0, 0] = 1e6
    one, other = in_common(near, wide, (2.0, 1.0))
    assert (one == near).all()
    assert other == pytest.approx(wide[:, 2:6, 2:6].reshape(N, 2, 2, 2, 2, 1).mean(axis=(2, 4)))


def test_rows_and_columns_are_not_mixed_up() -> None:
    """5 × 7 places seen by a network, 7 × 5 by the other: 5 × 5 are common."""
    tall, wide = np.zeros((1, 7, 5, 1)), np.zeros((1, 5, 7, 1))
    tall[0, 0, :, 0], wide[0, 0, :, 0] = 1.0, 1.0
    one, other = in_common(tall, wide, (1.0, 1.0))
    assert one.shape == other.shape == (1, 5, 5, 1)
    assert one[0, 0, :, 0] == pytest.approx(5 / 7)
    assert other[0, 0, :, 0] == pytest.approx(1.0)
    assert other[0, 1:].max() == 0
