"""Where one class lies between the lowest and the highest of all, beside their median."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import brief


@dataclass(frozen=True)
class Spread:
    """A line with a stroke at the median and a dot for the class, if its value is known."""

    here: str | None
    median: str
    told: str


def spread(name: str, value: float | None, others: Sequence[float]) -> Spread | None:
    """Draw the range of ``others``, in rising order; None where they are all alike."""
    if not others or others[0] == others[-1]:
        return None
    axis = Axis(others[0], others[-1])
    told = say(
        "{name}: from {low} to {high} over {number} classes",
        name=name,
        low=brief(others[0]),
        high=brief(others[-1]),
        number=len(others),
    )
    if value is not None:
        above = bisect_left(others, value)
        told += "; " + say("this class is above {number} of them", number=above)
    return Spread(None if value is None else axis.at(value), axis.at(median(others)), told)
