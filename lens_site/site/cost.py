"""What a method costs against what it gives: charts of medians, drawn on the server.

Positions are in percent of the box of the chart, whose height is fixed and whose width is not.
Labels are put where they are free in the narrowest box; in wider ones they only move apart.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from lens_site.results.comparison import ComparisonRow
from lens_site.site.numbers import MINUS, brief

WIDTH, HEIGHT = 270, 230
"""Pixels of the narrowest box."""

LINE, LETTER, GAP = 15, 6.6, 10.0
"""Pixels: height of a line, mean width of a letter, distance of a label from its dot."""

FAST = 0.001
"""Seconds below which a time is noise: all such stand on the left edge."""

Metrics = Mapping[str, float | None]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Quality:
    """One vertical axis: a figure of a row, and which way is better."""

    name: str
    better: str
    of: Callable[[Metrics], float | None]


def _only(name: str) -> Callable[[Metrics], float | None]:
    return lambda metrics: metrics.get(name)


def _between(metrics: Metrics) -> float | None:
    taken, put = metrics.get("deletion"), metrics.get("insertion")
    return None if taken is None or put is None else put - taken


QUALITIES = (
    Quality("insertion − deletion", "higher", _between),
    Quality("C-µFidelity", "higher", _only("mu_fidelity")),
    Quality("relative ℓ2", "lower", _only("relative_l2")),
    Quality("explained logit", "higher", _only("explained_logit")),
    Quality("logit R²", "higher", _only("logit_r2")),
    Quality("stability", "lower", _only("stability")),
)
"""What the benches measure that is worth its seconds."""


@dataclass(frozen=True)
class Text:
    """Lines of a label, in pixels from its dot; ``leader`` is where a line to it ends."""

    names: tuple[str, ...]
    x: float
    y: float
    anchor: str
    leader: tuple[float, float] | None


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
class Tick:
    """A value on an axis, in percent of it."""

    at: str
    label: str


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


def charts(medians: Sequence[ComparisonRow], kinds: Mapping[str, str]) -> tuple[CostChart, ...]:
    """Return one chart for each quality that two methods have; ``kinds`` are no methods but levels.

    What is None is left out.
    """
    drawn = (_chart(quality, medians, kinds) for quality in QUALITIES)
    return tuple(chart for chart in drawn if chart is not None)


def _chart(
    quality: Quality, medians: Sequence[ComparisonRow], kinds: Mapping[str, str]
) -> CostChart | None:
    spots = [
        (row.method, max(row.seconds, FAST), value)
        for row in medians
        if (value := quality.of(row.metrics)) is not None
        and row.seconds is not None
        and row.method not in kinds
    ]
    if len({method for method, _, _ in spots}) < 2:
        return None
    levels = {
        row.method: value
        for row in medians
        if row.method in kinds and (value := quality.of(row.metrics)) is not None
    }
    first, last = _decades([seconds for _, seconds, _ in spots])
    low, high = padded([*(value for _, _, value in spots), *levels.values()])

    def x(seconds: float) -> float:
        return 100 * (math.log10(seconds) - first) / (last - first)

    def y(value: float) -> float:
        return 100 * (high - value) / (high - low)

    return CostChart(
        title=quality.name,
        better=quality.better,
        alt=f"{quality.name} against seconds. " + "; ".join(_told(*s) for s in spots) + ".",
        marks=_marks([(m, x(s), y(v), _told(m, s, v)) for m, s, v in spots]),
        levels=tuple(
            Level(kinds[m], m, f"{y(value):.2f}", brief(value)) for m, value in levels.items()
        ),
        across=tuple(Tick(f"{x(10.0**d):.2f}", _seconds(d)) for d in range(first, last + 1)),
        up=rising(low, high),
    )


def _told(method: str, seconds: float, value: float) -> str:
    return f"{method} {brief(value)} in " + (
        f"less than {FAST} s" if seconds <= FAST else f"{brief(seconds)} s"
    )


def _decades(seconds: Sequence[float]) -> tuple[int, int]:
    first, last = math.floor(math.log10(min(seconds))), math.ceil(math.log10(max(seconds)))
    return first, max(last, first + 1)


def _seconds(decade: int) -> str:
    if 10.0**decade <= FAST:
        return "<1 ms"
    return f"{10 ** (decade + 3)} ms" if decade < -1 else f"{10.0**decade:g} s"


def padded(values: Sequence[float]) -> tuple[float, float]:
    """Return a range with some room around the values."""
    low, high = min(values), max(values)
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def rising(low: float, high: float) -> tuple[Tick, ...]:
    """Return the round numbers between two values, at their height under the upper one."""
    return tuple(
        Tick(f"{100 * (high - t) / (high - low):.2f}", f"{t:.3g}".replace("-", MINUS))
        for t in round_numbers(low, high)
    )


def round_numbers(low: float, high: float) -> list[float]:
    """Return three to seven round numbers inside a range."""
    size = 10.0 ** math.floor(math.log10((high - low) / 3))
    step = max(s * size for s in (1, 2, 5) if s * size <= (high - low) / 3)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _marks(spots: Sequence[tuple[str, float, float, str]]) -> tuple[Mark, ...]:
    """Join what stands on the same spot; then label, those with most names first."""
    joined: dict[tuple[int, int], list[tuple[str, float, float, str]]] = {}
    for spot in spots:
        place = round(spot[1] * WIDTH / 100 / 6), round(spot[2] * HEIGHT / 100 / 6)
        joined.setdefault(place, []).append(spot)
    groups = sorted(joined.values(), key=lambda g: (-len(g), g[0][1], g[0][2]))
    dots = [(g[0][1] * WIDTH / 100, g[0][2] * HEIGHT / 100) for g in groups]
    taken: list[Box] = [(px - 5, py - 5, px + 5, py + 5) for px, py in dots]
    marks = []
    for group, dot in zip(groups, dots, strict=True):
        text, box = _place(tuple(spot[0] for spot in group), dot, taken)
        taken.append(box)
        told = "; ".join(spot[3] for spot in group)
        marks.append(Mark(f"{group[0][1]:.2f}", f"{group[0][2]:.2f}", told, text))
    return tuple(marks)


def _place(
    names: tuple[str, ...], dot: tuple[float, float], taken: Sequence[Box]
) -> tuple[Text, Box]:
    """Return the free place nearest to the dot, right before left; else the least crowded one."""
    wide, tall = LETTER * max(map(len, names)), LINE * len(names)
    sides = {
        "start": (GAP, GAP + wide),
        "end": (-GAP - wide, -GAP),
        "middle": (-wide / 2, wide / 2),
    }
    offsets = sorted(range(-6 * LINE, 6 * LINE + 1, 5), key=abs)
    found: list[tuple[float, int, Text, Box]] = []
    for offset, (anchor, (left, right)) in product(offsets, sides.items()):
        top = dot[1] + offset - tall / 2
        box = (dot[0] + left, top, dot[0] + right, top + tall)
        crowd = sum(_overlap(box, other) for other in taken) + tall * _outside(box)
        x = {"start": left, "end": right, "middle": 0.0}[anchor]
        leader = (0.7 * x, float(offset)) if 2 * abs(offset) > tall else None
        text = Text(names, x, offset - tall / 2 + 0.75 * LINE, anchor, leader)
        if crowd == 0:
            return text, box
        found.append((crowd, len(found), text, box))
    _, _, text, box = min(found, key=lambda f: f[:2])
    return text, box


def _outside(box: Box) -> float:
    across = max(0.0, -box[0]) + max(0.0, box[2] - WIDTH)
    return across + max(0.0, -box[1]) + max(0.0, box[3] - HEIGHT)


def _overlap(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)
