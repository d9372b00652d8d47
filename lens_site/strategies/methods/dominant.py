"""Dominant: images by the concept that weighs most."""

import numpy as np

from lens_site.strategies.grouper import Grouper, Groups, Profiles


class Dominant(Grouper):
    """Group images by their dominant concept."""

    name = "dominant"

    def group(self, profiles: Profiles, *, seed: int) -> Groups:
        """Return the concept with the largest share of every profile."""
        leading: np.ndarray = profiles.argmax(axis=1).astype(np.int64)
        return leading
