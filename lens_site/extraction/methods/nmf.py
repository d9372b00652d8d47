"""Non-negative matrix factorization: the default, known from ICE and CRAFT."""

import torch
from torch import Generator

from lens_site.extraction.alternating import Constraint, Gram, factorize
from lens_site.extraction.extractor import (
    SAMPLE,
    Atoms,
    Codes,
    Extractor,
    Fit,
    Progress,
    Rows,
    sample_rows,
)
from lens_site.extraction.nndsvd import nndsvd
from lens_site.extraction.nnls import nnls, sweep

ATOM_SWEEPS = 6


class NMF(Extractor):
    """min ‖A − U V‖²_F over U ≥ 0 and V ≥ 0, atoms of unit ℓ2 norm.

    Source: accelerated HALS, Gillis and Glineur 2012, "Accelerated multiplicative updates and
    hierarchical ALS algorithms for nonnegative matrix factorization", §4; CRAFT (arXiv
    2211.10154, §3) for its use. We choose the start, NNDSVD of a seeded sample of rows, and
    extrapolate.
    """

    name = "nmf"
    nonnegative_input = True
    encoding = "nnls"

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        start = nndsvd(sample, self.k, generator=generator)
        atoms, convergence = factorize(
            activations, start, NonNegative(), progress, generator=generator
        )
        return {"dictionary": torch.nn.functional.normalize(atoms)}, convergence

    def _encode(self, activations: Rows) -> Codes:
        return nnls(activations, self.dictionary)


class NonNegative(Constraint):
    """V ≥ 0."""

    def project(self, free: Atoms) -> Atoms:
        """Clamp at zero."""
        return free.clamp_min(0)

    def improve(self, free: Atoms, target: Atoms, gram: Gram) -> Atoms:
        """Sweep over the atoms."""
        atoms = free.clone()
        sweep(atoms, target, gram, sweeps=ATOM_SWEEPS)
        return atoms
