"""The atlas: every concept of every class on one map, and the concepts that classes share.

The map is drawn in the browser on a plain canvas: with ten thousand dots no task takes 200 ms
(a test holds it to that), where loading Plotly and drawing as many by its WebGL took one of 1.6 s
on the same busy machine, and 4.8 MB. The data are a classic script, so that it works from
``file://``.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lens_site.site.across import Across, Seen, across
from lens_site.site.findings import named
from lens_site.site.groups import GroupRow, rows
from lens_site.site.handles import CONCEPT
from lens_site.site.language import later
from lens_site.site.numbers import exact
from lens_site.site.records import MenuEntry, Page, Site, View

LISTED = 24
"""Shared concepts that stand below the map."""

COLORS = 10
"""Branches or shared concepts that have a color of their own."""

STEPS = 9999
"""Places along a side of the map: as fine as a screen, and short to write."""


@dataclass(frozen=True)
class Likeness:
    """What cosines mean here, written."""

    threshold: str
    again: str
    random: str
    shuffled: str
    pairs: int
    pairs_shuffled: int
    absolute: bool


@dataclass(frozen=True)
class Atlas:
    """What the page shows."""

    concepts: int
    classes: int
    groups: tuple[GroupRow, ...]
    all_groups: int
    branches: bool
    """Whether dots are colored by branches of the tree, not by shared group."""
    likeness: Likeness | None
    left_out: int


def atlas(site: Site) -> Iterator[View]:
    """Return the page."""
    found = site.once(across)
    if found is None:
        return
    model = found.model
    page = Atlas(
        concepts=len(model.points),
        classes=len(model.classes),
        groups=rows(found, LISTED),
        all_groups=len(model.groups),
        branches=any(seen.branch for seen in found.concepts.values()),
        likeness=_likeness(found),
        left_out=len(model.left_out),
    )
    yield View("atlas/index.html", page, files={"data.js": script(found)})


def has_map(site: Site) -> bool:
    """Say whether there are concepts of several classes to lay out."""
    found = site.once(across)
    return found is not None and len(found.model.classes) > 1 and bool(found.model.points)


def _likeness(found: Across) -> Likeness | None:
    reference = found.model.reference
    if reference is None:
        return None
    return Likeness(
        threshold=exact(reference.threshold, 2),
        again="" if reference.again is None else exact(reference.again, 2),
        random=exact(reference.random_high, 2),
        shuffled=exact(reference.shuffled_high, 2),
        pairs=reference.pairs,
        pairs_shuffled=reference.pairs_shuffled,
        absolute=reference.absolute,
    )


def script(found: Across) -> bytes:
    """Return the map as a script: columns of small numbers, names once."""
    points = found.model.points
    seen = [found.concepts[p.index, p.concept] for p in points]
    slugs = list(dict.fromkeys(s.slug for s in seen))
    files = list(dict.fromkeys(s.concept.tiles_file for s in seen))
    branches = [b for b, _ in Counter(s.branch for s in seen if s.branch).most_common()]
    columns = {
        "c": _positions(slugs, [s.slug for s in seen]),
        "n": [p.concept for p in points],
        "x": [round((p.x + 1) / 2 * STEPS) for p in points],
        "y": [round((1 - p.y) / 2 * STEPS) for p in points],
        "s": [round(1000 * s.concept.share) for s in seen],
        "k": [int(s.concept.important) for s in seen],
        "g": [p.group or 0 for p in points],
        "f": _positions(files, [s.concept.tiles_file for s in seen]),
        "w": [s.columns for s in seen],
    }
    data = {
        "address": CONCEPT,
        "steps": STEPS,
        "branches": branches,
        "legend": branches[:COLORS] or _names(found),
        "classes": _classes(slugs, seen, branches),
        "files": files,
        **columns,
    }
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return f"globalThis.lensAtlasData={text};\n".encode()


def _names(found: Across) -> list[str]:
    """Return what the first shared concepts are called by."""
    groups = found.model.groups[:COLORS]
    return [named([m.name for m in found.members(group)], most=2) for group in groups]


def _classes(slugs: Sequence[str], seen: Sequence[Seen], branches: Sequence[str]) -> list[object]:
    of_slug = {s.slug: s for s in seen}
    at = {branch: i for i, branch in enumerate(branches)}
    return [[slug, of_slug[slug].name, at.get(of_slug[slug].branch, -1)] for slug in slugs]


def _positions(known: Sequence[str], words: Sequence[str]) -> list[int]:
    at = {word: i for i, word in enumerate(known)}
    return [at[word] for word in words]


PAGE = Page(
    place=50, of_site=atlas, there=has_map, menu=MenuEntry(later("Atlas"), "atlas/index.html")
)
