"""Drawings and their data: the scatter behind the graph, the bars with their null line, crops.

Everything is a position in percent of its box, so that a drawing stretches with the page and
Plotly, given the same box, puts its dots where the server's picture had them.
"""

import math
from dataclasses import dataclass
from typing import Any

from lens_site.results.schema import ClassResult, Concept, ImageEntry, Sprite
from lens_site.site.numbers import letter, percent
from lens_site.site.palette import tone
from lens_site.site.write import MAPS, MAPS_SCRIPT

REACH = 1.2
"""The graph shows [-REACH, REACH] on both axes; the layout fills [-1, 1] of it."""

EDGE_SHOWN = 0.08
"""Edges of the strategic cluster graph below this mean share are left out of the drawing."""


@dataclass(frozen=True)
class Crop:
    """One cell of a grid of pictures in one file."""

    file: str
    alt: str
    column: int = 0
    row: int = 0
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Dot:
    """One image of the scatter; ``x`` and ``y`` in percent from the top left."""

    x: str
    y: str
    tone: str
    wrong: bool


@dataclass(frozen=True)
class Bar:
    """A signed share with its interval and null line; all values in percent of the axis."""

    zero: str
    left: str
    width: str
    low: str
    reach: str
    null: str | None
    interval: bool


def tones(result: ClassResult) -> dict[int, str]:
    """Return the color name of each concept, by its number; unimportant ones are gray."""
    return {
        c.number: tone(rank, c.important)
        for rank, c in enumerate(sorted(result.concepts, key=lambda c: c.number), start=1)
    }


def is_wrong(image: ImageEntry, index: int) -> bool | None:
    """Say whether the label differs from the class; None when there is no label."""
    return None if image.label is None else image.label != index


