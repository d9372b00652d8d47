"""How well the concepts describe a class, each figure beside the median of the site's classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lens_site.results.measures import EXTRACTION, Measure
from lens_site.results.schema import ClassResult, Metrics
from lens_site.site.charts.spread import Spread, spread
from lens_site.site.language import many, say
from lens_site.site.numbers import brief
from lens_site.site.records import Section, Site
from lens_site.site.retold import sentence

SHOWN = tuple(measure for measure in EXTRACTION if measure.key in Metrics.model_fields)
"""The metrics of the table; how well concepts are found again stands under trust."""

Reached = Mapping[str, Sequence[float]]
"""Each metric's known values over the classes of a site, in rising order."""


@dataclass(frozen=True)
class MeasureRow:
    """One row: the metric, this class, the median, and a mark of where the class lies."""

    name: str
    words: str
    value: str
    known: bool
    median: str
    spread: Spread | None


@dataclass(frozen=True)
class Measures:
    """What the section shows; no medians on a site of one class."""

    rows: tuple[MeasureRow, ...]
    classes: int
    basis: str
    """What the figures are taken on."""

    @property
    def compared(self) -> bool:
        """Whether there are other classes to stand beside."""
        return self.classes > 1


def measures(site: Site, result: ClassResult) -> Measures:
    """Return what the section shows."""
    return table(result.metrics, site.once(_reached))


def _reached(site: Site) -> Reached:
    return gather([result.metrics for result in site.results(verify=False)])


def gather(metrics: Sequence[Metrics]) -> Reached:
    """Gather what the classes of a site reach; what is unknown is left out."""
    columns = {m.key: [_value(each, m) for each in metrics] for m in SHOWN}
    return {key: sorted(v for v in values if v is not None) for key, values in columns.items()}


def table(metrics: Metrics, reached: Reached) -> Measures:
    """Return the rows of one class, which is itself among those of ``reached``."""
    return Measures(
        rows=tuple(_row(measure, metrics, reached[measure.key]) for measure in SHOWN),
        classes=len(reached["explained_logit"]),
        basis=_basis(metrics),
    )


def _basis(metrics: Metrics) -> str:
    return many(
        "The last three are measured on a sample of {n} patch, the others on all.",
        "The last three are measured on a sample of {n} patches, the others on all.",
        metrics.sample,
    )


def _value(metrics: Metrics, measure: Measure) -> float | None:
    value = getattr(metrics, measure.key)
    return None if value is None else float(value)


def _row(measure: Measure, metrics: Metrics, others: Sequence[float]) -> MeasureRow:
    value = _value(metrics, measure)
    unknown = say("Unknown here: {reason}.", reason=say(measure.unknown))
    reason = f" {unknown}" if value is None else ""
    return MeasureRow(
        name=say(measure.name),
        words=sentence(measure) + _reference(measure, metrics) + reason,
        value=say("unknown") if value is None else brief(value),
        known=value is not None,
        median=brief(median(others)) if others else "–",
        spread=spread(say(measure.name), value, others),
    )


def _reference(measure: Measure, metrics: Metrics) -> str:
    """Say what a figure has to be held against."""
    if measure.key == "explained_logit":
        told = say(
            "A constant guess gets most of it, too; above stands how much of its error is removed."
        )
        return f" {told}"
    if measure.key == "ood" and metrics.ood_real is not None:
        told = say(
            "A real patch lies {distance} from the nearest other one.",
            distance=brief(metrics.ood_real),
        )
        return f" {told}"
    return ""


SECTION = Section(place=60, context=measures)
