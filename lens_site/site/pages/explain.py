"""The visitor's own picture, explained in the browser: the page, and the network beside it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.results import store
from lens_site.site import examples
from lens_site.site.headers import header
from lens_site.site.language import later
from lens_site.site.records import Files, MenuEntry, Page, Site, View
from lens_site.site.scripts import scripts

NAMES = "names.js"


@dataclass(frozen=True)
class Explain:
    """What the page shows before anything is loaded."""

    reason: str
    """Why the network cannot run in a browser; empty where it can."""
    megabytes: str
    classes: tuple[tuple[str, str], ...]
    """Slug and name of the classes with concepts, by name."""


def explain(site: Site) -> Iterator[View]:
    """Return the page."""
    network = site.run.browser
    assert network is not None, "the page is there only where the run allows it"
    data = store.read_network(site.run_dir, site.run)
    files = {} if data is None else scripts("explain/", network.file, data)
    beside = {} if data is None else _beside(site, data)
    page = Explain(
        reason=network.reason,
        megabytes=f"{sum(map(len, files.values())) / 1e6:.0f}",
        classes=tuple(sorted(((c.slug, c.name) for c in site.built), key=lambda c: c[1].lower())),
    )
    yield View("explain/index.html", page, files={**files, **beside})


def _beside(site: Site, network: bytes) -> Files:
    return {NAMES: _names(site, network), examples.FILE: examples.examples(site)}


def _names(site: Site, network: bytes) -> bytes:
    """Return the names of all classes, and the folders of those with a page, as a script."""
    names = {"labels": header(network).notes["labels"], "slugs": site.slugs}
    return f"globalThis.lensNames = {json.dumps(names, separators=(',', ':'))};\n".encode()


def _there(site: Site) -> bool:
    return site.run.browser is not None


PAGE = Page(
    place=22,
    of_site=explain,
    there=_there,
    menu=MenuEntry(later("Your picture"), "explain/index.html"),
)
