"""What an upward axis can show: figures of a row of a comparison that are worth its seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lens_site.results.measures import MEASURES
from lens_site.site.language import say

Metrics = Mapping[str, float | None]

MINUS_APART = " − "


@dataclass(frozen=True)
class Quality:
    """One upward axis: its name, which way is better, and its value for the metrics of a row."""

    name: str
    better: str
    of: Callable[[Metrics], float | None]

    @property
    def told(self) -> str:
        """Its name in the language of the site."""
        return MINUS_APART.join(say(name) for name in self.name.split(MINUS_APART))


def _measured(key: str) -> Quality:
    measure = MEASURES[key]
    return Quality(measure.name, measure.better, lambda metrics: metrics.get(key))


def _gap(higher: str, lower: str) -> Quality:
    """Return what lies between two metrics: wide is good."""

    def of(metrics: Metrics) -> float | None:
        high, low = metrics.get(higher), metrics.get(lower)
        return None if high is None or low is None else high - low

    return Quality(f"{MEASURES[higher].name}{MINUS_APART}{MEASURES[lower].name}", "higher", of)


QUALITIES = (
    _gap("insertion", "deletion"),
    _measured("mu_fidelity"),
    _measured("relative_l2"),
    _measured("explained_logit"),
    _measured("logit_r2"),
    _measured("instability"),
)
