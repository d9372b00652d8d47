"""Shared concepts: groups of near-identical concepts, at most one of each class.

Two concepts of one class never stand in one group: its dictionary holds them apart. Groups grow
from the pairs that are alike, the nearest first; two groups join when no class would stand in the
joint one twice and the mean cosine over *all* its pairs of members across the two still reaches
the threshold (average linkage), so that a chain of likenesses does not merge everything.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from lens_site.model.concepts import Concepts
from lens_site.model.similar import Likeness


@dataclass(frozen=True)
class Shared:
    """One group: rows of its members, largest share first, mean and least of their cosines."""

    rows: tuple[int, ...]
    cosine: float
    least: float


def shared(concepts: Concepts, likeness: Likeness) -> tuple[Shared, ...]:
    """Return all groups, those of most classes first, then by cosine."""
    members = agglomerate(
        concepts.rows, concepts.classes, likeness.pairs,
        threshold=likeness.reference.threshold, absolute=concepts.signed,
    )  # fmt: skip
    groups = [_group(concepts, rows) for rows in members]
    return tuple(sorted(groups, key=lambda g: (-len(g.rows), -g.cosine, g.rows)))


def agglomerate(
    rows: Float[np.ndarray, "N p"],
    classes: Int[np.ndarray, " N"],
    pairs: Int[np.ndarray, "q 2"],
    *,
    threshold: float,
    absolute: bool,
) -> list[list[int]]:
    """Join along the pairs in their order; return the groups of two and more, by first row."""
    group_of = {int(r): int(r) for r in np.unique(pairs)}
    groups = {r: [r] for r in group_of}
    for a, b in pairs.tolist():
        one, other = sorted((group_of[a], group_of[b]))
        if one == other:
            continue
        left, right = groups[one], groups[other]
        if set(classes[left].tolist()) & set(classes[right].tolist()):
            continue
        across = rows[left] @ rows[right].T
        if float((np.abs(across) if absolute else across).mean()) < threshold:
            continue
        groups[one] = sorted(left + right)
        del groups[other]
        group_of.update(dict.fromkeys(right, one))
    return [rows for _, rows in sorted(groups.items()) if len(rows) > 1]


def _group(concepts: Concepts, members: list[int]) -> Shared:
    cosines = concepts.rows[members] @ concepts.rows[members].T
    between = cosines[np.triu_indices(len(members), 1)]
    if concepts.signed:
        between = np.abs(between)
    order = sorted(members, key=lambda r: (-concepts.shares[r], r))
    return Shared(tuple(order), float(between.mean()), float(between.min()))
