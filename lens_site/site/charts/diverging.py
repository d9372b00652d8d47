"""Diverging bars: what speaks for one class rather than another, part by part, in logits."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Rival
from lens_site.site.badges import Badge
from lens_site.site.charts.axis import Axis
from lens_site.site.language import say
from lens_site.site.numbers import signed


@dataclass(frozen=True)
class Row:
    """One part of the difference: a concept, or, without a badge, what ``label`` says."""

    badge: Badge | None
    label: str
    value: str
    left: str
    width: str
    against: bool


@dataclass(frozen=True)
class Diverging:
    """All parts, the largest first; they add up to ``sum``."""

    zero: str
    rows: tuple[Row, ...]
    sum: str
    alt: str


def diverging(rival: Rival, badges: dict[int, Badge], name: str, least: float = 0.0) -> Diverging:
    """Draw the parts of the difference to a rival; parts under ``least`` of all are one row."""
    parts = sorted(enumerate(rival.differences, start=1), key=lambda p: (-abs(p[1]), p[0]))
    total = sum(abs(value) for _, value in parts) or 1.0
    shown = [(n, v) for n, v in parts if abs(v) >= least * total]
    small = [v for n, v in parts if abs(v) < least * total]
    rows: list[tuple[Badge | None, str, float]] = [(badges[n], "", value) for n, value in shown]
    if small:
        rows.append((None, say("other concepts"), sum(small)))
    rows += [
        (None, say("everything else"), rival.everything_else),
        (None, say("constant"), rival.constant),
    ]
    axis = _around([value for *_, value in rows])
    return Diverging(
        zero=axis.at(0.0),
        rows=tuple(_row(badge, label, value, axis) for badge, label, value in rows),
        sum=signed(rival.margin),
        alt=say(
            "What speaks for {name} rather than {rival}, and what against",
            name=name,
            rival=rival.name,
        ),
    )


def _around(values: Sequence[float]) -> Axis:
    return Axis(min(0.0, *values), max(0.0, *values))


def _row(badge: Badge | None, label: str, value: float, axis: Axis) -> Row:
    return Row(
        badge=badge,
        label=label,
        value=signed(value),
        left=axis.at(min(0.0, value)),
        width=axis.between(0.0, value),
        against=value < 0,
    )
