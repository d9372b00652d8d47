"""All shared concepts in a list, those of most classes first."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site.across import across
from lens_site.site.groups import GroupRow, rows
from lens_site.site.records import Page, Site, View


@dataclass(frozen=True)
class SharedConcepts:
    """What the page shows."""

    groups: tuple[GroupRow, ...]


def shared(site: Site) -> Iterator[View]:
    """Return the page."""
    found = site.once(across)
    if found is not None:
        yield View("shared/index.html", SharedConcepts(rows(found)))


def has_groups(site: Site) -> bool:
    """Say whether any concept is shared."""
    found = site.once(across)
    return found is not None and bool(found.model.groups)


PAGE = Page(place=55, of_site=shared, there=has_groups)
