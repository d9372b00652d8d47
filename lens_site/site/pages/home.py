"""Home: what this is about, six classes to begin with, and the gallery of all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from lens_site.site import preview
from lens_site.site.across import across
from lens_site.site.branches import kinds
from lens_site.site.cards import Card, cards, featured
from lens_site.site.findings import Line, strongest
from lens_site.site.language import later, say
from lens_site.site.records import MenuEntry, Page, Site, View

QUARTET = 4
"""Tiles of the picture beside the heading."""


@dataclass(frozen=True)
class Home:
    """What the page shows."""

    cards: tuple[Card, ...]
    featured: tuple[Card, ...]
    labeled: bool
    kept: bool
    """Whether it is known of any class how much its concepts tell."""
    findings: tuple[Line, ...]
    """The clearest of the audit."""
    kinds: Mapping[str, str]
    """What each class is a kind of, by its slug; empty where that is not known."""

    @property
    def first(self) -> Card | None:
        """The class with most to see."""
        return self.featured[0] if self.featured else None

    @property
    def picture(self) -> Card | None:
        """The class whose four leading tiles stand beside the heading; None where it has fewer."""
        return self.first if self.first and len(self.first.quartet) == QUARTET else None


def home(site: Site) -> Iterator[View]:
    """Return the page."""
    all_cards, best = site.once(cards), site.once(featured)
    found = site.once(across)
    page = Home(
        cards=tuple(sorted(all_cards, key=lambda c: (c.name.lower(), c.index))),
        featured=best,
        labeled=any(c.reliability is not None for c in all_cards),
        kept=any(c.kept is not None for c in all_cards),
        findings=() if found is None else strongest(found),
        kinds=site.once(kinds),
    )
    yield View("index.html", page, draw=partial(_preview, site, best) if best else None)


def _preview(site: Site, best: Sequence[Card]) -> bytes:
    result = site.result(best[0].slug, verify=False)
    asked = say("What does %(model)s look at?") % {"model": site.run.classifier.name}
    return preview.of_class(result, site.folder(result), asked)


PAGE = Page(place=10, of_site=home, menu=MenuEntry(later("Classes"), "index.html#classes"))
