"""The loop that nmf, semi-nmf and convex-nmf share: codes, atoms, codes, atoms, ...

Codes are non-negative in all three; what sets them apart is the constraint on the atoms.
Codes are kept as (k, rows), see nnls. Both updates read A only through small products:
V Aᵀ for the codes, UᵀA for the atoms; two passes over A an iteration.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from lens_site.extraction.extractor import (
    SAMPLE,
    TINY,
    Convergence,
    Progress,
    sample_rows,
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


class Constraint(ABC):
    """What the atoms may be; ``free`` is what the loop moves, usually the atoms themselves."""

    def atoms(self, free: Tensor) -> Tensor:
        """Return V."""
        return free

    def project(self, free: Tensor) -> Tensor:
        """Bring an extrapolated value back to what is allowed."""
        return free

    @abstractmethod
    def improve(self, free: Tensor, target: Tensor, gram: Tensor) -> Tensor:
        """Lower ‖A − U V‖² for fixed codes, given as UᵀA (k, p) and UᵀU (k, k)."""


class Pair(NamedTuple):
    """Both factors."""

    codes: Tensor
    free: Tensor


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


def factorize(
    activations: Tensor,
    start: Tensor,
    constraint: Constraint,
    progress: Progress,
    *,
    generator: torch.Generator,
) -> tuple[Tensor, Convergence]:
    """Converge on a seeded sample of rows first, then on all; return the constraint's ``free``."""
    sample = sample_rows(activations, SAMPLE, generator=generator)
    if sample is not activations:
        start, _ = alternate(
            sample, start, constraint, lambda iteration, loss: None, tolerance=SAMPLE_TOLERANCE
        )
    return alternate(activations, start, constraint, progress, tolerance=TOLERANCE)


def best_start(sample: Tensor, starts: Iterable[Tensor], constraint: Constraint) -> Tensor:
    """Where the best of short fits to the sample ends."""
    ends = [
        alternate(
            sample,
            start,
            constraint,
            lambda iteration, loss: None,
            tolerance=START_TOLERANCE,
            limit=START_LIMIT,
        )
        for start in starts
    ]
    return min(ends, key=lambda end: end[1].losses[-1])[0]


def alternate(
    activations: Tensor,
    start: Tensor,
    constraint: Constraint,
    progress: Progress,
    *,
    tolerance: float,
    limit: int = LIMIT,
) -> tuple[Tensor, Convergence]:
    """Improve codes and atoms in turn, each extrapolated from its last two values.

    ‖A − U V‖² = ‖A‖² − 2⟨UᵀA, V⟩ + ⟨UᵀU, V Vᵀ⟩, so the loss needs no pass over A of its own.
    Stops at an iteration that lowers the loss by less than ``tolerance`` of itself.
    """
    energy = squared_norm(activations)
    kept = last = ahead = Pair(activations.new_zeros(len(start), len(activations)), start)
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


def _extrapolate(last: Tensor, new: Tensor, step: float) -> Tensor:
    return torch.lerp(last, new, 1 + step) if step else new


def _relative_l2(energy: float, target: Tensor, gram: Tensor, atoms: Tensor) -> float:
    wide = atoms.double()
    cross = (target.double() * wide).sum()
    square = (gram.double() * (wide @ wide.T)).sum()
    return math.sqrt(max(0.0, energy - float(2 * cross - square)) / energy)
