"""The audit: what a practitioner must see, over all classes, kind by kind."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.results import store
from lens_site.results.schema import Look
from lens_site.site.across import Across, across, is_there
from lens_site.site.findings import Line, lines
from lens_site.site.language import later, later_many, many, say
from lens_site.site.records import MenuEntry, Page, Site, View

UNLABELED = later("No image of this run carries a label, so nothing can be said of mistakes.")

TEXTS = {
    "misleads": (
        later("Concepts that lead mistakes"),
        later(
            "Of the images in which the concept is the main reason, so many carry the label of "
            "another class. A label can be wrong itself: look before you judge."
        ),
        *later_many(
            "{n} concept that leads labeled images",
            "{n} concepts that lead labeled images",
        ),
        UNLABELED,
    ),
    "off-center": (
        later("Evidence at the edge of the picture"),
        later(
            "The percentage is how much of the concept lies in the outer ring of the picture, "
            "over all images. Where things stand in the middle, evidence at the edge is often "
            "background, a frame or a mark. Where they fill the picture, as clothes or "
            "landscapes do, it need not be wrong."
        ),
        *later_many(
            "{n} concept that counts",
            "{n} concepts that count",
        ),
        later("It takes ten images of a class and more than one place a picture to tell."),
    ),
    "recurs": (
        later("Shared by classes that are otherwise unlike"),
        later(
            "What such classes have in common is often their background: grass, sky, a hand. It "
            "can be a true part of all of them, too."
        ),
        *later_many(
            "{n} concept shared by three classes or more",
            "{n} concepts shared by three classes or more",
        ),
        later("No concept is shared by three classes."),
    ),
    "strategy": (
        later("Strategies that are often wrong"),
        later(
            "Groups of images recognized for a reason of their own, and how many of their "
            "labeled images carry the label of another class."
        ),
        *later_many(
            "{n} strategy with labeled images",
            "{n} strategies with labeled images",
        ),
        later("No class has separate groups of labeled images."),
    ),
    "lost": (
        later("Concepts that do not always come back"),
        later(
            "The dictionary of the class was learned anew from halves of its images and with "
            "other seeds. Listed is what carries more here than random directions would, but in "
            "some refit no more than that, or has a match no better than random patches."
        ),
        *later_many(
            "{n} concept that counts and was looked for again",
            "{n} concepts that count and were looked for again",
        ),
        later("No class was learned anew: too few images, or a method too slow for it."),
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
    title, means, one, other, nothing = TEXTS[look.kind]
    unlabeled = look.kind in ("misleads", "strategy") and not found.labeled
    looked = say(UNLABELED if unlabeled else nothing)
    if look.looked:
        looked = _looked(look, many(one, other, look.looked), len(shown))
    return Part(look.kind, say(title), say(means), looked, shown)


def _looked(look: Look, at: str, shown: int) -> str:
    """Say how many were looked at, and how many of them were found and are shown."""
    if not look.found:
        return say("Looked at {what}, found none.", what=at)
    if look.found > shown:
        told = later("Looked at {what}, found {found}; the first {shown} are shown.")
        return say(told, what=at, found=look.found, shown=shown)
    return say("Looked at {what}, found {found}.", what=at, found=look.found)


PAGE = Page(
    place=60, of_site=audit, there=is_there, menu=MenuEntry(later("Audit"), "audit/index.html")
)
