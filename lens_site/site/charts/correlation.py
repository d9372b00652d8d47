"""A correlation from 0 to 1 as a dot on a line, and a stroke where chance ends."""

from dataclasses import dataclass

from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import exact


@dataclass(frozen=True)
class Correlation:
    """Places of the dot and of the stroke, and both in words."""

    here: str
    chance: str
    told: str


def correlation(value: float, chance: float) -> Correlation:
    """Draw it; what lies beyond 0 or 1 is cut off there."""
    axis = Axis(0.0, 1.0)
    here, line = (axis.at(min(max(v, 0.0), 1.0)) for v in (value, chance))
    told = say(
        "correlation {value}, by chance {chance}", value=exact(value, 2), chance=exact(chance, 2)
    )
    return Correlation(here, line, told)