def thumbnail(sprite: Sprite, position: int, images: int, alt: str) -> Crop:
    """Return the cell of image ``position`` in the sprite of ``images`` thumbnails."""
    row, column = divmod(position, sprite.columns)
    rows = -(-images // sprite.columns)
    return Crop(sprite.file, alt, column, row, sprite.columns, rows)


def first_tile(concept: Concept) -> Crop | None:
    """Return the tile that holds most of the concept; None for a concept that never fires."""
    if not concept.tiles:
        return None
    return Crop(concept.tiles_file, f"leading patch of concept {concept.number}",
                columns=len(concept.tiles))  # fmt: skip


def scatter(result: ClassResult) -> tuple[Dot, ...]:
    """Return one dot an image, colored by dominant concept."""
    colors = tones(result)
    return tuple(
        Dot(_across(i.x), _down(i.y), colors[i.dominant], bool(is_wrong(i, result.name.index)))
        for i in result.images
    )


def bars(concepts: tuple[Concept, ...]) -> tuple[Bar, ...]:
    """Return the bars of all concepts of a class on one common axis."""
    low = min([0.0, *(min(c.share, c.interval[0]) for c in concepts)])
    high = max([0.01, *(max(c.share, c.interval[1], c.null_share) for c in concepts)])

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    return tuple(
        Bar(
            zero=_number(at(0.0)),
            left=_number(at(min(0.0, c.share))),
            width=_number(at(abs(c.share)) - at(0.0)),
            low=_number(at(c.interval[0])),
            reach=_number(at(c.interval[1]) - at(c.interval[0])),
            null=_number(at(c.null_share)) if c.null_share > 0 else None,
            interval=c.interval[1] > c.interval[0],
        )
        for c in concepts
    )


def graph_data(result: ClassResult) -> dict[str, Any]:
    """Return what the interactive graph needs, small enough to travel inside the page.

    An image is a row ``[x, y, label, probability, strategy, dominant, right, key, top]`` with
    label an index into ``labels`` (−1: none), right 1, 0 or −1 (unknown) and top the pairs of
    concept number and signed share of that image's evidence, the largest first.
    """
    names = sorted({i.label_name for i in result.images if i.label_name is not None})
    position = {name: index for index, name in enumerate(names)}
    return {
        "name": result.name.name,
        "reach": REACH,
        "labels": names,
        "sprite": {"file": result.sprite.file, "columns": result.sprite.columns,
                   "rows": -(-len(result.images) // result.sprite.columns)},
        "maps": MAPS_SCRIPT if MAPS in result.files else "",
        "images": [_row(i, position, result.name.index) for i in result.images],
        "concepts": _concept_nodes(result),
        "strategies": [
            {"name": letter(s.number), "number": s.number, "size": s.size,
             "prevalence": percent(s.prevalence), "share": round(s.prevalence, 4),
             "reliability": None if s.reliability is None else round(s.reliability, 4),
             "dominant": s.dominant,
             "typical": s.prototypes[0] if s.prototypes else None,
             "x": round(s.x, 3), "y": round(s.y, 3),
             "top": _top(s.profile)}
            for s in result.strategies
        ],
        "edges": [
            [e.strategy, e.concept, round(e.weight, 3)]
            for e in result.edges
            if abs(e.weight) >= EDGE_SHOWN
        ],
    }  # fmt: skip


def _row(image: ImageEntry, labels: dict[str, int], index: int) -> list[Any]:
    wrong = is_wrong(image, index)
    return [
        round(image.x, 3),
        round(image.y, 3),
        -1 if image.label_name is None else labels[image.label_name],
        round(image.probability, 3),
        image.strategy,
        image.dominant,
        -1 if wrong is None else int(not wrong),
        image.key,
        _top(image.importance, most=None),
    ]


def _top(profile: tuple[float, ...], most: int | None = 3) -> list[list[int | float]]:
    """Return the largest of ``profile`` by size, as ``[number, signed share]``.

    After the third, those below one percent are left out.
    """
    total = sum(abs(value) for value in profile) or 1.0
    order = sorted(range(len(profile)), key=lambda i: (-abs(profile[i]), i))
    kept = [i for rank, i in enumerate(order[:most]) if abs(profile[i]) >= 0.01 * total or rank < 3]
    return [[i + 1, round(profile[i] / total, 3)] for i in kept if profile[i] != 0]


def _concept_nodes(result: ClassResult) -> list[dict[str, Any]]:
    """Place the concepts on a circle around the layout, each near the strategies it serves."""
    colors = tones(result)
    place = {s.number: (s.x, s.y) for s in result.strategies}
    angles = {c.number: _angle(c.number, result, place) for c in result.concepts}
    linked = [c for c in result.concepts if c.number in angles and _shown(c, result)]
    order = sorted(linked, key=lambda c: (angles[c.number], c.number))
    spread = _spread([angles[c.number] for c in order])
    node = {c.number: angle for c, angle in zip(order, spread, strict=True)}
    return [
        {"number": c.number, "tone": colors[c.number], "share": percent(c.share),
         "tile": c.tiles_file if c.tiles else "", "tiles": len(c.tiles),
         "node": [round(1.08 * math.cos(node[c.number]), 3),
                  round(1.08 * math.sin(node[c.number]), 3)] if c.number in node else None}
        for c in result.concepts
    ]  # fmt: skip


def _shown(concept: Concept, result: ClassResult) -> bool:
    weights = [abs(e.weight) for e in result.edges if e.concept == concept.number]
    return concept.important or max(weights, default=0.0) >= 2 * EDGE_SHOWN


def _angle(number: int, result: ClassResult, place: dict[int, tuple[float, float]]) -> float:
    pull = [(max(e.weight, 0.0), place[e.strategy]) for e in result.edges if e.concept == number]
    x, y = (sum(w * p[axis] for w, p in pull) for axis in (0, 1))
    return math.atan2(y, x) if (x, y) != (0, 0) else number * 2.4


def _spread(angles: list[float]) -> list[float]:
    """Push sorted angles apart to at least half of an even share, keeping their order."""
    if len(angles) < 2:
        return angles
    even = 2 * math.pi / len(angles)
    start = sum(a - i * even for i, a in enumerate(angles)) / len(angles)
    return [0.5 * a + 0.5 * (start + i * even) for i, a in enumerate(angles)]


def _across(x: float) -> str:
    return _number(50 + 50 * x / REACH)


def _down(y: float) -> str:
    return _number(50 - 50 * y / REACH)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
