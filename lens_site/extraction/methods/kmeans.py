"""K-Means: every patch is one concept, known from ACE."""

import torch
from einops import rearrange
from jaxtyping import Int
from torch import Generator, Tensor

from lens_site.extraction.extractor import (
    SAMPLE,
    TINY,
    Atoms,
    Codes,
    Convergence,
    Extractor,
    Fit,
    Progress,
    Rows,
    sample_rows,
    silent,
    squared_norm,
)

TOLERANCE = 1e-5
LIMIT = 200
STARTS = 4
"""Seedings tried on the sample; the best goes on to all rows."""


class KMeans(Extractor):
    """min ‖A − U V‖²_F with one-hot rows of U: atoms are the means of their rows.

    Source: Lloyd 1982; seeding: Arthur and Vassilvitskii 2007, "k-means++"; ACE (arXiv
    1902.03129) for its use. We choose four seedings on a seeded sample of rows. A concept that
    loses all its rows keeps its place.
    """

    name = "kmeans"
    encoding = "nearest"

    def _fit(self, activations: Rows, generator: Generator, progress: Progress) -> Fit:
        sample = sample_rows(activations, SAMPLE, generator=generator)
        centroids = best_of_starts(sample, self.k, generator=generator)
        centroids, convergence = lloyd(activations, centroids, progress)
        return {"dictionary": centroids}, convergence

    def _encode(self, activations: Rows) -> Codes:
        closest = nearest(activations, self.dictionary)
        return torch.nn.functional.one_hot(closest, self.k).to(activations.dtype)


def best_of_starts(activations: Rows, k: int, *, generator: Generator) -> Atoms:
    """Centroids of the seeding that ends with the lowest loss."""
    ends = []
    for _ in range(STARTS):
        seeds = plus_plus(activations, k, generator=generator)
        ends.append(lloyd(activations, seeds, silent))
    centroids, _ = min(ends, key=lambda end: end[1].losses[-1])
    return centroids


def plus_plus(activations: Rows, k: int, *, generator: Generator) -> Atoms:
    """Seeds, each drawn with probability proportional to its squared distance to those before."""
    rows = activations.shape[0]
    weight = torch.ones(rows, dtype=torch.float64, device=activations.device)
    norms = activations.square().sum(dim=1)
    distance = torch.full_like(norms, float("inf"))
    seeds: list[Tensor] = []
    for _ in range(k):
        place = torch.multinomial(weight.to(generator.device), 1, generator=generator)
        seeds.append(activations[place.to(activations.device)])
        squared = norms - 2 * (activations @ seeds[-1][0]) + seeds[-1].square().sum()
        distance = torch.minimum(distance, squared.clamp_min(0))
        weight = distance.double()
        # fewer different rows than k: any row will do
        weight = weight if float(weight.sum()) > 0 else torch.ones_like(weight)
    return torch.cat(seeds)


def lloyd(activations: Rows, centroids: Atoms, progress: Progress) -> tuple[Atoms, Convergence]:
    """Alternate nearest centroids and means; at the means the loss is ‖A‖² − Σ_j n_j ‖v_j‖²."""
    energy = squared_norm(activations)
    losses: list[float] = []
    stopped = f"iteration limit {LIMIT}"
    for iteration in range(1, LIMIT + 1):
        closest = nearest(activations, centroids)
        # a product with one-hot rows instead of index_add: the same bytes on a GPU, too
        belongs = torch.nn.functional.one_hot(closest, centroids.shape[0]).to(activations.dtype)
        count = rearrange(belongs.sum(dim=0), "k -> k 1")
        means = belongs.T @ activations / count.clamp_min(1)
        centroids = torch.where(count > 0, means, centroids)
        explained = float((count * centroids.double().square()).sum())
        losses.append((max(0.0, energy - explained) / energy) ** 0.5)
        progress(iteration, losses[-1])
        if losses[-1] ** 2 <= TINY:
            stopped = "exact reconstruction"
            break
        if iteration > 1 and losses[-2] - losses[-1] < TOLERANCE * losses[-1]:
            stopped = f"relative improvement under {TOLERANCE:g}"
            break
    return centroids, Convergence(tuple(losses), len(losses), stopped)


def nearest(activations: Rows, centroids: Atoms) -> Int[Tensor, " rows"]:
    """Index of the nearest centroid; ‖a‖² is the same for all and left out."""
    return (centroids.square().sum(dim=1) - 2 * (activations @ centroids.T)).argmin(dim=1)
