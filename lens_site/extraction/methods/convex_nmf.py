"""Convex NMF: atoms are convex combinations of rows, so each can be traced to patches."""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.extraction.alternating import STARTS, Constraint, Gram, best_start, factorize
from lens_site.extraction.extractor import (
    Atoms,
    Codes,
    Extractor,
    Fit,
    Progress,
    Rows,
    sample_rows,
    silent,
)
from lens_site.extraction.methods.kmeans import lloyd, nearest, plus_plus
from lens_site.extraction.nnls import nnls

CANDIDATES = 1_024
"""Rows that atoms may combine: memory and time grow with their square."""

STEPS = 40
"""Projected gradient steps on the weights, for each pass over A."""

Weights = Float[Tensor, "k m"]
"""W, up to the scale of its rows: how much of every candidate is in every atom."""


class ConvexNMF(Extractor):
    """min ‖A − U W S‖²_F over U ≥ 0 and W ≥ 0 whose rows sum to 1; S (m, p) are rows of A.

    Source: Ding, Li and Jordan 2010, §2.3, with all rows as candidates and W free in scale. We
    take a seeded sample S of at most 1,024 rows, and scale the rows of W to sum 1 at the end,
    their scale going to the codes: the atoms V = W S lie in the convex hull of the rows.
    """

    name = "convex-nmf"
    encoding = "nnls"
    refit_rows = 2_048

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        candidates = sample_rows(activations, CANDIDATES, generator=generator)
        start, constraint = hull_start(candidates, self.k, generator=generator)
        weights, convergence = factorize(
            activations, start, constraint, progress, generator=generator
        )
        weights = torch.nn.functional.normalize(weights, p=1)
        return {"dictionary": weights @ candidates}, convergence

    def _encode(self, activations: Rows) -> Codes:
        return nnls(activations, self.dictionary)


def hull_start(
    candidates: Float[Tensor, "m p"], k: int, *, generator: Generator
) -> tuple[Weights, "Conic"]:
    """W of the best of four short fits to the candidates themselves, from different clusters."""
    constraint = Conic(candidates)
    starts = [cluster_weights(candidates, k, generator=generator) for _ in range(STARTS)]
    return best_start(candidates, starts, constraint), constraint


def cluster_weights(candidates: Float[Tensor, "m p"], k: int, *, generator: Generator) -> Weights:
    """W such that W S are the centroids of K-Means clusters; an empty one takes a random row."""
    seeds = plus_plus(candidates, k, generator=generator)
    centroids, _ = lloyd(candidates, seeds, silent)
    belongs = torch.nn.functional.one_hot(nearest(candidates, centroids), k).T.to(candidates)
    spare = torch.randint(len(candidates), (k,), generator=generator, device=generator.device)
    alone = torch.nn.functional.one_hot(spare.to(candidates.device), len(candidates))
    size = belongs.sum(dim=1, keepdim=True)
    return torch.where(size > 0, belongs / size.clamp_min(1), alone.to(candidates))


class Conic(Constraint):
    """V = W S with W ≥ 0."""

    def __init__(self, candidates: Float[Tensor, "m p"]) -> None:
        self._candidates = candidates
        self._kernel = candidates @ candidates.T
        self._curvature = float(torch.linalg.matrix_norm(self._kernel, ord=2))

    def atoms(self, free: Weights) -> Atoms:
        """V = W S."""
        return free @ self._candidates

    def project(self, free: Weights) -> Weights:
        """Clamp at zero."""
        return free.clamp_min(0)

    def improve(self, free: Weights, target: Atoms, gram: Gram) -> Weights:
        """Accelerated projected gradient steps on ½⟨H W K, W⟩ − ⟨UᵀA Sᵀ, W⟩.

        H = UᵀU is scaled to unit diagonal first, as HALS does by its nature.
        Source: Beck and Teboulle 2009, FISTA; restarts by O'Donoghue and Candès 2015, §3.2.
        """
        scale = gram.diagonal().clamp_min(torch.finfo(gram.dtype).tiny).rsqrt()
        column = rearrange(scale, "k -> k 1")
        hessian = gram * column * scale
        linear = (target @ self._candidates.T) * column
        curvature = float(torch.linalg.matrix_norm(hessian, ord=2)) * self._curvature
        if not curvature:  # codes are all zero
            return free
        weights = ahead = free / column
        pace = 1.0
        for _ in range(STEPS):
            slope = hessian @ ahead @ self._kernel - linear
            new = (ahead - slope / curvature).clamp_min(0)
            if float((slope * (new - weights)).sum()) > 0:
                pace = 1.0
            after = (1 + (1 + 4 * pace**2) ** 0.5) / 2
            ahead = new + (pace - 1) / after * (new - weights)
            weights, pace = new, after
        return weights * column
