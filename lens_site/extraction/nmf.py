"""Non-negative matrix factorization: the default, known from ICE and CRAFT."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lens_site.extraction.extractor import (
    SAMPLE,
    TINY,
    Convergence,
    Extractor,
    Progress,
    sample_rows,
    squared_norm,
)
from lens_site.extraction.nndsvd import nndsvd
from lens_site.extraction.nnls import nnls, sweep

TOLERANCE = 1e-5
SAMPLE_TOLERANCE = 1e-6
"""Smallest relative improvement of an iteration; passes over the sample cost little."""

LIMIT = 200
"""Iterations over all rows at most, and over the sample as many again."""

CODE_SWEEPS = 2
ATOM_SWEEPS = 6
"""Coordinate sweeps per pass over A: a pass over A costs more than several sweeps."""


class NMF(Extractor):
    """min ‖A − U V‖²_F over U ≥ 0 and V ≥ 0, atoms of unit ℓ2 norm.

    Source: accelerated HALS, Gillis and Glineur 2012, "Accelerated multiplicative updates and
    hierarchical ALS algorithms for nonnegative matrix factorization", §4; CRAFT (arXiv
    2211.10154, §3) for its use; extrapolation: Ang and Gillis 2019, "Accelerating nonnegative
    matrix factorization algorithms using extrapolation", Algorithm 3. We choose the start
    (NNDSVD of a seeded sample of rows, first run to convergence on that sample) and the rule
    to stop: an iteration that lowers the relative ℓ2 error by too small a part of itself.
    """

    name = "nmf"
    nonnegative_input = True

    def _fit(
        self, activations: Tensor, generator: torch.Generator, progress: Progress
    ) -> tuple[dict[str, Tensor], Convergence]:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        atoms = nndsvd(sample, self.k, generator=generator)
        if sample is not activations:
            atoms, _ = hals(sample, atoms, lambda iteration, loss: None, tolerance=SAMPLE_TOLERANCE)
        atoms, convergence = hals(activations, atoms, progress, tolerance=TOLERANCE)
        return {"dictionary": torch.nn.functional.normalize(atoms)}, convergence

    def _encode(self, activations: Tensor) -> Tensor:
        return nnls(activations, self.dictionary)


class Pair(NamedTuple):
    """Both factors; codes as (k, rows), see nnls."""

    codes: Tensor
    atoms: Tensor


class Momentum:
    """How far to go past each step: longer while the loss falls, shorter once it rises."""

    def __init__(self) -> None:
        self.step = 0.0
        self._length, self._ceiling = 0.5, 1.0

    def accept(self) -> None:
        """Extrapolate the next iteration, a little farther each time."""
        self.step = self._length
        self._length = min(self._ceiling, 1.05 * self._length)
        self._ceiling = min(1.0, 1.01 * self._ceiling)

    def restart(self) -> None:
        """Make the next iteration a plain one, which cannot raise the loss."""
        self.step, self._ceiling = 0.0, self._length
        self._length /= 1.5


def hals(
    activations: Tensor, atoms: Tensor, progress: Progress, *, tolerance: float
) -> tuple[Tensor, Convergence]:
    """Alternate sweeps over codes and atoms, each extrapolated from its last two values.

    ‖A − U V‖² = ‖A‖² − 2⟨UᵀA, V⟩ + ⟨UᵀU, V Vᵀ⟩, so the loss needs no pass over A of its own.
    An iteration that raises it is undone, hence the losses never rise.
    """
    energy = squared_norm(activations)
    kept = last = ahead = Pair(activations.new_zeros(atoms.shape[0], len(activations)), atoms)
    momentum = Momentum()
    losses: list[float] = []
    for iteration in range(1, LIMIT + 1):
        gram = ahead.atoms @ ahead.atoms.T
        codes = _descend(ahead.codes, ahead.atoms @ activations.T, gram, sweeps=CODE_SWEEPS)
        beyond = _extrapolate(last.codes, codes, momentum.step)
        target, gram = beyond @ activations, beyond @ beyond.T
        new = _descend(ahead.atoms, target, gram, sweeps=ATOM_SWEEPS)
        loss = _relative_l2(energy, target, gram, new)
        before = losses[-1] if losses else math.inf
        losses.append(min(loss, before))
        progress(iteration, losses[-1])
        if loss > before and momentum.step:
            last = ahead = kept
            momentum.restart()
            continue
        if loss <= before:
            kept = Pair(beyond, new)
        if loss**2 <= TINY:
            return kept.atoms, Convergence(tuple(losses), iteration, "exact reconstruction")
        if before - loss < tolerance * loss:
            stopped = f"relative improvement under {tolerance:g}"
            return kept.atoms, Convergence(tuple(losses), iteration, stopped)
        ahead = Pair(beyond, _extrapolate(last.atoms, new, momentum.step))
        last = Pair(codes, new)
        momentum.accept()
    return kept.atoms, Convergence(tuple(losses), LIMIT, f"iteration limit {LIMIT}")


def _descend(factor: Tensor, target: Tensor, gram: Tensor, *, sweeps: int) -> Tensor:
    factor = factor.clone()
    sweep(factor, target, gram, sweeps=sweeps)
    return factor


def _extrapolate(last: Tensor, new: Tensor, step: float) -> Tensor:
    return torch.lerp(last, new, 1 + step).clamp_min(0) if step else new


def _relative_l2(energy: float, target: Tensor, gram: Tensor, atoms: Tensor) -> float:
    wide = atoms.double()
    cross = (target.double() * wide).sum()
    square = (gram.double() * (wide @ wide.T)).sum()
    return math.sqrt(max(0.0, energy - float(2 * cross - square)) / energy)
