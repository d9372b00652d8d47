"""Where the concepts stand around the scatter, each on a circle near the strategies it serves."""

import math

from lens_site.results.schema import ClassResult, Concept

EDGE_SHOWN = 0.08
"""Edges of the strategic cluster graph below this mean share are left out of the drawing."""

RADIUS = 1.08
"""Of the circle; the layout of the images fills [-1, 1]."""


def concept_nodes(result: ClassResult) -> dict[int, tuple[float, float]]:
    """Return the place of each concept that is drawn, by its number."""
    places = {s.number: (s.x, s.y) for s in result.strategies}
    angles = {c.number: _angle(c.number, result, places) for c in result.concepts}
    linked = [c.number for c in result.concepts if _is_linked(c, result)]
    order = sorted(linked, key=lambda number: (angles[number], number))
    spread = _spread([angles[number] for number in order])
    return {
        number: (round(RADIUS * math.cos(angle), 3), round(RADIUS * math.sin(angle), 3))
        for number, angle in zip(order, spread, strict=True)
    }


def _is_linked(concept: Concept, result: ClassResult) -> bool:
    weights = [abs(e.weight) for e in result.edges if e.concept == concept.number]
    return concept.important or max(weights, default=0.0) >= 2 * EDGE_SHOWN


def _angle(number: int, result: ClassResult, places: dict[int, tuple[float, float]]) -> float:
    pull = [(max(e.weight, 0.0), places[e.strategy]) for e in result.edges if e.concept == number]
    x, y = (sum(weight * place[axis] for weight, place in pull) for axis in (0, 1))
    return math.atan2(y, x) if (x, y) != (0, 0) else number * 2.4


def _spread(angles: list[float]) -> list[float]:
    """Push sorted angles apart to at least half of an even share, keeping their order."""
    if len(angles) < 2:
        return angles
    even = 2 * math.pi / len(angles)
    start = sum(a - i * even for i, a in enumerate(angles)) / len(angles)
    return [0.5 * a + 0.5 * (start + i * even) for i, a in enumerate(angles)]
