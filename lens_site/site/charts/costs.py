"""What a method costs against what it gives: a chart of medians for each quality.

The box has a fixed height and a width that stretches; dots are placed in percent of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lens_site.results.comparison import ComparisonRow
from lens_site.site.charts.axis import Axis, Tick, written
from lens_site.site.charts.labels import HEIGHT, WIDTH, Text, label
from lens_site.site.charts.qualities import QUALITIES, Quality
from lens_site.site.language import local, say
from lens_site.site.numbers import NOISE, brief, short

SAME = 6
"""Pixels of the narrowest box: methods nearer than that share a dot."""


@dataclass(frozen=True)
class Mark:
    """One dot; methods that stand on the same spot share it."""

    x: str
    y: str
    told: str
    text: Text


@dataclass(frozen=True)
class Level:
    """A horizontal line: what chance or the best order reaches."""

    kind: str
    label: str
    y: str
    value: str


@dataclass(frozen=True)
class CostChart:
    """Seconds to the right, quality upwards."""

    title: str
    better: str
    alt: str
    marks: tuple[Mark, ...]
    levels: tuple[Level, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


@dataclass(frozen=True)
class _Spot:
    """One method: what it costs and gives, and where that is in percent of the box."""

    method: str
    told: str
    x: float
    y: float


def costs(medians: Sequence[ComparisonRow], levels: Mapping[str, str]) -> tuple[CostChart, ...]:
    """Return one chart for each quality that two methods have.

    ``levels`` names the rows that are no methods, each with its kind. What is None is left out.
    """
    charts = (_chart(quality, medians, levels) for quality in QUALITIES)
    return tuple(chart for chart in charts if chart is not None)


def _chart(
    quality: Quality, medians: Sequence[ComparisonRow], levels: Mapping[str, str]
) -> CostChart | None:
    reached = [(row, value) for row in medians if (value := quality.of(row.metrics)) is not None]
    # Every time under NOISE stands on the left edge.
    priced = [
        (row.method, max(row.seconds, NOISE), value)
        for row, value in reached
        if row.seconds is not None and row.method not in levels
    ]
    if len({method for method, _, _ in priced}) < 2:
        return None
    lines = {row.method: value for row, value in reached if row.method in levels}
    x = Axis.decades([seconds for _, seconds, _ in priced])
    y = Axis.around([*(value for _, _, value in priced), *lines.values()], up=True)
    spots = [_Spot(m, _told(m, s, v), x.place(s), y.place(v)) for m, s, v in priced]
    return CostChart(
        title=quality.told,
        better=quality.better,
        alt=say(
            "{name} against seconds. {methods}.",
            name=quality.told,
            methods="; ".join(spot.told for spot in spots),
        ),
        marks=_marks(spots),
        levels=tuple(Level(levels[m], say(m), y.at(v), brief(v)) for m, v in lines.items()),
        across=_powers_of_ten(x),
        up=y.ticks(),
    )


def _told(method: str, seconds: float, value: float) -> str:
    if seconds <= NOISE:
        return say(
            "{method} {value} in less than {time} s",
            method=method,
            value=brief(value),
            time=short(NOISE),
        )
    return say(
        "{method} {value} in {time} s", method=method, value=brief(value), time=brief(seconds)
    )


def _powers_of_ten(axis: Axis) -> tuple[Tick, ...]:
    first, last = (round(axis.scale(end)) for end in (axis.low, axis.high))
    return tuple(Tick(axis.at(10.0**d), _seconds(d)) for d in range(first, last + 1))


def _seconds(decade: int) -> str:
    if 10.0**decade <= NOISE:
        return "<1 ms"
    return f"{10 ** (decade + 3)} ms" if decade < -1 else f"{local(f'{10.0**decade:g}')} s"


def _marks(spots: Sequence[_Spot]) -> tuple[Mark, ...]:
    """Join what stands on the same spot; then label, those with most names first."""
    joined: dict[tuple[int, int], list[_Spot]] = {}
    for spot in spots:
        cell = round(spot.x * WIDTH / 100 / SAME), round(spot.y * HEIGHT / 100 / SAME)
        joined.setdefault(cell, []).append(spot)
    groups = sorted(joined.values(), key=lambda g: (-len(g), g[0].x, g[0].y))
    texts = label(
        [(group[0].x, group[0].y) for group in groups],
        [tuple(spot.method for spot in group) for group in groups],
    )
    return tuple(
        Mark(
            x=written(group[0].x),
            y=written(group[0].y),
            told="; ".join(spot.told for spot in group),
            text=text,
        )
        for group, text in zip(groups, texts, strict=True)
    )
