"""Pages of the user's own, written in Markdown: ``pages`` in the table ``[site]``."""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lens_site.results.schema import ExtraPage
from lens_site.site import markdown
from lens_site.site.markdown import Around, Heading, Shown
from lens_site.site.records import Files, MenuEntry, Page, Site, View


@dataclass(frozen=True)
class Leaf:
    """A page of a group, in the list that stands on each of them; ``inside`` only on its own."""

    title: str
    address: str
    here: bool
    inside: tuple[Heading, ...]


@dataclass(frozen=True)
class Extra:
    """What the page shows; ``group`` is empty where it stands alone."""

    title: str
    text: Markup
    group: str
    leaves: tuple[Leaf, ...]


def extra(site: Site) -> Iterator[View]:
    """Return the pages."""
    identity = site.identity
    for page in identity.pages:
        root = "../" * (page.address.count("/") + 1)
        pictures = {
            picture.path: f"picture-{number}.{picture.kind}"
            for number, picture in enumerate(page.pictures, start=1)
        }
        around = Around(
            folder=posixpath.dirname(page.file),
            pages={p.file: root + p.path for p in identity.pages if p.file},
            files=frozenset(page.files),
            source=identity.source,
            pictures={p.path: Shown(pictures[p.path], p.width, p.height) for p in page.pictures},
        )
        files: Files = {pictures[p.path]: p.content for p in page.pictures}
        leaves = _leaves(page, identity.pages) if page.group else ()
        shown = Extra(page.title, markdown.block(page.text, around), page.group, leaves)
        yield View(page.path, shown, files=files)


def entries(site: Site) -> Iterator[MenuEntry]:
    """Return their links, in the order of the table; one for each group."""
    groups = set()
    for page in site.identity.pages:
        if page.group not in groups:
            yield MenuEntry(page.group or page.title, page.path)
        groups |= {page.group} - {""}


def _leaves(page: ExtraPage, pages: Sequence[ExtraPage]) -> tuple[Leaf, ...]:
    return tuple(
        Leaf(
            one.title,
            one.path,
            here=one is page,
            inside=tuple(h for h in markdown.headings(one.text) if h.level == 2)
            if one is page
            else (),
        )
        for one in pages
        if one.group == page.group
    )


PAGE = Page(place=95, of_site=extra, entries=entries)
