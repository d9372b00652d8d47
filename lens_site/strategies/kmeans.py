"""k-means of many clouds at once, and the silhouette of what it finds.

Notation: d clouds X of n points with k axes; g centers; r starts. float32: a cluster is no matter
of the seventh digit, and twice as many fit the cache.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
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
    """Lloyd's k-means from every start; of each cloud, keep the run of the largest silhouette.

    A point that two centers are equally near to counts for both, and is of the first at the end.
    """
    d, r, g, _ = starts.shape
    last = rearrange(starts, "d r g k -> d (r g) k")
    centers, moving, some = last.clone(), torch.arange(d), clouds
    for _ in range(ITERATIONS):
        near = _nearness(some, last, r)
        member = (near == near.amax(dim=2, keepdim=True)).float().flatten(1, 2)
        count = member.sum(dim=2)[..., None]
        means = torch.bmm(member, some) / count.clamp(min=1)
        moved = torch.where(count > 0, means, last)
        centers[moving] = moved
        goes_on = (moved != last).any(dim=2).any(dim=1)
        if not goes_on.any():
            break
        moving, some, last = moving[goes_on], some[goes_on], moved[goes_on]
    nearest = _nearness(clouds, centers, r).max(dim=2).indices
    silhouettes = mean_silhouette(clouds, nearest, g)
    highest, best = silhouettes.max(dim=1)
    index = torch.arange(d)
    kept = rearrange(centers, "d (r g) k -> d r g k", r=r)[index, best]
    return Clusters(kept, nearest[index, best], highest)


def _nearness(
    clouds: Float[Tensor, "d n k"], centers: Float[Tensor, "d c k"], starts: int
) -> Float[Tensor, "d r g n"]:
    """Return x · c − |c|² / 2, largest for the center nearest to a point."""
    half = (centers**2).sum(dim=2)[..., None] * -0.5
    near = torch.baddbmm(half, centers, clouds.transpose(1, 2))
    return rearrange(near, "d (r g) n -> d r g n", r=starts)


def squared_distances(
    clouds: Float[Tensor, "d n k"], centers: Float[Tensor, "d c k"]
) -> Float[Tensor, "d n c"]:
    """|x − c|², never under 0."""
    norms = (clouds**2).sum(dim=2)[:, :, None] + (centers**2).sum(dim=2)[:, None]
    return torch.baddbmm(norms, clouds, centers.transpose(1, 2), alpha=-2).clamp(min=0)


def mean_silhouette(
    clouds: Float[Tensor, "d n k"], groups: Int[Tensor, "d r n"], count: int
) -> Float[Tensor, "d r"]:
    """Mean of (b − a) / max(a, b), a and b mean squared distances; 0 for a point alone.

    a is taken to the other points of its own group, b to those of the next group. The mean squared
    distance to a group is |x − mean|² + its variance, so none of the n² distances is needed.
    Source: Rousseeuw 1987.
    """
    r = groups.shape[1]
    member = groups[:, :, None] == torch.arange(count)[:, None]
    inside = member.float()
    size = inside.sum(dim=3, keepdim=True)
    means = torch.bmm(inside.flatten(1, 2), clouds) / size.flatten(1, 2).clamp(min=1)
    far = rearrange(squared_distances(means, clouds), "d (r g) n -> d r g n", r=r)
    variance = (inside * far).sum(dim=3, keepdim=True) / size.clamp(min=1)
    mean_far = far + variance
    own = (inside * mean_far * (size / (size - 1).clamp(min=1))).sum(dim=2)
    next_ = mean_far.masked_fill(member | (size == 0), torch.inf).amin(dim=2)
    next_ = torch.where(next_.isinf(), own, next_)
    value = (next_ - own) / torch.maximum(next_, own).clamp(min=1e-12)
    alone = (inside * size).sum(dim=2) <= 1
    return torch.where(alone, 0.0, value).mean(dim=2)
