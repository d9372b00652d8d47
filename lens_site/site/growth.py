"""What more concepts bring: a line a metric over the number of concepts, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.comparison import ComparisonRow
from lens_site.site.cost import QUALITIES, Quality, Tick, padded, rising, round_numbers
from lens_site.site.numbers import brief

FEWEST = 3
"""Numbers of concepts that make a line."""


@dataclass(frozen=True)
class GrowthChart:
    """Number of concepts to the right, quality upwards; positions in percent."""

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
    drawn = (_chart(quality, medians) for quality in QUALITIES)
    return tuple(chart for chart in drawn if chart is not None)


def _chart(quality: Quality, medians: Sequence[ComparisonRow]) -> GrowthChart | None:
    reached = {
        float(row.concepts): value
        for row in sorted(medians, key=lambda row: row.concepts)
        if (value := quality.of(row.metrics)) is not None
    }
    if len(reached) < FEWEST:
        return None
    first, last = min(reached), max(reached)
    low, high = padded(list(reached.values()))

    def x(k: float) -> float:
        return 100 * (k - first) / (last - first)

    def y(value: float) -> float:
        return 100 * (high - value) / (high - low)

    told = ", ".join(f"{k:.0f}: {brief(value)}" for k, value in reached.items())
    inner = [k for k in round_numbers(first, last) if k == int(k) and first < k < last]
    marks = [first, *(k for k in inner if x(k) > 10 and x(k) < 90), last]
    return GrowthChart(
        title=quality.name,
        better=quality.better,
        alt=f"{quality.name} by number of concepts. {told}.",
        points=" ".join(f"{x(k):.2f},{y(value):.2f}" for k, value in reached.items()),
        across=tuple(Tick(f"{x(k):.2f}", f"{k:.0f}") for k in marks),
        up=rising(low, high),
    )
