"""Cosines between classes held to the definition, pair by pair; the reference; blocks."""

import numpy as np
import pytest
from made_up import directions, facts, many, planted

from lens_site.model import similar
from lens_site.model.concepts import gather


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def direct_pairs(rows: np.ndarray, classes: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    """Mutual nearest neighbors by their definition: for each pair of classes, each pair."""
    found = set()
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            if classes[a] == classes[b] or rows[a] @ rows[b] < threshold:
                continue
            best_b = max(np.flatnonzero(classes == classes[b]), key=lambda r: rows[a] @ rows[r])
            best_a = max(np.flatnonzero(classes == classes[a]), key=lambda r: rows[b] @ rows[r])
            if best_b == b and best_a == a:
                found.add((a, b))
    return found


@pytest.mark.parametrize("block", [1, 7, 1024])
def test_pairs_are_those_of_the_definition(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "BLOCK", block)
    common = directions(5, seed=50)
    which = [[*range(3 + i % 3), 0] for i in range(7)]  # the first twice: one is not mutual
    made = [
        facts(i, common[some] + 0.6 * directions(len(some), seed=i), found_again=0.3)
        for i, some in enumerate(which)
    ]
    concepts = gather(made)
    likeness = similar.likeness(concepts, generator())
    assert likeness is not None
    wanted = direct_pairs(concepts.rows, concepts.classes, likeness.reference.threshold)
    assert {tuple(pair) for pair in likeness.pairs.tolist()} == wanted
    assert len(wanted) == likeness.reference.pairs > 5
    cosines = concepts.rows @ concepts.rows.T
    other = concepts.classes[:, None] < concepts.classes[None]
    alike = ((cosines >= likeness.reference.threshold) & other).sum()
    assert alike > len(wanted), "some are alike and not mutual"
    assert (np.diff(likeness.pair_cosines) <= 0).all()


def test_neighbors_are_one_a_class_and_none_of_the_own() -> None:
    concepts = gather(many(9))
    likeness = similar.likeness(concepts, generator())
    assert likeness is not None
    for r, near in enumerate(likeness.near):
        classes = concepts.classes[near]
        assert concepts.classes[r] not in classes
        assert len(set(classes.tolist())) == len(classes) == similar.NEAREST
        best = max(concepts.rows[concepts.classes != concepts.classes[r]] @ concepts.rows[r])
        assert likeness.cosines[r, 0] == pytest.approx(best, abs=1e-6)
        assert (np.diff(likeness.cosines[r]) <= 0).all()


def test_what_was_never_learned_anew_has_the_fixed_threshold() -> None:
    for again, threshold in ((0.9, 0.9), (None, similar.ALIKE)):
        made = [facts(i, directions(4, seed=i), found_again=again) for i in range(4)]
        likeness = similar.likeness(gather(made), generator())
        assert likeness is not None
        assert likeness.reference.threshold == pytest.approx(threshold)
        assert likeness.reference.again == again


def test_the_threshold_is_never_within_reach_of_chance() -> None:
    made = [facts(i, directions(4, seed=i), found_again=0.01) for i in range(8)]
    likeness = similar.likeness(gather(made), generator())
    assert likeness is not None
    reference = likeness.reference
    assert reference.threshold == reference.shuffled_high > reference.shuffled_median > 0.1
    assert reference.random_median < reference.shuffled_median


def test_shuffled_concepts_are_not_alike_and_planted_ones_are() -> None:
    likeness = similar.likeness(gather(planted(8, (1, 4, 6))), generator())
    assert likeness is not None
    assert likeness.reference.pairs >= 3
    assert likeness.reference.pairs_shuffled == 0


def test_signs_mean_nothing_where_codes_take_both() -> None:
    dictionary = directions(4, seed=3)
    turned = [
        facts(1, dictionary, signed=True), facts(2, -dictionary[[2, 0, 1, 3]], signed=True)
    ]  # fmt: skip
    likeness = similar.likeness(gather(turned), generator())
    assert likeness is not None
    assert likeness.reference.absolute
    assert {tuple(p) for p in likeness.pairs.tolist()} == {(0, 5), (1, 6), (2, 4), (3, 7)}
    plain = [facts(f.index, f.dictionary) for f in turned]
    unlike = similar.likeness(gather(plain), generator())
    assert unlike is not None
    assert unlike.reference.pairs == 0


def test_one_class_has_nothing_to_be_compared_with() -> None:
    assert similar.likeness(gather(many(1)), generator()) is None
    assert similar.likeness(gather([]), generator()) is None


def test_classes_of_an_odd_kind_are_left_out() -> None:
    odd = facts(9, directions(3, seed=1), kind=("pca", 64))
    concepts = gather([*many(3), odd])
    assert concepts.left_out == (odd.slug,)
    assert set(concepts.classes.tolist()) == {0, 1, 2}


def test_concepts_that_never_fire_have_no_row() -> None:
    (one, *others) = many(3)
    silent = one.concepts[2].model_copy(update={"tiles": ()})
    changed = facts(0, one.dictionary)
    changed = type(changed)(
        **{**vars(changed), "concepts": (*one.concepts[:2], silent, *one.concepts[3:])}
    )
    concepts = gather([changed, *others])
    assert [int(n) for n in concepts.numbers[:5]] == [1, 2, 4, 5, 6]
    assert np.allclose(np.linalg.norm(concepts.rows, axis=1), 1, atol=1e-6)
    wanted = one.dictionary[3] / np.linalg.norm(one.dictionary[3])
    assert np.allclose(concepts.rows[2], wanted, atol=1e-6)
