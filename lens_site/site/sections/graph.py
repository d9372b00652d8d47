"""The strategic cluster graph: a picture that stands by itself, and the data that wakes it."""

import json
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from lens_site.results.schema import ClassResult, ImageEntry, Sharp, Strategy
from lens_site.site.badges import Badge, badges_of, is_wrong, tones
from lens_site.site.charts.nodes import EDGE_SHOWN, SMALL, concept_nodes, hubs
from lens_site.site.charts.scatter import Scatter, axes, scatter
from lens_site.site.language import say
from lens_site.site.numbers import letter, percent
from lens_site.site.pictures import Crop, picture, rows_of, sheet_rows
from lens_site.site.records import Files, Section, Site

MAPS = "maps.js"
"""The code maps beside the page: a script, as a page opened from a folder may load nothing else."""


@dataclass(frozen=True)
class LegendEntry:
    """One color of the scatter, and how many images have it."""

    badge: Badge
    images: int


@dataclass(frozen=True)
class Graph:
    """What the section shows; ``data`` travels inside the page."""

    images: int
    labeled: bool
    apart: bool
    mistakes: int
    scatter: Scatter
    legend: tuple[LegendEntry, ...]
    only: Crop | None
    """The picture, where there is one image: then there is nothing to place."""
    data: dict[str, Any]


class ImageRow(NamedTuple):
    """One image for the script; the names of the fields travel with the rows."""

    x: float
    y: float
    label: int
    """Index into ``labels``, −1 for none."""
    probability: float
    strategy: int
    """0 without any."""
    belongs: float
    """How far it belongs to its strategy; 0 where that is not known."""
    dominant: int
    right: int
    """1 or 0, −1 where the image carries no label."""
    key: str
    top: list[tuple[int, float]]
    """Concepts and their signed shares of the evidence of this image, the largest first."""
    rest: float
    """Everything else, in the unit of these shares."""


def graph(site: Site, result: ClassResult) -> Graph:
    """Return what the section shows."""
    badges = badges_of(result)
    verdicts = [is_wrong(image, result.name.index) for image in result.images]
    return Graph(
        images=len(result.images),
        labeled=any(verdict is not None for verdict in verdicts),
        apart=bool(result.strategies),
        mistakes=sum(verdict is True for verdict in verdicts),
        scatter=scatter(result),
        legend=tuple(
            LegendEntry(badges[c.number], c.dominates) for c in result.concepts if c.dominates
        ),
        only=picture(result, 0, say("the image")) if len(result.images) == 1 else None,
        data=graph_data(result),
    )


def maps(site: Site, result: ClassResult) -> Files:
    """Return the code maps of the images as a script."""
    lines = (site.folder(result) / result.maps_file).read_text(encoding="utf-8")
    return {MAPS: f"globalThis.lensMaps = {json.dumps(lines)};\n".encode()}


def graph_data(result: ClassResult) -> dict[str, Any]:
    """Return what the interactive graph needs, small enough to travel inside the page."""
    names = sorted({i.label_name for i in result.images if i.label_name is not None})
    labels = {name: index for index, name in enumerate(names)}
    sprite, (across, up) = result.sprite, axes(result)
    return {
        "name": result.name.name,
        "across": [round(across.low, 4), round(across.high, 4)],
        "up": [round(up.low, 4), round(up.high, 4)],
        "labels": names,
        "sprite": {
            "file": sprite.file,
            "columns": sprite.columns,
            "rows": rows_of(sprite, len(result.images)),
            "size": sprite.size,
        },
        "sharp": _sharp(result.sharp),
        "maps": MAPS,
        "columns": ImageRow._fields,
        "images": [_row(image, labels, result.name.index) for image in result.images],
        "concepts": _concepts(result),
        "apart": bool(result.strategies),
        "small": SMALL,
        "strategies": [_strategy(hub, bool(result.strategies)) for hub in hubs(result)],
        "edges": [
            (hub.number, concept, round(weight, 3))
            for hub in hubs(result)
            for concept, weight in enumerate(hub.profile, start=1)
            if abs(weight) >= EDGE_SHOWN
        ],
    }


def _sharp(sharp: Sharp | None) -> dict[str, Any] | None:
    if sharp is None:
        return None
    return {
        "files": sharp.files,
        "columns": sharp.columns,
        "rows": sheet_rows(sharp),
        "full": sharp.columns * sharp.rows,
        "size": sharp.size,
        "images": sharp.images,
    }


def _row(image: ImageEntry, labels: dict[str, int], index: int) -> ImageRow:
    wrong = is_wrong(image, index)
    return ImageRow(
        x=round(image.x, 3),
        y=round(image.y, 3),
        label=-1 if image.label_name is None else labels[image.label_name],
        probability=_share(image.probability),
        strategy=image.strategy or 0,
        belongs=_belongs(image),
        dominant=image.dominant,
        right=-1 if wrong is None else int(not wrong),
        key=image.key,
        top=_top(image.importance, most=None),
        rest=_share(image.everything_else / (sum(map(abs, image.importance)) or 1.0)),
    )


def _belongs(image: ImageEntry) -> float:
    known = image.strategy is not None and image.strategy <= len(image.membership)
    return _share(image.membership[(image.strategy or 0) - 1]) if known else 0.0


def _concepts(result: ClassResult) -> list[dict[str, Any]]:
    colors, nodes = tones(result), concept_nodes(result)
    return [
        {
            "number": c.number,
            "tone": colors[c.number],
            "share": percent(c.share),
            "tile": c.tiles_file if c.tiles else "",
            "tiles": len(c.tiles),
            "node": nodes.get(c.number),
        }
        for c in result.concepts
    ]


def _strategy(strategy: Strategy, apart: bool) -> dict[str, Any]:
    reliability = strategy.reliability
    return {
        "name": letter(strategy.number) if apart else str(strategy.dominant),
        "number": strategy.number,
        "size": strategy.size,
        "prevalence": percent(strategy.prevalence),
        "share": _share(strategy.prevalence),
        "reliability": None if reliability is None else _share(reliability),
        "dominant": strategy.dominant,
        "typical": strategy.prototypes[0] if strategy.prototypes else None,
        "x": round(strategy.x, 3),
        "y": round(strategy.y, 3),
        "top": _top(strategy.profile),
    }


def _top(profile: tuple[float, ...], most: int | None = 3) -> list[tuple[int, float]]:
    """Return the largest of ``profile`` by size, as number and signed share.

    After the third, those below one percent are left out.
    """
    total = sum(abs(value) for value in profile) or 1.0
    order = sorted(range(len(profile)), key=lambda i: (-abs(profile[i]), i))
    kept = [i for rank, i in enumerate(order[:most]) if abs(profile[i]) >= 0.01 * total or rank < 3]
    return [(i + 1, _share(profile[i] / total)) for i in kept if profile[i] != 0]


def _share(value: float) -> float:
    """Round a share for the script; what is not all or nothing stays so, as in ``percent``."""
    if not 0 < abs(value) < 1:
        return value
    return math.copysign(min(max(round(abs(value), 4), 1e-4), 1 - 1e-4), value)


SECTION = Section(place=30, context=graph, files=maps)
