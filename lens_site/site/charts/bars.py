"""Bars of signed shares on one common axis, each with its range and its null line."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Concept
from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import percent


@dataclass(frozen=True)
class Bar:
    """The bar of one share; its places are those of the common axis."""

    zero: str
    left: str
    width: str
    low: str
    reach: str
    null: str | None
    interval: str
    """The range in words; empty where it has no width."""


def bars(concepts: Sequence[Concept], others: Sequence[float] = ()) -> tuple[Bar, ...]:
    """Return the bars of all concepts of a class, then those of other shares beside them."""
    ranges = [_range(concept) for concept in concepts]
    axis = Axis(
        min([0.0, *others, *(min(c.share, r[0]) for c, r in zip(concepts, ranges, strict=True))]),
        max(
            [0.01, *others]
            + [max(c.share, r[1], c.null_share) for c, r in zip(concepts, ranges, strict=True)]
        ),
    )
    return (
        *(_bar(c.share, r, c, axis) for c, r in zip(concepts, ranges, strict=True)),
        *(_bar(share, (share, share), None, axis) for share in others),
    )


def swings(
    around_zero: Sequence[tuple[float, float]], others: Sequence[float] = ()
) -> tuple[Bar, ...]:
    """Return bars that reach from below zero to above it, then those of other shares."""
    spans = [*around_zero, *((min(0.0, share), max(0.0, share)) for share in others)]
    axis = Axis(min(0.0, *(low for low, _ in spans)), max(0.01, *(high for _, high in spans)))
    return tuple(
        Bar(
            zero=axis.at(0.0), left=axis.at(low), width=axis.between(low, high), low=axis.at(low),
            reach=axis.between(low, high), null=None, interval="",
        )
        for low, high in spans
    )  # fmt: skip


def _range(concept: Concept) -> tuple[float, float]:
    """Return the range over all fits, this one too; without refits, the bootstrap interval."""
    if concept.share_range is None:
        return concept.interval
    low, high = concept.share_range
    return min(low, concept.share), max(high, concept.share)


def _bar(share: float, around: tuple[float, float], concept: Concept | None, axis: Axis) -> Bar:
    low, high = around
    null = concept.null_share if concept else 0.0
    what = say("over all fits") if concept and concept.share_range else say("95% interval")
    written = say("{low} to {high}", low=percent(low), high=percent(high))
    return Bar(
        zero=axis.at(0.0),
        left=axis.at(min(0.0, share)),
        width=axis.between(0.0, share),
        low=axis.at(low),
        reach=axis.between(low, high),
        null=axis.at(null) if null > 0 else None,
        interval=f"{what}: {written}" if high > low else "",
    )
