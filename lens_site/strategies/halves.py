"""Whether groups are found again: clouds cut into halves, each half clustered by itself.

Notation: d clouds X of n points with k axes; g groups; c cuts into halves.
Source: adjusted Rand index Hubert and Arabie 1985; groups of one half predicting those of the
other Tibshirani and Walther 2005, for whose prediction strength the index stands here.
"""

from collections.abc import Sequence

import numpy as np
import torch
from einops import rearrange, repeat
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.strategies import kmeans

STARTS = 2
"""Runs of k-means in a half: halves are many."""

AT_ONCE = 32
"""Cuts in memory at once."""


def agreement(
    clouds: Float[Tensor, "d n k"],
    numbers: Sequence[int],
    *,
    cuts: int,
    generator: torch.Generator,
) -> Float[np.ndarray, "d numbers"]:
    """Mean adjusted Rand index of all points grouped by the centers of either half.

    0 is chance, 1 the same groups. All clouds are cut in the same places.
    """
    n = clouds.shape[1]
    orders = torch.stack([torch.randperm(n, generator=generator) for _ in range(cuts)])
    pairs = torch.stack([orders[:, : n // 2], orders[:, -(n // 2) :]], dim=1)
    found = [
        _of_some(some, pairs, numbers, generator)
        for some in torch.split(clouds, max(AT_ONCE // cuts, 1))
    ]
    return torch.cat(found).double().numpy()


def _of_some(
    clouds: Float[Tensor, "d n k"],
    pairs: Int[Tensor, "c 2 m"],
    numbers: Sequence[int],
    generator: torch.Generator,
) -> Float[Tensor, "d numbers"]:
    d, c = len(clouds), len(pairs)
    halves = rearrange(clouds[:, pairs], "d c two m k -> (d c two) m k")
    whole = repeat(clouds, "d n k -> (d c two) n k", c=c, two=2)
    starts = kmeans.draw_starts(halves, max(numbers), starts=STARTS, generator=generator)
    values = []
    for g in numbers:
        centers = kmeans.cluster(halves, starts[:, :, :g]).centers
        nearest = kmeans.squared_distances(whole, centers).argmin(dim=2)
        one, other = rearrange(nearest, "(dc two) n -> two dc n", two=2)
        values.append(rearrange(adjusted_rand(one, other, g), "(d c) -> d c", d=d).mean(dim=1))
    return torch.stack(values, dim=1)


def adjusted_rand(
    one: Int[Tensor, "d n"], other: Int[Tensor, "d n"], count: int
) -> Float[Tensor, " d"]:
    """Return the index of two groupings of each cloud; 1 where both are one group."""
    left, right = (torch.nn.functional.one_hot(x, count).double() for x in (one, other))
    table = torch.bmm(left.transpose(1, 2), right)
    together = _pairs(table).sum(dim=(1, 2))
    rows, columns = _pairs(table.sum(dim=2)).sum(dim=1), _pairs(table.sum(dim=1)).sum(dim=1)
    by_chance = rows * columns / max(one.shape[1] * (one.shape[1] - 1) / 2, 1)
    most = (rows + columns) / 2
    beyond = most - by_chance
    same: Tensor = torch.where(beyond > 0, (together - by_chance) / beyond.clamp(min=1e-9), 1.0)
    return same


def _pairs(count: Tensor) -> Tensor:
    return count * (count - 1) / 2
