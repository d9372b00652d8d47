"""The page of a class, made of sections: its frame, its neighbors, and its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from lens_site.results import store
from lens_site.results.schema import ClassResult, ClassStatus
from lens_site.site import portrait, preview
from lens_site.site.branches import Crumb, crumbs
from lens_site.site.cards import FILE, strip
from lens_site.site.facing import facing
from lens_site.site.records import PREVIEW, Files, Page, Site, View
from lens_site.site.scripts import scripts
from lens_site.site.summary import describe

BROWSER = ("atoms.safetensors", "table.safetensors")
"""Files of a class that the visitor's browser reads."""


@dataclass(frozen=True)
class ClassPage:
    """What the page shows around its sections."""

    name: str
    index: int
    description: str
    crumbs: tuple[Crumb, ...]
    previous: ClassStatus | None
    next: ClassStatus | None


def class_page(site: Site, result: ClassResult) -> Iterator[View]:
    """Return the page."""
    previous, following = _neighbors(site, result.name.index)
    page = ClassPage(
        name=result.name.name,
        index=result.name.index,
        description=describe(result),
        crumbs=crumbs(site, result),
        previous=previous,
        next=following,
    )
    folder = f"classes/{result.name.slug}"
    draw = partial(preview.of_class, result, site.folder(result), site.run.classifier.name)
    address = f"{folder}/index.html"
    yield View(address, page, f"{folder}/{PREVIEW}", _files(site, result), draw)


def _neighbors(site: Site, index: int) -> tuple[ClassStatus | None, ClassStatus | None]:
    position = [c.index for c in site.built].index(index)
    around = (None, *site.built, None)
    return around[position], around[position + 2]


def _files(site: Site, result: ClassResult) -> Files:
    """Return the pictures that any page shows of the class, and its data byte for byte."""
    folder = site.folder(result)
    shown = {result.sprite.file, *(result.sharp.files if result.sharp else ())}
    shown |= {f for c in result.concepts if c.tiles for f in (c.tiles_file, c.heat_file)}
    shown |= {c.parts_file for c in result.concepts if c.parts_file}
    if made := result.visualizations:
        shown |= {made.drawn.file, made.accentuated.file}
    card = strip(result, folder)
    return {
        "class.json": folder / store.RESULT,
        **{name: folder / name for name in (*sorted(shown), *result.graph_files)},
        **_for_browser(site, result),
        **facing(site, result),
        **({} if card is None else {FILE: card}),
    }


def _for_browser(site: Site, result: ClassResult) -> Files:
    """Return what the browser reads of the class, if it may: ``table.js``, ``atoms.js``, more."""
    network = site.run.browser
    if network is None:
        return {}
    folder, prefix = site.folder(result), f"classes/{result.name.slug}/"
    stored = [name for name in BROWSER if name in result.files]
    seen = {portrait.FILE: portrait.portrait(result)} if network.file else {}
    return seen | {
        name: script
        for file in stored
        for name, script in scripts(prefix, file, (folder / file).read_bytes()).items()
    }


PAGE = Page(place=20, of_class=class_page, sections=True)
