"""What more concepts bring: a line a quality over the number of concepts."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.comparison import ComparisonRow
from lens_site.site.charts.axis import Axis, Tick, round_numbers
from lens_site.site.charts.qualities import QUALITIES, Quality
from lens_site.site.language import say
from lens_site.site.numbers import brief

FEWEST = 3
"""Numbers of concepts that make a line."""

APART = 10
"""Percent of the axis that a tick keeps from either end."""


@dataclass(frozen=True)
class GrowthChart:
    """Number of concepts to the right, quality upwards."""

    title: str
    better: str
    alt: str
    points: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def growth(medians: Sequence[ComparisonRow]) -> tuple[GrowthChart, ...]:
    """Return one chart for each quality, where one method was measured with several k."""
    if len({row.method for row in medians}) != 1:
        return ()
    charts = (_chart(quality, medians) for quality in QUALITIES)
    return tuple(chart for chart in charts if chart is not None)


def _chart(quality: Quality, medians: Sequence[ComparisonRow]) -> GrowthChart | None:
    reached = {
        float(row.concepts): value
        for row in sorted(medians, key=lambda row: row.concepts)
        if (value := quality.of(row.metrics)) is not None
    }
    if len(reached) < FEWEST:
        return None
    x, y = Axis(min(reached), max(reached)), Axis.around(list(reached.values()), up=True)
    told = ", ".join(f"{k:.0f}: {brief(value)}" for k, value in reached.items())
    return GrowthChart(
        title=quality.told,
        better=quality.better,
        alt=say("{name} by number of concepts. {figures}.", name=quality.told, figures=told),
        points=" ".join(f"{x.at(k)},{y.at(value)}" for k, value in reached.items()),
        across=_whole_numbers(x),
        up=y.ticks(),
    )


def _whole_numbers(axis: Axis) -> tuple[Tick, ...]:
    """Return both ends of an axis, and the round whole numbers that stand clear of them."""
    inner = [
        k
        for k in round_numbers(axis.low, axis.high)
        if k == int(k) and APART < axis.place(k) < 100 - APART
    ]
    return tuple(Tick(axis.at(k), f"{k:.0f}") for k in (axis.low, *inner, axis.high))
