"""A share with its interval on the whole from nothing to all, beside what is expected of it."""

from dataclasses import dataclass

from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import percent


@dataclass(frozen=True)
class Against:
    """A line from 0 to 1 with a range, a dot, and a stroke at what is expected, if anything is."""

    here: str
    low: str
    reach: str
    expected: str | None
    told: str


def against(value: float, around: tuple[float, float], expected: float | None = None) -> Against:
    """Draw it; what lies beyond 0 or 1 is cut off there."""
    axis = Axis(0.0, 1.0)
    low, high, here = (min(max(v, 0.0), 1.0) for v in (*around, value))
    told = say(
        "{share}, between {low} and {high}",
        share=percent(value),
        low=percent(around[0]),
        high=percent(around[1]),
    )
    if expected is not None:
        told += "; " + say("expected {share}", share=percent(expected))
    return Against(
        here=axis.at(here),
        low=axis.at(low),
        reach=axis.between(low, high),
        expected=None if expected is None else axis.at(expected),
        told=told,
    )
