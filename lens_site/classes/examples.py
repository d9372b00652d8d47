"""How much of a concept the images hold: their distribution, and images from its middle and end.

Notation: the code of an image is the mean of its codes over its places. A concept is present in an
image that holds some of it and needs it: the code is above 0 and |φ_i| is at least half of an equal
part of Σ|φ|, that is 1/2k. *Typical* images are the middle of those by code, *weak* ones the low
end. The rule is ours.

Shapes: n images, k concepts, a grid of h × w positions.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from lens_site import prototypes
from lens_site.results.numbers import rounded
from lens_site.results.schema import Histogram

EXAMPLES = 5
"""Typical images of a concept, and weak ones; fewer where it is present in less than 15."""

MOST_BINS = 20


@dataclass(frozen=True)
class Examples:
    """What one concept shows beside its strongest images."""

    histogram: Histogram | None
    typical: tuple[prototypes.Tile, ...]
    weak: tuple[prototypes.Tile, ...]


def find_examples(
    codes: Float[np.ndarray, "n h w k"],
    phi: Float[np.ndarray, "n k"],
    dominant: Int[np.ndarray, " n"],
    boxes: Float[np.ndarray, "h w 4"],
) -> tuple[Examples, ...]:
    """Return the examples of every concept; ``boxes`` are those of ``prototypes.select``."""
    means = codes.mean(axis=(1, 2), dtype=np.float64)
    sizes = np.abs(phi)
    needed = sizes >= sizes.sum(axis=1, keepdims=True) / (2 * phi.shape[1])
    present = (means > 0) & needed & (sizes > 0)

    def one(i: int) -> Examples:
        middling, little = _middle_and_end(means[:, i], np.flatnonzero(present[:, i]))
        return Examples(
            histogram=histogram(means[:, i], np.flatnonzero(dominant == i)),
            typical=prototypes.strongest(codes[..., i], boxes, middling),
            weak=prototypes.strongest(codes[..., i], boxes, little),
        )

    return tuple(one(i) for i in range(codes.shape[3]))


def _middle_and_end(
    means: Float[np.ndarray, " n"], present: Int[np.ndarray, " m"]
) -> tuple[list[int], list[int]]:
    """Images of middling and of little code, the least first; no image is in both."""
    rising = present[np.argsort(means[present], kind="stable")].tolist()
    count = min(EXAMPLES, len(rising) // 3)
    start = (len(rising) - count) // 2
    return rising[start : start + count], rising[:count]


def histogram(means: Float[np.ndarray, " n"], leads: Int[np.ndarray, " m"]) -> Histogram | None:
    """Count the images by their code, from 0 or the least code to the largest.

    2 n^⅓ bins (Rice's rule), at most 20. None where all images hold the same.
    """
    low, high = min(0.0, float(means.min())), float(means.max())
    if means.min() == high:
        return None
    bins = min(MOST_BINS, int(np.ceil(2 * len(means) ** (1 / 3))))
    edges = np.linspace(low, high, bins + 1)
    return Histogram(
        low=rounded(low),
        high=rounded(high),
        counts=tuple(np.histogram(means, edges)[0].tolist()),
        leads=tuple(np.histogram(means[leads], edges)[0].tolist()),
    )
