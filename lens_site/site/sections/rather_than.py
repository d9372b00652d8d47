"""Why this class rather than the ones that come second: what speaks for it, what against."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Rival
from lens_site.site.badges import badges_of
from lens_site.site.charts.diverging import Diverging, diverging
from lens_site.site.language import many
from lens_site.site.records import Section, Site

LEAST = 0.02
"""Concepts under this part of a difference are summed in one row."""


@dataclass(frozen=True)
class Against:
    """One rival; ``slug`` where it has a page."""

    name: str
    slug: str | None
    images: str
    chart: Diverging


@dataclass(frozen=True)
class RatherThan:
    """What the section shows."""

    name: str
    rivals: tuple[Against, ...]


def rather_than(site: Site, result: ClassResult) -> RatherThan | None:
    """Return what the section shows; None where no rival was looked at."""
    if not result.rivals:
        return None
    badges, name = badges_of(result), result.name.name

    def against(rival: Rival) -> Against:
        return Against(
            name=rival.name,
            slug=site.slugs.get(rival.index),
            images=many("second in {n} image", "second in {n} images", rival.images),
            chart=diverging(rival, badges, name, LEAST),
        )

    return RatherThan(name, tuple(against(rival) for rival in result.rivals))


SECTION = Section(place=45, context=rather_than)
