"""The audit: what a practitioner must see, over all classes, kind by kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.results import store
from lens_site.results.schema import Look
from lens_site.site.across import Across, across, is_there
from lens_site.site.findings import Line, lines
from lens_site.site.numbers import count
from lens_site.site.records import MenuEntry, Page, Site, View

UNLABELED = "No image of this run carries a label, so nothing can be said of mistakes."

TEXTS = {
    "misleads": (
        "Concepts that lead mistakes",
        "Of the images in which the concept is the main reason, so many carry the label of "
        "another class. A label can be wrong itself: look before you judge.",
        "concept that leads labeled images",
        "concepts that lead labeled images",
        UNLABELED,
    ),
    "off-center": (
        "Evidence at the edge of the picture",
        "The percentage is how much of the concept lies in the outer ring of the picture, over "
        "all images. Where things stand in the middle, evidence at the edge is often background, "
        "a frame or a mark. Where they fill the picture, as clothes or landscapes do, it need not "
        "be wrong.",
        "concept that counts",
        "concepts that count",
        "It takes ten images of a class and more than one place a picture to tell.",
    ),
    "recurs": (
        "Shared by classes that are otherwise unlike",
        "What such classes have in common is often their background: grass, sky, a hand. It can "
        "be a true part of all of them, too.",
        "concept shared by three classes or more",
        "concepts shared by three classes or more",
        "No concept is shared by three classes.",
    ),
    "strategy": (
        "Strategies that are often wrong",
        "Groups of images recognized for a reason of their own, and how many of their labeled "
        "images carry the label of another class.",
        "strategy with labeled images",
        "strategies with labeled images",
        "No class has separate groups of labeled images.",
    ),
    "lost": (
        "Concepts that do not always come back",
        "The dictionary of the class was learned anew from halves of its images and with other "
        "seeds. Listed is what carries more here than random directions would, but in some refit "
        "no more than that, or has a match no better than random patches.",
        "concept that counts and was looked for again",
        "concepts that count and were looked for again",
        "No class was learned anew: too few images, or a method too slow for it.",
    ),
}
"""Of each kind: heading, what it means, what was looked at (one, many), why nothing could be."""


@dataclass(frozen=True)
class Part:
    """One kind of finding."""

    kind: str
    title: str
    means: str
    looked: str
    """How many were looked at, found and shown; or why none could be."""
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Audit:
    """What the page shows."""

    parts: tuple[Part, ...]
    labeled: int
    classes: int


def audit(site: Site) -> Iterator[View]:
    """Return the page."""
    found = site.once(across)
    if found is None:
        return
    every = lines(found)
    parts = tuple(
        _part(found, look, tuple(line for line in every if line.kind == look.kind))
        for look in found.model.looks
    )
    page = Audit(parts, found.labeled, len(found.model.classes))
    yield View("audit/index.html", page, files={"model.json": site.run_dir / store.MODEL})


def _part(found: Across, look: Look, shown: tuple[Line, ...]) -> Part:
    title, means, one, many, nothing = TEXTS[look.kind]
    unlabeled = look.kind in ("misleads", "strategy") and not found.labeled
    looked = UNLABELED if unlabeled else nothing
    if look.looked:
        looked = f"Looked at {count(look.looked, one, many)}, found {look.found or 'none'}"
        looked += f"; the first {len(shown)} are shown." if look.found > len(shown) else "."
    return Part(look.kind, title, means, looked, shown)


PAGE = Page(place=60, of_site=audit, there=is_there, menu=MenuEntry("Audit", "audit/index.html"))
