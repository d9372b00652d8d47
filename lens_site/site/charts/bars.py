"""Bars of signed shares on one common axis, each with its interval and its null line."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Concept
from lens_site.site.charts.axis import Axis
from lens_site.site.numbers import percent


@dataclass(frozen=True)
class Bar:
    """The bar of one concept; its places are those of the common axis."""

    zero: str
    left: str
    width: str
    low: str
    reach: str
    null: str | None
    interval: str
    """The interval in words; empty where it has no width."""


def bars(concepts: Sequence[Concept]) -> tuple[Bar, ...]:
    """Return the bars of all concepts of a class."""
    axis = Axis(
        min([0.0, *(min(c.share, c.interval[0]) for c in concepts)]),
        max([0.01, *(max(c.share, c.interval[1], c.null_share) for c in concepts)]),
    )
    return tuple(_bar(concept, axis) for concept in concepts)


def _bar(concept: Concept, axis: Axis) -> Bar:
    low, high = concept.interval
    return Bar(
        zero=axis.at(0.0),
        left=axis.at(min(0.0, concept.share)),
        width=axis.between(0.0, concept.share),
        low=axis.at(low),
        reach=axis.between(low, high),
        null=axis.at(concept.null_share) if concept.null_share > 0 else None,
        interval=f"95% interval {percent(low)} to {percent(high)}" if high > low else "",
    )
