"""Line charts drawn on the server: curves over the share of concepts changed.

Positions are in percent of the box of the chart, so that it stretches with the page; the
template draws the lines with a width that does not stretch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lens_site.results.schema import Curve
from lens_site.site.numbers import exact, percent


@dataclass(frozen=True)
class Line:
    """One curve; ``kind`` says how it is drawn: order, chance or best."""

    kind: str
    label: str
    points: str
    auc: str


@dataclass(frozen=True)
class Rule:
    """A horizontal line with its value."""

    y: str
    label: str


@dataclass(frozen=True)
class Panel:
    """One chart, its title, and what it shows in words."""

    title: str
    alt: str
    lines: tuple[Line, ...]
    rules: tuple[Rule, ...]


def panel(title: str, curves: Sequence[tuple[str, str, Curve]]) -> Panel | None:
    """Draw curves given as (kind, label, curve); None when none of them is defined."""
    drawn = [(kind, label, c.values, c.auc) for kind, label, c in curves if c.values]
    if not drawn:
        return None
    heights = [v for _, _, values, _ in drawn for v in values]
    low, high = min(0.0, *heights), max(0.0, *heights)
    reach = (high - low) or 1.0

    def y(value: float) -> str:
        return f"{100 * (high - value) / reach:.2f}"

    lines = tuple(
        Line(kind, label, _points(values, y), "unknown" if auc is None else exact(auc, 2))
        for kind, label, values, auc in drawn
    )
    marks = sorted({0.0, 1.0 if high >= 1 else high, low})
    rules = tuple(Rule(y(m), percent(m)) for m in marks if m in (0.0, 1.0) or m < -0.2)
    told = "; ".join(
        f"{label}: from {percent(values[0])} over {percent(values[len(values) // 2])} halfway "
        f"to {percent(values[-1])} of the score"
        for _, label, values, _ in drawn
    )
    return Panel(title, f"{title}. {told}.", lines, rules)


def _points(values: Sequence[float], y: Callable[[float], str]) -> str:
    steps = max(len(values) - 1, 1)
    return " ".join(f"{100 * i / steps:.2f},{y(v)}" for i, v in enumerate(values))
