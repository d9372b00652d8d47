"""Shared concepts: a planted one is found whole, chains do not merge, no class stands twice."""

import numpy as np
from made_up import many, planted

from lens_site.model.shared import agglomerate
from lens_site.model.whole import across


def test_a_planted_concept_is_one_group() -> None:
    result = across(planted(9, (1, 4, 6)), seed=0)
    assert len(result.groups) == 1
    (group,) = result.groups
    assert {(m.index, m.concept) for m in group.members} == {(1, 3), (4, 3), (6, 2)}
    assert group.cosine >= group.least > 0.9
    marked = {(p.index, p.concept) for p in result.points if p.group == 1}
    assert marked == {(m.index, m.concept) for m in group.members}
    first = next(p for p in result.points if (p.index, p.concept) == (1, 3))
    assert {(n.index, n.concept) for n in first.neighbors[:2]} == {(4, 3), (6, 2)}
    assert [n.mutual for n in first.neighbors] == [True, True, False, False, False]


def test_classes_with_nothing_in_common_share_nothing() -> None:
    assert across(many(9), seed=0).groups == ()


def on_circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def join(rows: np.ndarray, classes: list[int], threshold: float) -> list[list[int]]:
    cosines = rows @ rows.T
    pairs = [
        (a, b) for a in range(len(rows)) for b in range(a + 1, len(rows))
        if classes[a] != classes[b] and cosines[a, b] >= threshold
    ]  # fmt: skip
    pairs.sort(key=lambda p: -cosines[p])
    return agglomerate(
        rows, np.array(classes), np.array(pairs).reshape(-1, 2), threshold=threshold,
        absolute=False,
    )  # fmt: skip


def test_a_chain_of_likenesses_does_not_merge_everything() -> None:
    """Each is 20° from the next; the first and the last are 120° apart."""
    groups = join(on_circle(0, 20, 41, 60, 81, 100, 120), list(range(7)), np.cos(np.radians(22)))
    assert max(map(len, groups)) == 2
    assert len(groups) == 3


def test_no_class_stands_twice_in_a_group() -> None:
    groups = join(on_circle(0, 1, 2, 3.5), [0, 1, 0, 2], np.cos(np.radians(20)))
    assert groups == [[1, 2, 3]] or groups == [[0, 1, 3]]
