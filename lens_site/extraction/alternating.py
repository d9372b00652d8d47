"""The loop that nmf, semi-nmf and convex-nmf share: codes, atoms, codes, atoms, ...

Codes are non-negative in all three; what sets them apart is the constraint on the atoms.
Codes are kept as (k, rows), see nnls. Both updates read A only through small products:
V Aᵀ for the codes, UᵀA for the atoms; two passes over A an iteration.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.extraction.extractor import (
    SAMPLE,
    TINY,
    Atoms,
    Convergence,
    Progress,
    Rows,
    sample_rows,
    silent,
    squared_norm,
)
from lens_site.extraction.nnls import sweep

TOLERANCE = 1e-5
SAMPLE_TOLERANCE = 1e-6
"""Smallest relative improvement of an iteration; passes over the sample cost little."""

LIMIT = 200
"""Iterations over all rows at most, and over the sample as many before."""

STARTS, START_TOLERANCE, START_LIMIT = 4, 1e-4, 30
"""Short fits from which a method without a good start of its own takes the best."""

FIRST_SWEEPS, CODE_SWEEPS = 20, 2
"""Coordinate sweeps a pass over A, which costs as much as several of them."""


Gram = Float[Tensor, "k k"]
"""UᵀU or V Vᵀ."""

Free = Float[Tensor, "k m"]
"""What the loop moves for each atom: its p channels, or whatever else the atoms are made of."""


class Constraint(ABC):
    """What the atoms may be, and how they are made of what the loop moves."""

    def atoms(self, free: Free) -> Atoms:
        """Return V."""
        return free

    def project(self, free: Free) -> Free:
        """Bring an extrapolated value back to what is allowed."""
        return free

    @abstractmethod
    def improve(self, free: Free, target: Atoms, gram: Gram) -> Free:
        """Lower ‖A − U V‖² for fixed codes, given as UᵀA and UᵀU."""


class Pair(NamedTuple):
    """Both factors."""

    codes: Float[Tensor, "k rows"]
    free: Free


class Momentum:
    """How far to go past each step: longer while the loss falls, shorter once it rises.

    Source: Ang and Gillis 2019, "Accelerating nonnegative matrix factorization algorithms using
    extrapolation", Algorithm 3 and §3.4. We undo a step that raises the loss and make the next
    one plain, hence the loss never rises.
    """

    def __init__(self) -> None:
        self.step = 0.0
        self._length, self._ceiling = 0.5, 1.0

    def accept(self) -> None:
        """Extrapolate the next iteration, a little farther each time."""
        self.step = self._length
        self._length = min(self._ceiling, 1.05 * self._length)
        self._ceiling = min(1.0, 1.01 * self._ceiling)

    def restart(self) -> None:
        """Make the next iteration a plain one."""
        self.step, self._ceiling = 0.0, self._length
        self._length /= 1.5


class LowRank(NamedTuple):
    """A ≈ L R of few dimensions r, R with orthonormal rows: products with it cost r / p of A's."""

    left: Float[Tensor, "rows r"]
    right: Float[Tensor, "r p"]

    @property
    def T(self) -> "LowRank":
        """Aᵀ ≈ Rᵀ Lᵀ."""
        return LowRank(self.right.T, self.left.T)

    def __rmatmul__(self, factor: Float[Tensor, "k rows"]) -> Float[Tensor, "k p"]:
        """X A ≈ (X L) R."""
        return (factor @ self.left) @ self.right


def factorize(
    activations: Rows,
    start: Free,
    constraint: Constraint,
    progress: Progress,
    *,
    generator: Generator,
) -> tuple[Free, Convergence]:
    """Converge on a seeded sample of rows first, then on all; return the constraint's ``free``."""
    sample = sample_rows(activations, SAMPLE, generator=generator)
    if sample is not activations:
        start, _ = alternate(sample, start, constraint, silent, tolerance=SAMPLE_TOLERANCE)
    return alternate(activations, start, constraint, progress, tolerance=TOLERANCE)


def best_start(sample: Rows, starts: Iterable[Free], constraint: Constraint) -> Free:
    """Where the best of short fits to the sample ends."""
    short = partial(alternate, sample, tolerance=START_TOLERANCE, limit=START_LIMIT)
    ends = [short(start, constraint, silent) for start in starts]
    return min(ends, key=lambda end: end[1].losses[-1])[0]


def alternate(
    activations: Rows | LowRank,
    start: Free,
    constraint: Constraint,
    progress: Progress,
    *,
    tolerance: float,
    limit: int = LIMIT,
) -> tuple[Free, Convergence]:
    """Improve codes and atoms in turn, each extrapolated from its last two values.

    ‖A − U V‖² = ‖A‖² − 2⟨UᵀA, V⟩ + ⟨UᵀU, V Vᵀ⟩, so the loss needs no pass over A of its own.
    Stops at an iteration that lowers the loss by less than ``tolerance`` of itself. Of rows of
    ``LowRank``, L has the norm, and the loss is that of the approximation.
    """
    alike = activations.left if isinstance(activations, LowRank) else activations
    energy = squared_norm(alike)
    kept = last = ahead = Pair(alike.new_zeros(len(start), len(alike)), start)
    momentum = Momentum()
    losses: list[float] = []
    for iteration in range(1, limit + 1):
        atoms = constraint.atoms(ahead.free)
        codes = ahead.codes.clone()
        sweeps = CODE_SWEEPS if losses else FIRST_SWEEPS
        sweep(codes, atoms @ activations.T, atoms @ atoms.T, sweeps=sweeps)
        beyond = _extrapolate(last.codes, codes, momentum.step).clamp_min(0)
        target, gram = beyond @ activations, beyond @ beyond.T
        free = constraint.improve(ahead.free, target, gram)
        loss = _relative_l2(energy, target, gram, constraint.atoms(free))
        before = losses[-1] if losses else math.inf
        losses.append(min(loss, before))
        progress(iteration, losses[-1])
        if loss > before and momentum.step:
            last = ahead = kept
            momentum.restart()
            continue
        if loss <= before:
            kept = Pair(beyond, free)
        if loss**2 <= TINY:
            return kept.free, Convergence(tuple(losses), iteration, "exact reconstruction")
        if before - loss < tolerance * loss:
            stopped = f"relative improvement under {tolerance:g}"
            return kept.free, Convergence(tuple(losses), iteration, stopped)
        ahead = Pair(beyond, constraint.project(_extrapolate(last.free, free, momentum.step)))
        last = Pair(codes, free)
        momentum.accept()
    return kept.free, Convergence(tuple(losses), limit, f"iteration limit {limit}")


def _extrapolate(
    last: Float[Tensor, "k n"], new: Float[Tensor, "k n"], step: float
) -> Float[Tensor, "k n"]:
    return torch.lerp(last, new, 1 + step) if step else new


def _relative_l2(energy: float, target: Atoms, gram: Gram, atoms: Atoms) -> float:
    wide = atoms.double()
    cross = (target.double() * wide).sum()
    square = (gram.double() * (wide @ wide.T)).sum()
    return math.sqrt(max(0.0, energy - float(2 * cross - square)) / energy)
