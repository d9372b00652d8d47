"""Where in the picture each concept usually is."""

import numpy as np
from jaxtyping import Float

from lens_site.results.numbers import rounded

MeanMap = tuple[tuple[float, ...], ...]
"""h rows of w values."""


def mean_maps(codes: Float[np.ndarray, "n h w k"]) -> tuple[MeanMap, ...]:
    """Mean code of each concept at each place over the images, largest size 1.

    Signed codes keep their sign, so values lie in [−1, 1]; a concept that never fires, or whose
    codes cancel everywhere, stays 0.
    """
    means = codes.mean(axis=0, dtype=np.float64)
    sizes = np.abs(means).max(axis=(0, 1))
    scaled = means / np.where(sizes > 0, sizes, 1.0)
    return tuple(
        tuple(tuple(rounded(v) for v in row) for row in scaled[..., i])
        for i in range(codes.shape[3])
    )
