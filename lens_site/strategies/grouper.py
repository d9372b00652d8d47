"""What every way to group images promises, and how one is named; no way of its own."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from lens_site import named

ROOM = "strategies.methods"

Profiles = Float[np.ndarray, "n k"]
"""P: importance, its rows scaled to unit ℓ1 norm, sign kept."""

Groups = Int[np.ndarray, " n"]
"""A number for every image; images of one group share it."""


class Grouper(ABC):
    """One way to group images by their profiles.

    It gets the profiles sorted, so that the order of the images changes nothing.
    """

    name: ClassVar[str]

    @abstractmethod
    def group(self, profiles: Profiles, *, seed: int) -> Groups:
        """Return the group of every profile, in numbers of any kind and order."""


def method(word: str) -> type[Grouper]:
    """Return the method of this name, or ``package.module:Name``; raises ConfigError."""
    return named.method(word, ROOM, Grouper, "strategies")  # type: ignore[type-abstract]
