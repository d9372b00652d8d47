"""What the page of one's own picture shows of a class, as a script beside the page of the class."""

import json
from typing import Any

from lens_site.results.schema import ClassResult, Concept
from lens_site.site.badges import tones
from lens_site.site.numbers import letter
from lens_site.site.pictures import rows_of

FILE = "portrait.js"


def portrait(result: ClassResult) -> bytes:
    """Return ``LensPortrait(slug, {…})``; images are rows of strategy (0 for none) and leader."""
    colors, sprite = tones(result), result.sprite
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
        "concepts": [_concept(c, colors[c.number]) for c in result.concepts],
        "strategies": [
            {"number": s.number, "name": letter(s.number)} for s in result.strategies
        ],
        "columns": ["strategy", "dominant"],
        "images": [(i.strategy or 0, i.dominant) for i in result.images],
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return f"LensPortrait({json.dumps(result.name.slug)}, {text});\n".encode()


def _concept(concept: Concept, tone: str) -> dict[str, Any]:
    return {
        "number": concept.number,
        "tone": tone,
        "tile": concept.tiles_file if concept.tiles else "",
        "tiles": len(concept.tiles),
    }
