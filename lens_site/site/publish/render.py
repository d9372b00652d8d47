"""From the results of one run or several to a whole site: gathered beside the old, then swapped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from markupsafe import Markup

from lens_site import atomic
from lens_site.results.schema import Identity
from lens_site.site import across, branches, language
from lens_site.site.publish import appearance, assets, machines, manifest, search, templates
from lens_site.site.publish.company import together
from lens_site.site.publish.pieces import Pieces, gather
from lens_site.site.publish.write import Writer
from lens_site.site.records import Site

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SiteReport:
    """What was written."""

    folder: Path
    classes: int
    files: int
    bytes: int
    notes: tuple[str, ...]
    """What is left out, and how to get it."""


def render(
    run_dir: Path,
    site_dir: Path,
    *,
    others: Sequence[Path] = (),
    base_url: str | None = None,
    progress: Progress | None = None,
    extras: Sequence[str] = (),
    identity: Identity | None = None,
    own: Path | None = None,
) -> SiteReport:
    """Write the site of a run to ``site_dir``; the old site stays until the new one is whole.

    ``others`` are further runs of the same images: each gets a whole site of its own below
    ``runs/``, and any two get pages that compare them, from what ``model.pairs`` left beside the
    first. ``progress`` hears how many classes are written, out of how many. ``extras`` are words
    ``package.module:Name`` that name pages, sections and charts from outside the package.
    ``identity`` is what the site is called and how it looks, in place of what the run holds;
    ``own`` a folder of templates that stand in place of ours. The same results give the same bytes.

    Raises
    ------
    ConfigError
        If an extra cannot be loaded or takes the address of another page; if a template is broken.
    ResultError
        If a result is missing or damaged, or two runs were not compared.
    OutputError
        If the site cannot be written.
    """
    sites, pieces = together([run_dir, *others], identity), gather(extras)
    total, reports = sum(len(site.built) for site in sites), list[SiteReport]()

    def fill(folder: Path) -> None:
        done, listed = 0, list[str]()
        for site in sites:
            tell = partial(_tell, progress or _silence, done, total)
            listed += _one(folder, site, pieces, base_url, own, tell)
            done += len(site.built)
        sitemap = Writer(folder, sites[0], pieces, base_url, Markup(), own).address("sitemap.xml")
        machines.address(folder, sitemap, listed)
        manifest.write(folder)
        reports.append(_report(site_dir, folder, sites))

    if own:
        templates.check(own)
    with language.spoken(language.load(sites[0].identity.language, own)):
        atomic.write_tree(site_dir, fill)
    return reports[0]


def check(identity: Identity, extras: Sequence[str] = (), own: Path | None = None) -> None:
    """See before the work that a site can be made as the user wants it; raises ConfigError."""
    gather(extras).shown(identity.sections)
    language.load(identity.language, own)
    if own:
        templates.check(own)


def _one(
    folder: Path,
    site: Site,
    pieces: Pieces,
    base_url: str | None,
    templates_of_user: Path | None,
    progress: Progress,
) -> list[str]:
    """Write the pages of one run, whole in themselves; return their public addresses."""
    into = folder / site.folder_in_site
    url = base_url and f"{base_url.rstrip('/')}/{site.folder_in_site}"
    styles = assets.styles(pieces, site.identity)
    writer = Writer(into, site, pieces, url, styles, templates_of_user)
    entries: list[search.Entry] = []
    pages = [*_of_site(writer), *_of_classes(writer, progress, entries)]
    machines.write_schemas(into)
    assets.copy(pieces, into, site.identity)
    search.write(into, entries, site.once(branches.root), site.identity.pages)
    return pages


def _of_site(writer: Writer) -> Iterator[str]:
    """Write the pages that speak of the whole run; give the public addresses of those to list."""
    for piece in writer.pieces.pages:
        if piece.record.there(writer.site):
            for view in piece.record.of_site(writer.site):
                writer.page(piece, view)
                if piece.record.listed:
                    yield writer.address(view.address)


def _of_classes(writer: Writer, progress: Progress, entries: list[search.Entry]) -> Iterator[str]:
    """Write the pages of each class, one result in memory at a time; give their addresses.

    What the search finds of each class is added to ``entries`` on the way.
    """
    site = writer.site
    kinds = [piece for piece in writer.pieces.pages if piece.record.there(site)]
    for number, result in enumerate(site.results(), start=1):
        for piece in kinds:
            for view in piece.record.of_class(site, result):
                writer.page(piece, view, result)
                if piece.record.listed:
                    yield writer.address(view.address)
        entries.append(search.entry(result))
        progress(number, len(site.built))


def _silence(done: int, classes: int) -> None:
    pass


def _tell(progress: Progress, before: int, total: int, done: int, classes: int) -> None:
    """Pass on how many classes of one run are written, as those of all runs."""
    progress(before + done, total)


def _report(site_dir: Path, folder: Path, sites: Sequence[Site]) -> SiteReport:
    sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file()]
    missing = filter(None, map(across.missing, sites))
    notes = (*missing, *appearance.notes(sites[0].identity))
    classes = sum(len(site.built) for site in sites)
    return SiteReport(site_dir, classes, len(sizes), sum(sizes), notes)
