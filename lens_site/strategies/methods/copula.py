"""Copula: k-means groups, where they stand apart more than those of one continuous cloud."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from sklearn.metrics import adjusted_rand_score
from torch import Tensor

from lens_site.strategies import kmeans
from lens_site.strategies.cloud import draw_clouds
from lens_site.strategies.grouping import Found, Grouping

FEWEST = 60
"""Among fewer images no groups are looked for: two dozen always seem to form some."""

MOST_GROUPS = 8

LEVEL = 0.05
"""Largest p-value at which groups count as there."""

DRAWS, ALL_DRAWS = 19, 99
"""Draws of the null at first, and in all unless these have settled that there are no groups."""

SETTLED = 0.25
"""p-value of the first draws above which no more are made."""

SPLITS = 8
"""Cuts of the class into halves that are clustered again; the null's draws are cut once each."""


class Copula(Grouping):
    """k-means on signed square roots of the profiles, tested against one continuous cloud.

    S_g is the mean silhouette of g groups, for the images and for every draw of the null
    (:func:`draw_clouds`); E_g and σ_g are its mean and deviation over all of them. Tested is
    T = max_g (S_g − E_g) / σ_g, by its rank among the draws; the number of groups is the least g
    whose S_g − E_g is within one σ of the largest. Square roots, for the noise of a share grows
    with the share. The null has every concept's own distribution, so groups that differ in one
    concept alone, there or not, are not told from a cloud: its leading groups show them.

    Source: silhouette Rousseeuw 1987; Monte-Carlo test Besag and Clifford 1991; the null and the
    choice of g are ours.
    """

    name = "copula"

    def group(self, points: Float[np.ndarray, "n k"], *, seed: int) -> Found:
        """Return the groups, or why there are none."""
        n, different = len(points), len(np.unique(points, axis=0))
        if n < FEWEST:
            return _none(n, reason=f"{n} images are too few to tell groups; it takes {FEWEST}")
        if different < 2 or points.shape[1] < 2:
            return _none(n, reason="all images have the same profile")
        numbers = range(2, min(MOST_GROUPS, different) + 1)
        generator = np.random.default_rng(seed)
        tried = _Tried(numbers, torch.Generator().manual_seed(seed))
        tried.add(points[None])
        tried.add(draw_clouds(points, DRAWS, generator=generator))
        if tried.p_value() <= SETTLED:
            tried.add(draw_clouds(points, ALL_DRAWS - DRAWS, generator=generator))
        p_value, draws = tried.p_value(), len(tried.silhouettes) - 1
        if p_value > LEVEL:
            reason = "the images form no more of a group than one continuous cloud does"
            return _none(n, p_value=p_value, draws=draws, reason=reason)
        count, clusters = tried.chosen()
        halves = [agreement(points, count, generator=generator) for _ in range(SPLITS)]
        by_null = [
            agreement(cloud, count, generator=generator)
            for cloud in draw_clouds(points, DRAWS, generator=generator)
        ]
        return Found(
            membership=soft_membership(_roots(points[None])[0], clusters.centers[0]),
            p_value=p_value,
            draws=draws,
            agreement=float(np.mean(halves)),
            agreement_null=float(np.median(by_null)),
        )


class _Tried:
    """Silhouettes (1 + draws, numbers) of the images, in the first row, and of clouds."""

    def __init__(self, numbers: Sequence[int], generator: torch.Generator) -> None:
        self.numbers = numbers
        self.silhouettes = np.zeros((0, len(numbers)))
        self._generator = generator
        self._of_images: list[kmeans.Clusters] = []

    def add(self, clouds: Float[np.ndarray, "d n k"]) -> None:
        """Cluster each of the clouds into each of the numbers of groups."""
        roots = _roots(clouds)
        starts = kmeans.draw_starts(roots, self.numbers[-1], generator=self._generator)
        found = [kmeans.cluster(roots, starts[:, :, :g]) for g in self.numbers]
        self._of_images = self._of_images or found
        rows = torch.stack([each.silhouette for each in found], dim=1).double().numpy()
        self.silhouettes = np.concatenate([self.silhouettes, rows])

    def p_value(self) -> float:
        """Rank of the images' T among all."""
        deviation = np.maximum(self.silhouettes.std(axis=0), 1e-9)
        largest = (self._above() / deviation).max(axis=1)
        return float((largest >= largest[0]).mean())

    def chosen(self) -> tuple[int, kmeans.Clusters]:
        """Return the fewest groups within one σ of those highest above the null."""
        above, deviation = self._above()[0], self.silhouettes[1:].std(axis=0)
        highest = int(above.argmax())
        at = int(np.flatnonzero(above >= above[highest] - deviation[highest])[0])
        return self.numbers[at], self._of_images[at]

    def _above(self) -> Float[np.ndarray, "d numbers"]:
        above: np.ndarray = self.silhouettes - self.silhouettes.mean(axis=0)
        return above


def soft_membership(
    points: Float[Tensor, "n k"], centers: Float[Tensor, "g k"]
) -> Float[np.ndarray, "n kept"]:
    """How far each point belongs to the two centers nearest to it: d₂ / (d₁ + d₂) and the rest.

    1 at a center, one half in the middle between two; centers that are nearest to no point are
    left out.
    """
    far = torch.cdist(
        points.double(), centers.double(), compute_mode="donot_use_mm_for_euclid_dist"
    )
    far = far[:, torch.bincount(far.argmin(dim=1), minlength=far.shape[1]) > 0]
    if far.shape[1] == 1:
        return np.ones((len(points), 1))
    near = far.topk(2, dim=1, largest=False)
    ends = near.values.flip(1) / near.values.sum(dim=1, keepdim=True).clamp(min=1e-12)
    return torch.zeros_like(far).scatter_(1, near.indices, ends).numpy()


def agreement(
    points: Float[np.ndarray, "n k"], count: int, *, generator: np.random.Generator
) -> float:
    """Return the adjusted Rand index of all images grouped by the centers of either half."""
    roots = _roots(points[None])
    order = generator.permutation(len(points))
    draw = torch.Generator().manual_seed(int(generator.integers(2**31)))
    one, other = (
        _grouped_by(roots, roots[:, half], count, draw) for half in np.array_split(order, 2)
    )
    return float(adjusted_rand_score(one, other))


def _grouped_by(
    clouds: Float[Tensor, "1 n k"],
    half: Float[Tensor, "1 m k"],
    count: int,
    generator: torch.Generator,
) -> Int[np.ndarray, " n"]:
    starts = kmeans.draw_starts(half, count, generator=generator)
    centers = kmeans.cluster(half, starts).centers
    nearest: np.ndarray = kmeans.squared_distances(clouds, centers)[0].argmin(dim=1).numpy()
    return nearest


def _roots(points: Float[np.ndarray, "d n k"]) -> Float[Tensor, "d n k"]:
    """Signed square roots: rows of unit ℓ2 norm."""
    return torch.from_numpy((np.sign(points) * np.sqrt(np.abs(points))).astype(np.float32))


def _none(n: int, *, p_value: float | None = None, draws: int = 0, reason: str) -> Found:
    return Found(np.zeros((n, 0)), p_value=p_value, draws=draws, reason=reason)
