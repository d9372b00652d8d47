"""k-means of many clouds at once, and the silhouette of what it finds.

Notation: d clouds X of n points with k axes; g centers; r starts. float32: a cluster is no matter
of the seventh digit, and twice as many fit the cache.
"""

from dataclasses import dataclass

import torch
from einops import rearrange, repeat
from jaxtyping import Float, Int
from torch import Tensor

STARTS = 4
"""Runs of a cloud from centers drawn anew, of which the one with the largest silhouette counts."""

ITERATIONS = 15
"""Most updates of the centers; those that move afterwards move little."""


@dataclass(frozen=True)
class Clusters:
    """Centers of every cloud, the nearest of every point, and the mean silhouette of the points."""

    centers: Float[Tensor, "d g k"]
    nearest: Int[Tensor, "d n"]
    silhouette: Float[Tensor, " d"]


def draw_starts(
    clouds: Float[Tensor, "d n k"],
    most: int,
    *,
    starts: int = STARTS,
    generator: torch.Generator,
) -> Float[Tensor, "d r most k"]:
    """Centers by k-means++ (Arthur and Vassilvitskii 2007); the first g serve for g clusters."""
    d, n, _ = clouds.shape
    which = torch.arange(d)[:, None]
    chance = torch.rand(d, starts, most, generator=generator)
    weights = torch.ones(d, starts, n)
    far = torch.full((d, starts, n), torch.inf)
    centers = []
    for j in range(most):
        sums = weights.cumsum(dim=2)
        at = torch.searchsorted(sums, chance[:, :, j, None] * sums[:, :, -1:])[..., 0]
        centers.append(clouds[which, at.clamp(max=n - 1)])
        far = torch.minimum(far, squared_distances(clouds, centers[-1]).transpose(1, 2))
        weights = far
    return torch.stack(centers, dim=2)


def cluster(clouds: Float[Tensor, "d n k"], starts: Float[Tensor, "d r g k"]) -> Clusters:
    """Lloyd's k-means from every start; of each cloud, keep the run of the largest silhouette."""
    d, r, g, _ = starts.shape
    centers = rearrange(starts, "d r g k -> d (r g) k")
    for _ in range(ITERATIONS):
        member = rearrange(_one_hot(_nearest(clouds, centers, r), g), "d n r g -> d n (r g)")
        count = member.sum(dim=1)[..., None]
        means = torch.bmm(member.transpose(1, 2), clouds) / count.clamp(min=1)
        moved = torch.where(count > 0, means, centers)
        if torch.equal(moved, centers):
            break
        centers = moved
    nearest = _nearest(clouds, centers, r)
    silhouettes = torch.stack([mean_silhouette(clouds, nearest[..., i], g) for i in range(r)])
    highest, best = silhouettes.max(dim=0)
    index = torch.arange(d)
    kept = rearrange(centers, "d (r g) k -> d r g k", r=r)[index, best]
    return Clusters(kept, nearest[index, :, best], highest)


def _nearest(
    clouds: Float[Tensor, "d n k"], centers: Float[Tensor, "d c k"], starts: int
) -> Int[Tensor, "d n r"]:
    """Of the centers of each start, the one nearest to each point."""
    far = squared_distances(clouds, centers)
    return rearrange(far, "d n (r g) -> d n r g", r=starts).argmin(dim=3)


def squared_distances(
    clouds: Float[Tensor, "d n k"], centers: Float[Tensor, "d c k"]
) -> Float[Tensor, "d n c"]:
    """|x − c|², never under 0."""
    norms = (clouds**2).sum(dim=2)[:, :, None] + (centers**2).sum(dim=2)[:, None]
    return torch.baddbmm(norms, clouds, centers.transpose(1, 2), alpha=-2).clamp(min=0)


def mean_silhouette(
    clouds: Float[Tensor, "d n k"], groups: Int[Tensor, "d n"], count: int
) -> Float[Tensor, " d"]:
    """Mean of (b − a) / max(a, b), a and b mean squared distances; 0 for a point alone.

    a is taken to the other points of its own group, b to those of the next group. The mean squared
    distance to a group is |x − mean|² + its variance, so none of the n² distances is needed.
    Source: Rousseeuw 1987.
    """
    member = _one_hot(groups, count)
    size = member.sum(dim=1)
    means = torch.bmm(member.transpose(1, 2), clouds) / size.clamp(min=1)[..., None]
    far = squared_distances(clouds, means)
    variance = (member * far).sum(dim=1) / size.clamp(min=1)
    mean_far = far + variance[:, None]
    others = repeat(size, "d g -> d n g", n=clouds.shape[1])
    own = (member * mean_far * others / (others - 1).clamp(min=1)).sum(dim=2)
    next_ = (mean_far.masked_fill((member > 0) | (others == 0), torch.inf)).amin(dim=2)
    next_ = torch.where(next_.isinf(), own, next_)
    value = (next_ - own) / torch.maximum(next_, own).clamp(min=1e-12)
    alone = (member * others).sum(dim=2) <= 1
    return torch.where(alone, 0.0, value).mean(dim=1)


def _one_hot(groups: Int[Tensor, "*any"], count: int) -> Float[Tensor, "*any count"]:
    return torch.nn.functional.one_hot(groups, count).float()
