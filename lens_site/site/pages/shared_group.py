"""The page of a shared concept: its members, class by class, and what it is worth in each."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site.across import Across, Seen, across, group_address, is_there
from lens_site.site.charts.bars import Bar, bars
from lens_site.site.findings import named
from lens_site.site.numbers import exact
from lens_site.site.records import Page, Site, View


@dataclass(frozen=True)
class SharedConcept:
    """What the page shows; bars share one axis."""

    number: int
    names: str
    members: tuple[tuple[Seen, Bar], ...]
    cosine: str
    least: str
    threshold: str
    random: str
    absolute: bool
    previous: str
    next: str


def shared_groups(site: Site) -> Iterator[View]:
    """Return a page for each group."""
    found = site.once(across)
    if found is not None:
        for group in found.model.groups:
            yield View(group_address(group.number), _page(found, group.number))


def _page(found: Across, number: int) -> SharedConcept:
    group, reference = found.group(number), found.model.reference
    members = found.members(group)
    drawn = bars([m.concept for m in members])
    last = len(found.model.groups)
    return SharedConcept(
        number=number,
        names=named([m.name for m in members]),
        members=tuple(zip(members, drawn, strict=True)),
        cosine=exact(group.cosine, 2),
        least=exact(group.least, 2),
        threshold=exact(reference.threshold, 2) if reference else "",
        random=exact(reference.random_high, 2) if reference else "",
        absolute=bool(reference and reference.absolute),
        previous=f"../{number - 1:03d}/index.html" if number > 1 else "",
        next=f"../{number + 1:03d}/index.html" if number < last else "",
    )


PAGE = Page(place=56, of_site=shared_groups, there=is_there)
