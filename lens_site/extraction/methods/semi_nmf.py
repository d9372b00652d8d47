"""Semi-NMF: non-negative codes, free atoms; for activations that can be negative."""

import torch
from torch import Generator, Tensor

from lens_site.extraction.alternating import STARTS, Constraint, Gram, best_start, factorize
from lens_site.extraction.extractor import (
    SAMPLE,
    Atoms,
    Codes,
    Extractor,
    Fit,
    Progress,
    Rows,
    sample_rows,
    silent,
)
from lens_site.extraction.methods.kmeans import lloyd, plus_plus
from lens_site.extraction.nnls import nnls


class SemiNMF(Extractor):
    """min ‖A − U V‖²_F over U ≥ 0, atoms of unit ℓ2 norm.

    Source: Ding, Li and Jordan 2010, "Convex and semi-nonnegative matrix factorizations", §2.1
    and §2.2 (atoms by least squares, K-Means to start). We replace their multiplicative update
    of the codes by coordinate descent and extrapolate. Unlike NMF, many dictionaries reach the
    same error; starting from centroids keeps to those whose atoms look like rows.
    """

    name = "semi-nmf"
    encoding = "nnls"

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        seeds = [plus_plus(sample, self.k, generator=generator) for _ in range(STARTS)]
        centroids = [lloyd(sample, seed, silent)[0] for seed in seeds]
        start = best_start(sample, centroids, Free())
        atoms, convergence = factorize(activations, start, Free(), progress, generator=generator)
        # codes may have grown as large as rows do, and their atoms as small
        smallest = torch.finfo(atoms.dtype).tiny
        return {"dictionary": torch.nn.functional.normalize(atoms, eps=smallest)}, convergence

    def _encode(self, activations: Rows) -> Codes:
        return nnls(activations, self.dictionary)


class Free(Constraint):
    """No constraint on V."""

    def improve(self, free: Atoms, target: Atoms, gram: Gram) -> Atoms:
        """V = (UᵀU)⁺ UᵀA, in double: near-parallel codes make it ill-conditioned."""
        inverse = torch.linalg.pinv(gram.double(), hermitian=True)
        atoms: Tensor = inverse @ target.double()
        return atoms.to(free.dtype)
