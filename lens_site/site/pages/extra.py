"""Pages of the user's own, written in Markdown: ``pages`` in the table ``[site]``."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from lens_site.site import markdown
from lens_site.site.records import MenuEntry, Page, Site, View


@dataclass(frozen=True)
class Extra:
    """What the page shows."""

    title: str
    text: Markup


def extra(site: Site) -> Iterator[View]:
    """Return the pages."""
    pages = site.identity.pages
    links = {page.file: f"../{page.address}/index.html" for page in pages if page.file}
    for page in pages:
        yield View(_address(page.address), Extra(page.title, markdown.block(page.text, links)))


def entries(site: Site) -> Iterator[MenuEntry]:
    """Return their links, in the order of the table."""
    for page in site.identity.pages:
        yield MenuEntry(page.title, _address(page.address))


def _address(name: str) -> str:
    return f"{name}/index.html"


PAGE = Page(place=95, of_site=extra, entries=entries)
