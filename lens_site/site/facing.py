"""What the page that compares two classes reads of each: a script beside the page of the class.

Directions of concepts come as whole numbers of one byte, each row scaled to its largest: a cosine
of two is then wrong by less than 0.01.
"""

import base64
import json
import math
import struct
from typing import Any

from lens_site.results import store, tensors
from lens_site.results.schema import ClassResult, Concept
from lens_site.site.across import across
from lens_site.site.badges import is_present, tones
from lens_site.site.beside import KINDS
from lens_site.site.numbers import letter, percent, span
from lens_site.site.records import Files, Site

FILE = "compare.js"

LARGEST = 127


def facing(site: Site, result: ClassResult) -> Files:
    """Return ``LensCompare(slug, {...})``; nothing where there is no class to compare with."""
    if len(site.built) < 2:
        return {}
    colors, groups = tones(result), site.once(shared_groups)
    shown = [c for c in result.concepts if is_present(c)]
    said: dict[str, Any] = {
        "name": result.name.name,
        "concepts": [
            {
                **_concept(c, colors[c.number]),
                "group": groups.get((result.name.index, c.number), 0),
            }
            for c in shown
        ],
        "strategies": [
            [letter(s.number), percent(s.prevalence), s.dominant, colors[s.dominant]]
            for s in result.strategies
        ],
        "figures": [kind.tell(result) for kind in KINDS],
        **_directions(site, result, shown),
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return {FILE: f"LensCompare({json.dumps(result.name.slug)}, {text});\n".encode()}


def shared_groups(site: Site) -> dict[tuple[int, int], int]:
    """Return the shared concept that each concept is one of, by class and number."""
    found = site.once(across)
    points = found.model.points if found else ()
    return {(p.index, p.concept): p.group for p in points if p.group}


def _concept(concept: Concept, tone: str) -> dict[str, Any]:
    low, high = concept.interval
    return {
        "number": concept.number,
        "tone": tone,
        "share": concept.share,
        "told": percent(concept.share) + (f" ({span(low, high)})" if low < high else ""),
        "right": ""
        if concept.reliability is None or not concept.dominates
        else percent(concept.reliability),
        "file": concept.tiles_file if concept.tiles else "",
        "tiles": len(concept.tiles),
    }


def _directions(site: Site, result: ClassResult, shown: list[Concept]) -> dict[str, Any]:
    """Return the directions of the concepts shown; nothing where none are stored."""
    if store.ARRAYS not in result.files:
        return {}
    stored = tensors.read(site.folder(result) / store.ARRAYS, "dictionary")
    width = stored.shape[1]
    rows = struct.unpack(f"<{len(stored.data) // 4}f", stored.data)
    packed = b"".join(_packed(rows[width * (c.number - 1) : width * c.number]) for c in shown)
    return {"width": width, "directions": base64.b64encode(packed).decode()}


def _packed(row: tuple[float, ...]) -> bytes:
    most = max(map(abs, row))
    scale = LARGEST / most if most > 0 and math.isfinite(most) else 0.0
    return struct.pack(f"{len(row)}b", *(round(scale * value) for value in row))
