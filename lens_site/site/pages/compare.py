"""Compare: two classes of this run, computed in the browser, and the other runs of the site.

A thousand classes have half a million pairs, so there is one page, and the address says which two:
``compare/index.html?a=0967&b=0968``. What it shows lies beside each class as a classic script, so
that it works from ``file://``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site.across import across
from lens_site.site.beside import KINDS
from lens_site.site.facing import FILE
from lens_site.site.handles import PAGE as CONCEPT
from lens_site.site.labels import labels
from lens_site.site.language import later, local, say
from lens_site.site.numbers import exact
from lens_site.site.records import MenuEntry, Page, Site, View


@dataclass(frozen=True)
class Pair:
    """Two runs of the site."""

    first: str
    second: str
    address: str


@dataclass(frozen=True)
class Compare:
    """What the page shows before two classes are chosen."""

    pairs: tuple[Pair, ...]
    classes: tuple[tuple[str, str, str], ...]
    """Number, slug and name, by name."""
    figures: tuple[tuple[str, str], ...]
    """Name and meaning of the figures of a class, in the order of its script."""
    file: str
    concept: str
    """Address of a concept in the folder of its class."""
    threshold: str
    """Cosine from which on two concepts are alike; empty where that is not known."""
    level: str
    """The same, exactly."""
    random: str
    absolute: bool
    """Whether signs are left out of cosines, as codes take both."""
    point: str
    """Stands before the decimals of a number."""


def compare(site: Site) -> Iterator[View]:
    """Return the page."""
    found = site.once(across)
    reference = found.model.reference if found else None
    page = Compare(
        pairs=_pairs(site),
        classes=tuple(
            (f"{c.index:04d}", c.slug, c.name)
            for c in sorted(site.built, key=lambda c: (c.name.lower(), c.index))
        ),
        figures=tuple((say(kind.name), kind.words()) for kind in KINDS),
        file=FILE,
        concept=CONCEPT,
        threshold=exact(reference.threshold, 2) if reference else "",
        level=str(reference.threshold) if reference else "",
        random=exact(reference.random_high, 2) if reference else "",
        absolute=bool(reference and reference.absolute),
        point=local("."),
    )
    yield View("compare/index.html", page)


def _pairs(site: Site) -> tuple[Pair, ...]:
    names = labels([site.run, *(other.site.run for other in site.others)])
    return tuple(
        Pair(names[site.run.run], names[other.site.run.run], f"{other.pages}index.html")
        for other in site.others
    )


def _there(site: Site) -> bool:
    return len(site.built) > 1 or bool(site.others)


PAGE = Page(
    place=44, of_site=compare, there=_there, menu=MenuEntry(later("Compare"), "compare/index.html")
)
