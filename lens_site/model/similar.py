"""Similar concepts: cosines between the dictionary vectors of different classes, and their chance.

Source: methods.md §3. Two concepts of different classes are *alike* when each is the other's
nearest between the two classes and their cosine reaches the threshold. The threshold is how alike
concepts are to themselves when they are learned anew from other images of their class (the lower
quartile of ``found_again``), and never below what shuffled concepts reach; where nothing was
learned anew it is ``ALIKE``.

N × N cosines are taken in blocks of ``BLOCK`` rows, so that 10,000 concepts of 1,280 channels need
no more than 200 MB.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from lens_site.model.concepts import Concepts
from lens_site.results.numbers import rounded
from lens_site.results.schema import Reference

BLOCK = 1024
"""Rows a block."""

NEAREST = 5
"""Neighbors kept of each concept, of as many classes."""

ALIKE = 0.75
"""The threshold where no class was learned anew: at about this cosine two concepts of the clothes
that were looked at began to look the same."""

PAIRS = 100_000
"""Random pairs behind the reference."""


@dataclass(frozen=True)
class Likeness:
    """Nearest concepts and pairs that are alike.

    ``near[r]`` are rows of other classes by falling cosine, one a class, −1 where there are fewer;
    ``pairs`` are rows (a, b), a < b, mutual and above the threshold, by falling cosine.
    """

    near: Int[np.ndarray, "N m"]
    cosines: Float[np.ndarray, "N m"]
    pairs: Int[np.ndarray, "q 2"]
    pair_cosines: Float[np.ndarray, " q"]
    reference: Reference


def likeness(concepts: Concepts, generator: np.random.Generator) -> Likeness | None:
    """Compare all concepts; None where there are no two classes to compare."""
    if len(set(concepts.classes.tolist())) < 2:
        return None
    drawn = _random_pairs(concepts, generator)
    again = [c.found_again for f in concepts.facts for c in f.concepts if c.found_again is not None]
    quartile = float(np.quantile(again, 0.25)) if again else None
    by_chance = best_of_classes(
        _shuffled(concepts.rows, generator), concepts.classes, absolute=concepts.signed
    )
    chance = by_chance.cosines.max(axis=1)
    high = float(np.quantile(chance, 0.99))
    threshold = rounded(max(high, ALIKE if quartile is None else quartile))
    pairs_shuffled = len(_mutual(by_chance, concepts.classes, threshold)[0])
    del by_chance
    best = best_of_classes(concepts.rows, concepts.classes, absolute=concepts.signed)
    pairs, cosines = _mutual(best, concepts.classes, threshold)
    near, near_cosines = _nearest(best)
    reference = Reference(
        random_median=rounded(np.median(drawn)),
        random_high=rounded(np.quantile(drawn, 0.99)),
        shuffled_median=rounded(np.median(chance)),
        shuffled_high=rounded(high),
        again=None if quartile is None else rounded(quartile),
        threshold=threshold,
        pairs=len(pairs),
        pairs_shuffled=pairs_shuffled,
        absolute=concepts.signed,
    )
    return Likeness(near, near_cosines, pairs, cosines, reference)


@dataclass(frozen=True)
class Best:
    """The nearest concept of every class to each concept; its own class has −1 and no cosine."""

    rows: Int[np.ndarray, "N C"]
    cosines: Float[np.ndarray, "N C"]


def best_of_classes(
    rows: Float[np.ndarray, "N p"], classes: Int[np.ndarray, " N"], *, absolute: bool
) -> Best:
    """Find the nearest concept in every class; rows have unit length and stand by class."""
    starts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]])
    own = np.searchsorted(starts, np.arange(len(rows)), side="right") - 1
    nearest = np.empty((len(rows), len(starts)), dtype=np.int32)
    cosines = np.empty((len(rows), len(starts)), dtype=np.float32)
    for block in _blocks(len(rows)):
        c = rows[block] @ rows.T
        if absolute:
            np.abs(c, out=c)
        cosines[block] = np.maximum.reduceat(c, starts, axis=1)
        ends = np.r_[starts[1:], len(rows)]
        for j, (start, end) in enumerate(zip(starts, ends, strict=True)):
            nearest[block, j] = start + c[:, start:end].argmax(axis=1)
    nearest[np.arange(len(rows)), own] = -1
    cosines[np.arange(len(rows)), own] = -np.inf
    return Best(nearest, cosines)


def _blocks(n: int) -> Iterator[slice]:
    return (slice(i, min(i + BLOCK, n)) for i in range(0, n, BLOCK))


def _nearest(best: Best) -> tuple[Int[np.ndarray, "N m"], Float[np.ndarray, "N m"]]:
    """Return the ``NEAREST`` of other classes by falling cosine."""
    most = min(NEAREST, best.rows.shape[1] - 1)
    order = np.argsort(-best.cosines, axis=1, kind="stable")[:, :most]
    return (
        np.take_along_axis(best.rows, order, axis=1),
        np.take_along_axis(best.cosines, order, axis=1),
    )


def _mutual(
    best: Best, classes: Int[np.ndarray, " N"], threshold: float
) -> tuple[Int[np.ndarray, "q 2"], Float[np.ndarray, " q"]]:
    """Pairs (a, b), a < b, of which each is the other's nearest between their two classes."""
    starts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]])
    own = np.searchsorted(starts, np.arange(len(classes)), side="right") - 1
    a, j = np.nonzero(best.cosines >= threshold)
    b = best.rows[a, j]
    keep = (best.rows[b, own[a]] == a) & (a < b)
    pairs, cosines = np.stack([a[keep], b[keep]], axis=1), best.cosines[a[keep], j[keep]]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -cosines))
    return pairs[order].astype(np.int64), cosines[order]


def _shuffled(
    rows: Float[np.ndarray, "N p"], generator: np.random.Generator
) -> Float[np.ndarray, "N p"]:
    """Deal every channel out anew among the concepts: the same values, no concept."""
    dealt = generator.permuted(rows, axis=0)
    return np.asarray(dealt / np.maximum(np.linalg.norm(dealt, axis=1, keepdims=True), 1e-12))


def _random_pairs(concepts: Concepts, generator: np.random.Generator) -> Float[np.ndarray, " q"]:
    """Cosines of concepts of different classes: of all pairs where they are few, else of drawn."""
    n = len(concepts.rows)
    every = n * (n - 1) // 2 <= PAIRS
    a, b = np.triu_indices(n, 1) if every else generator.integers(0, n, (2, PAIRS))
    differ = concepts.classes[a] != concepts.classes[b]
    cosines = np.concatenate(
        [
            np.einsum("rp,rp->r", concepts.rows[a[block]], concepts.rows[b[block]])
            for block in _blocks(len(a))
        ]
    )[differ]
    return np.asarray(np.abs(cosines) if concepts.signed else cosines)
