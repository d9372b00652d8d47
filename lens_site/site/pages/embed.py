"""A concept as a card for other people's pages: one small file without a script.

There is one beside the page of every concept, at an address that stays:
``classes/0967-espresso/concepts/03/embed.html``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.results.schema import ClassResult
from lens_site.site import palette
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.numbers import percent
from lens_site.site.pictures import Strip, strips
from lens_site.site.records import Page, Site, View

TILES = 4
"""Tiles of the card; below them the same images, lit."""


@dataclass(frozen=True)
class Embed:
    """What the card shows."""

    name: str
    badge: Badge
    share: str
    rows: tuple[Strip, Strip] | None
    network: str
    colors: tuple[str, str]
    """Of the concept, in light and dark."""
    inks: tuple[str, str]


def embed(site: Site, result: ClassResult) -> Iterator[View]:
    """Return the cards of all concepts of a class that show up in it."""
    badges = badges_of(result)
    for concept in (c for c in result.concepts if is_present(c)):
        badge = badges[concept.number]
        light, dark = (palette.color(badge.tone, theme) for theme in ("light", "dark"))
        page = Embed(
            name=result.name.name,
            badge=badge,
            share=percent(concept.share),
            rows=strips(concept, TILES),
            network=site.run.classifier.name,
            colors=(light, dark),
            inks=(palette.ink_on(light), palette.ink_on(dark)),
        )
        address = f"classes/{result.name.slug}/{badge.page}".replace("index.html", "embed.html")
        yield View(address, page)


PAGE = Page(place=23, of_class=embed, listed=False)
