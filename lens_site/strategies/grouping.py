"""What every way to look for strategies promises."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from lens_site import named

ROOM = "strategies.methods"


@dataclass(frozen=True)
class Found:
    """What was found among n images: how far each belongs to each of g groups, and why so many.

    Rows of ``membership`` sum to 1, an image's group is the largest of its row; g = 0 where the
    data support no separate groups, and ``reason`` says so in words. ``p_value`` is the rank among
    ``draws`` draws of the null, None where nothing was tested; ``agreement`` the adjusted Rand
    index of re-clustered halves and ``agreement_null`` the null's, where the p-value is small.
    """

    membership: Float[np.ndarray, "n g"]
    p_value: float | None = None
    draws: int = 0
    agreement: float | None = None
    agreement_null: float | None = None
    reason: str = ""


class Grouping(ABC):
    """One way to look for strategies; takes profiles sorted, so the order of images is nothing."""

    name: ClassVar[str]

    @abstractmethod
    def group(self, points: Float[np.ndarray, "n k"], *, seed: int) -> Found:
        """Return the groups of the profiles, in any order; equal profiles get equal rows."""


def method(word: str) -> type[Grouping]:
    """Return the method of this name, or ``package.module:Name``; raises ConfigError."""
    return named.method(word, ROOM, Grouping, "strategies")  # type: ignore[type-abstract]
