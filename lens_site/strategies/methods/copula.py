"""Copula: k-means groups that stand apart more than one continuous cloud's, and are found again."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from lens_site.strategies import halves, kmeans
from lens_site.strategies.cloud import SMALL, draw_clouds
from lens_site.strategies.grouping import Found, Grouping

FEWEST = 60
"""Among fewer images no groups are looked for: two dozen always seem to form some."""

MOST_GROUPS, SMALLEST_GROUP = 8, 5
"""Groups at most, and images that the smallest of them has at least."""

LEVEL = 0.05
"""Largest p-value at which groups count as there."""

AGAIN, NEARLY = 0.2, 0.6
"""Least part of the way from the null's agreement of halves to 1 at which groups are found again;
and of what the number of groups reaches whose groups are found again best.
"""

SURELY = 0.95
"""Agreement of halves that is enough whatever the null's: groups that are far apart in every
concept leave their gaps in the null too.
"""

DRAWS, ALL_DRAWS = 19, 99
"""Draws of the null at first, and in all unless these have settled that there are no groups."""

SETTLED = 0.25
"""p-value of the first draws above which no more are made."""

CUTS, CUTS_OF_A_DRAW = 32, 4
"""Ways the images are cut into halves, and each of the first draws."""

NOT_AGAIN = (
    "some images keep together more than those of one continuous cloud do, "
    "but halves of the images do not give the same groups"
)
"""Why there are no groups though the p-value is small."""


class Copula(Grouping):
    """k-means on the signed logarithm of the profiles, tested twice against one continuous cloud.

    S_g is the mean silhouette of g groups, for the images and for every draw of the null
    (:func:`draw_clouds`); E_g and σ_g are its mean and deviation over all of them. Tested is
    T = max_g (S_g − E_g) / σ_g, by its rank among the draws. A_g is the agreement of the groups
    found in halves (:func:`halves.agreement`), a_g the median of the draws', and
    R_g = (A_g − a_g) / (1 − a_g). A number of groups is found again when R_g is at least
    ``AGAIN`` and ``NEARLY`` max R, and surely when A_g is ``SURELY`` and S_g above all but
    ``LEVEL`` of the draws'; all its groups have ``SMALLEST_GROUP`` images. Of these it is the
    largest g whose S_g − E_g is within one σ of the largest, or that is surely found again. Where
    none is, there are no groups. Logarithms, for
    what weighs twice as much differs as much among small shares as among large ones. The null has
    every concept's own distribution, so groups that differ in one concept alone, there or not, are
    not told from a cloud: its leading groups show them.

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
        generator = np.random.default_rng(seed)
        tried = _Tried(range(2, min(MOST_GROUPS, different) + 1), seed)
        tried.add(points[None])
        tried.add(draw_clouds(points, DRAWS, generator=generator))
        if tried.p_value() <= SETTLED:
            tried.add(draw_clouds(points, ALL_DRAWS - DRAWS, generator=generator))
        p_value, draws = tried.p_value(), len(tried.silhouettes) - 1
        if p_value > LEVEL:
            reason = "the images form no more of a group than one continuous cloud does"
            return _none(n, p_value=p_value, draws=draws, reason=reason)
        agreement, of_null = tried.agreement()
        sure = (agreement >= SURELY) & tried.apart() & tried.large()
        again = (_again(agreement, of_null) & tried.large()) | sure
        at = tried.highest(again if again.any() else np.ones_like(again))
        at = max([at, *np.flatnonzero(sure)])
        return Found(
            membership=tried.membership(at) if again.any() else np.zeros((n, 0)),
            p_value=p_value,
            draws=draws,
            agreement=float(agreement[at]),
            agreement_null=float(of_null[at]),
            reason="" if again.any() else NOT_AGAIN,
        )


