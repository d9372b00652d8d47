"""What every way to group images promises."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from lens_site import named

ROOM = "strategies.methods"


class Grouping(ABC):
    """One way to group the profiles of n images; takes them sorted, so their order is nothing."""

    name: ClassVar[str]

    @abstractmethod
    def group(self, points: Float[np.ndarray, "n k"], *, seed: int) -> Int[np.ndarray, " n"]:
        """Return the group of every profile, from 0, in any order."""


def method(word: str) -> type[Grouping]:
    """Return the method of this name, or ``package.module:Name``; raises ConfigError."""
    return named.method(word, ROOM, Grouping, "strategies")  # type: ignore[type-abstract]
