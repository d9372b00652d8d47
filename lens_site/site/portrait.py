"""What the page of one's own picture shows of a class, as a script beside the page of the class."""

import json
from typing import Any

from lens_site.results.schema import ClassResult, Concept, ImageEntry
from lens_site.site.badges import is_wrong, tones
from lens_site.site.charts.scatter import axes
from lens_site.site.numbers import letter
from lens_site.site.pictures import rows_of

FILE = "portrait.js"


def portrait(result: ClassResult) -> bytes:
    """Return ``LensPortrait(slug, {…})``; an image is a row, named by ``columns``.

    ``x`` and ``y`` are its place in the strategic cluster graph, ``profile`` the shares of the
    concepts in thousandths, the space that the graph is a map of; ``least`` is the smallest Σ|φ|.
    """
    colors, sprite, (across, up) = tones(result), result.sprite, axes(result)
    said: dict[str, Any] = {
        "name": result.name.name,
        "index": result.name.index,
        "labels": [],
        "sharp": None,
        "sprite": {
            "file": sprite.file,
            "columns": sprite.columns,
            "rows": rows_of(sprite, len(result.images)),
            "size": sprite.size,
        },
        "across": [round(across.low, 4), round(across.high, 4)],
        "up": [round(up.low, 4), round(up.high, 4)],
        "score": result.score,
        "method": result.importance_method,
        "adds_up": result.adds_up,
        "least": min(float(f"{sum(map(abs, i.importance)):.4g}") for i in result.images),
        "concepts": [_concept(c, colors[c.number]) for c in result.concepts],
        "strategies": [
            {"number": s.number, "name": letter(s.number)} for s in result.strategies
        ],
        "columns": ["strategy", "dominant", "right", "x", "y", "profile"],
        "images": [_image(i, result.name.index) for i in result.images],
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return f"LensPortrait({json.dumps(result.name.slug)}, {text});\n".encode()


def _image(image: ImageEntry, index: int) -> tuple[Any, ...]:
    wrong, whole = is_wrong(image, index), sum(map(abs, image.importance)) or 1.0
    return (
        image.strategy or 0,
        image.dominant,
        -1 if wrong is None else int(not wrong),
        round(image.x, 3),
        round(image.y, 3),
        [round(1000 * adds / whole) for adds in image.importance],
    )


def _concept(concept: Concept, tone: str) -> dict[str, Any]:
    return {
        "number": concept.number,
        "tone": tone,
        "tile": concept.tiles_file if concept.tiles else "",
        "tiles": len(concept.tiles),
    }
