"""Non-negative matrix factorization: the default, known from ICE and CRAFT."""

import math

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
LIMIT = 200
"""Iterations over all rows at most, and over the sample as many again."""

CODE_SWEEPS = 2
ATOM_SWEEPS = 6
"""Coordinate sweeps per pass over A: a pass over A costs more than several sweeps."""


class NMF(Extractor):
    """min ‖A − U V‖²_F over U ≥ 0 and V ≥ 0, atoms of unit ℓ2 norm.

    Source: accelerated HALS, Gillis and Glineur 2012, "Accelerated multiplicative updates and
    hierarchical ALS algorithms for nonnegative matrix factorization", §4; CRAFT (arXiv
    2211.10154, §3) for its use. We choose the start (NNDSVD of a seeded sample of rows, first
    run to convergence on that sample) and the rule to stop: an iteration over all rows that
    lowers the relative ℓ2 error by less than 1e-5 of itself.
    """

    name = "nmf"
    nonnegative_input = True

    def _fit(
        self, activations: Tensor, generator: torch.Generator, progress: Progress
    ) -> tuple[dict[str, Tensor], Convergence]:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        atoms = nndsvd(sample, self.k, generator=generator)
        if sample is not activations:
            atoms, _ = hals(sample, atoms, lambda iteration, loss: None)
        atoms, convergence = hals(activations, atoms, progress)
        return {"dictionary": torch.nn.functional.normalize(atoms)}, convergence

    def _encode(self, activations: Tensor) -> Tensor:
        return nnls(activations, self.dictionary)


def hals(activations: Tensor, atoms: Tensor, progress: Progress) -> tuple[Tensor, Convergence]:
    """Alternate sweeps over codes and atoms, both read through Gram matrices.

    ‖A − U V‖² = ‖A‖² − 2⟨UᵀA, V⟩ + ⟨UᵀU, V Vᵀ⟩, so the loss needs no pass of its own.
    """
    energy = squared_norm(activations)
    codes_kn = activations.new_zeros(atoms.shape[0], activations.shape[0])
    atoms = atoms.clone()
    losses: list[float] = []
    stopped = f"iteration limit {LIMIT}"
    for iteration in range(1, LIMIT + 1):
        sweep(codes_kn, atoms @ activations.T, atoms @ atoms.T, sweeps=CODE_SWEEPS)
        target, gram = codes_kn @ activations, codes_kn @ codes_kn.T
        sweep(atoms, target, gram, sweeps=ATOM_SWEEPS)
        losses.append(_relative_l2(energy, target, gram, atoms))
        progress(iteration, losses[-1])
        if losses[-1] ** 2 <= TINY:
            stopped = "exact reconstruction"
            break
        if iteration > 1 and losses[-2] - losses[-1] < TOLERANCE * losses[-1]:
            stopped = f"relative improvement under {TOLERANCE:g}"
            break
    return atoms, Convergence(tuple(losses), len(losses), stopped)


def _relative_l2(energy: float, target: Tensor, gram: Tensor, atoms: Tensor) -> float:
    wide = atoms.double()
    cross = (target.double() * wide).sum()
    square = (gram.double() * (wide @ wide.T)).sum()
    return math.sqrt(max(0.0, energy - float(2 * cross - square)) / energy)
