"""Line charts: curves over the share of concepts changed, taken out or put in."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Curve
from lens_site.site.charts.axis import Axis, Tick
from lens_site.site.language import say
from lens_site.site.numbers import exact, percent


@dataclass(frozen=True)
class Line:
    """One curve; ``kind`` says how it is drawn: order, chance or best; ``value`` is its area."""

    kind: str
    label: str
    points: str
    value: str


@dataclass(frozen=True)
class Panel:
    """One chart: its title, what it shows in words, and which lines are named below it."""

    title: str
    alt: str
    lines: tuple[Line, ...]
    rules: tuple[Tick, ...]
    named: tuple[Line, ...]


def panel(title: str, curves: Sequence[tuple[str, str, Curve]]) -> Panel | None:
    """Draw curves given as (kind, label, curve); None when none of them is defined."""
    known = [(kind, label, c.values, c.auc) for kind, label, c in curves if c.values]
    if not known:
        return None
    heights = [v for _, _, values, _ in known for v in values]
    axis = Axis(min(0.0, *heights), max(0.0, *heights), up=True)
    lines = tuple(
        Line(kind, label, _points(values, axis), say("unknown") if auc is None else exact(auc, 2))
        for kind, label, values, auc in known
    )
    told = "; ".join(
        say(
            "{label}: from {first} over {middle} halfway to {last} of the score",
            label=label,
            first=percent(values[0]),
            middle=percent(values[len(values) // 2]),
            last=percent(values[-1]),
        )
        for _, label, values, _ in known
    )
    return Panel(title, f"{title}. {told}.", lines, _rules(axis), lines)


def _rules(axis: Axis) -> tuple[Tick, ...]:
    """Return the lines of nothing and of the whole score, and of the lowest one far below."""
    marks = sorted({0.0, 1.0 if axis.high >= 1 else axis.high, axis.low})
    return tuple(Tick(axis.at(m), percent(m)) for m in marks if m in (0.0, 1.0) or m < -0.2)


def _points(values: Sequence[float], axis: Axis) -> str:
    across, steps = Axis(0.0, 1.0), max(len(values) - 1, 1)
    return " ".join(f"{across.at(i / steps)},{axis.at(v)}" for i, v in enumerate(values))
