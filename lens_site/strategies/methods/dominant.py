"""Dominant: images by the concept that weighs most."""

import numpy as np
from jaxtyping import Float, Int

from lens_site.strategies.grouping import Grouping


class Dominant(Grouping):
    """Group images by their dominant concept."""

    name = "dominant"

    def group(self, points: Float[np.ndarray, "n k"], *, seed: int) -> Int[np.ndarray, " n"]:
        """Return the concept with the largest share of every profile."""
        leading: np.ndarray = points.argmax(axis=1).astype(np.int64)
        return leading
