"""Where hubs and concepts stand in the scatter: each where its images are, pushed apart."""

import math

from lens_site.results.schema import ClassResult, Concept, Strategy
from lens_site.site.charts.scatter import axes

EDGE_SHOWN = 0.08
"""Edges of the strategic cluster graph below this mean share are left out of the drawing."""

APART = 0.16
"""Least distance of two nodes, as a part of the box."""

INSET = 0.05
"""Part of the box that no node enters, on each side."""

ROUNDS = 60

SMALL = 4
"""Leading groups of fewer images have no region and no card, but for the first."""


def hubs(result: ClassResult) -> tuple[Strategy, ...]:
    """Return the groups that the graph shows: strategies, and without any the leading groups."""
    return result.strategies or result.groups


def concept_nodes(result: ClassResult) -> dict[int, tuple[float, float]]:
    """Return the place of each concept that is drawn, by its number."""
    linked = [c for c in result.concepts if _is_linked(c, result)]
    across, up = axes(result)

    def inside(x: float, y: float) -> tuple[float, float]:
        return (across.place(x) / 100, 1 - up.place(y) / 100)

    fixed = [inside(s.x, s.y) for s in hubs(result)]
    places = _pushed([inside(*_center(c.number, result)) for c in linked], fixed)
    return {
        c.number: (
            round(across.low + x * (across.high - across.low), 3),
            round(up.low + y * (up.high - up.low), 3),
        )
        for c, (x, y) in zip(linked, places, strict=True)
    }


def _is_linked(concept: Concept, result: ClassResult) -> bool:
    weights = [abs(hub.profile[concept.number - 1]) for hub in hubs(result)]
    return concept.important or max(weights, default=0.0) >= 2 * EDGE_SHOWN


def _center(number: int, result: ClassResult) -> tuple[float, float]:
    """Return the mean place of the images, each as heavy as the concept is in its evidence."""
    weights = [_share(image.importance, number) ** 2 for image in result.images]
    total = sum(weights)
    if not total:
        return result.images[0].x, result.images[0].y
    x = sum(w * image.x for w, image in zip(weights, result.images, strict=True)) / total
    y = sum(w * image.y for w, image in zip(weights, result.images, strict=True)) / total
    return x, y


def _share(importance: tuple[float, ...], number: int) -> float:
    return max(importance[number - 1], 0.0) / (sum(map(abs, importance)) or 1.0)


def _pushed(
    places: list[tuple[float, float]], fixed: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Push places in the unit square apart, little by little; fixed ones stay."""
    at = [list(place) for place in places]
    for _ in range(ROUNDS):
        for i, here in enumerate(at):
            for other in (*at[:i], *at[i + 1 :], *map(list, fixed)):
                dx, dy = here[0] - other[0], here[1] - other[1]
                far = math.hypot(dx, dy)
                if far < APART:
                    # Two at one place part in a direction of their own.
                    dx, dy = (dx, dy) if far else (math.cos(2.4 * i), math.sin(2.4 * i))
                    step = 0.3 * (APART - far) / (far or 1.0)
                    here[0] += step * dx
                    here[1] += step * dy
            here[0] = max(INSET, min(1 - INSET, here[0]))
            here[1] = max(INSET, min(1 - INSET, here[1]))
    return [(x, y) for x, y in at]