class _Tried:
    """Silhouettes (1 + draws, numbers) of the images, in the first row, and of clouds."""

    def __init__(self, numbers: Sequence[int], seed: int) -> None:
        self.numbers = numbers
        self.silhouettes = np.zeros((0, len(numbers)))
        self._generator = torch.Generator().manual_seed(seed)
        self._clouds: list[Float[Tensor, "d n k"]] = []
        self._of_images: list[kmeans.Clusters] = []

    def add(self, clouds: Float[np.ndarray, "d n k"]) -> None:
        """Cluster each of the clouds into each of the numbers of groups."""
        logs = _logarithms(clouds)
        starts = kmeans.draw_starts(logs, self.numbers[-1], generator=self._generator)
        found = [kmeans.cluster(logs, starts[:, :, :g]) for g in self.numbers]
        self._clouds.append(logs)
        self._of_images = self._of_images or found
        rows = torch.stack([each.silhouette for each in found], dim=1).double().numpy()
        self.silhouettes = np.concatenate([self.silhouettes, rows])

    def p_value(self) -> float:
        """Rank of the images' T among all."""
        deviation = np.maximum(self.silhouettes.std(axis=0), 1e-9)
        largest = (self._above() / deviation).max(axis=1)
        return float((largest >= largest[0]).mean())

    def agreement(self) -> tuple[Float[np.ndarray, " numbers"], Float[np.ndarray, " numbers"]]:
        """Return the agreement of halves of the images, and the median of the first draws'."""
        images, null = (
            halves.agreement(logs, self.numbers, cuts=cuts, generator=self._generator)
            for logs, cuts in zip(self._clouds, (CUTS, CUTS_OF_A_DRAW), strict=False)
        )
        return images[0], np.median(null, axis=0)

    def apart(self) -> Bool[np.ndarray, " numbers"]:
        """Say of each number whether its silhouette stands above those of the clouds."""
        rank: np.ndarray = (self.silhouettes >= self.silhouettes[0]).mean(axis=0)
        return rank <= LEVEL

    def large(self) -> Bool[np.ndarray, " numbers"]:
        """Say of each number whether all groups of images are large enough."""
        sizes = [
            torch.bincount(each.nearest[0], minlength=g).min()
            for g, each in zip(self.numbers, self._of_images, strict=True)
        ]
        large: np.ndarray = torch.stack(sizes).numpy() >= SMALLEST_GROUP
        return large

    def highest(self, among: Bool[np.ndarray, " numbers"]) -> int:
        """Return the place of the most groups within one σ of those highest above the null."""
        above = np.where(among, self._above()[0], -np.inf)
        deviation = self.silhouettes[1:].std(axis=0)[above.argmax()]
        return int(np.flatnonzero(above >= above.max() - deviation)[-1])

    def membership(self, at: int) -> Float[np.ndarray, "n g"]:
        """How far each image belongs to each of the groups at that place."""
        return soft_membership(self._clouds[0][0], self._of_images[at].centers[0])

    def _above(self) -> Float[np.ndarray, "d numbers"]:
        above: np.ndarray = self.silhouettes - self.silhouettes.mean(axis=0)
        return above


def _again(
    agreement: Float[np.ndarray, " numbers"], of_null: Float[np.ndarray, " numbers"]
) -> Bool[np.ndarray, " numbers"]:
    """Say of each number of groups whether halves find its groups again."""
    beyond = (agreement - of_null) / np.maximum(1 - of_null, 1e-9)
    again: np.ndarray = beyond >= max(AGAIN, NEARLY * beyond.max())
    return again


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


def _logarithms(points: Float[np.ndarray, "d n k"]) -> Float[Tensor, "d n k"]:
    """asinh(P / 2s), s = ``SMALL``: log |P| / s with its sign for larger shares, linear below."""
    return torch.from_numpy(np.arcsinh(points / (2 * SMALL)).astype(np.float32))


def _none(n: int, *, p_value: float | None = None, draws: int = 0, reason: str) -> Found:
    return Found(np.zeros((n, 0)), p_value=p_value, draws=draws, reason=reason)
