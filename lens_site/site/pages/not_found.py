"""What a server shows where there is no page: it is asked for at any depth, so it stands alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site.records import Page, Site, View


@dataclass(frozen=True)
class NotFound:
    """What the page shows."""

    classes: int


def not_found(site: Site) -> Iterator[View]:
    """Return the page."""
    yield View("404.html", NotFound(len(site.built)))


PAGE = Page(place=99, of_site=not_found, anywhere=True, listed=False)
