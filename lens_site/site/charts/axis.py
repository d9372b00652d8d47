"""The one map from values to places: in percent of the box of a chart, which stretches.

Round numbers for the ticks of an axis belong here too.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lens_site.site.numbers import short

ROOM = 0.12
"""Part of the range left free on either side of an axis around values."""


@dataclass(frozen=True)
class Tick:
    """A value on an axis: its place and how it is written."""

    at: str
    label: str


@dataclass(frozen=True)
class Axis:
    """The values from ``low`` to ``high`` along a box: rightwards, or upwards where ``up``.

    ``scale`` is applied to every value first: ``math.log10`` makes each tenfold one step.
    """

    low: float
    high: float
    up: bool = False
    scale: Callable[[float], float] = float

    @classmethod
    def around(cls, values: Sequence[float], *, up: bool = False) -> "Axis":
        """Return an axis with some room around the values."""
        low, high = min(values), max(values)
        room = ROOM * (high - low) or 0.1 * abs(high) or 1.0
        return cls(low - room, high + room, up)

    @classmethod
    def decades(cls, values: Sequence[float]) -> "Axis":
        """Return a logarithmic axis from a power of ten to another one, around the values."""
        first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(10.0**first, 10.0 ** max(last, first + 1), scale=math.log10)

    def place(self, value: float) -> float:
        """Return how far from the left, or from the top, a value stands: 0 to 100 inside."""
        low, high, here = (self.scale(v) for v in (self.low, self.high, value))
        return 100 * (high - here if self.up else here - low) / ((high - low) or 1.0)

    def at(self, value: float) -> str:
        """Return the place of a value as a template writes it."""
        return written(self.place(value))

    def between(self, one: float, other: float) -> str:
        """Return the distance of two values, written."""
        return written(abs(self.place(one) - self.place(other)))

    def ticks(self) -> tuple[Tick, ...]:
        """Return round numbers along the axis."""
        return tuple(Tick(self.at(t), short(t)) for t in round_numbers(self.low, self.high))


def written(place: float) -> str:
    """Write a place with at most two decimals.

    >>> written(12.5), written(100.0), written(-0.001)
    ('12.5', '100', '0')
    """
    return f"{round(place, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def round_numbers(low: float, high: float) -> list[float]:
    """Return three to seven round numbers inside a range."""
    size = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = max(s * size for s in (1, 2, 5) if s * size <= (high - low) / 3)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
