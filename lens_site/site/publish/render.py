"""From the results of a run to a whole site, gathered beside the old one and then swapped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lens_site import atomic
from lens_site.results import store
from lens_site.results.schema import Identity
from lens_site.site import across, branches, language
from lens_site.site.publish import appearance, assets, machines, manifest, search, templates
from lens_site.site.publish.pieces import gather
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
    base_url: str | None = None,
    progress: Progress | None = None,
    extras: Sequence[str] = (),
    identity: Identity | None = None,
    own: Path | None = None,
) -> SiteReport:
    """Write the site of one run to ``site_dir``; the old site stays until the new one is whole.

    ``progress`` hears how many classes are written, out of how many. ``extras`` are words
    ``package.module:Name`` that name pages, sections and charts from outside the package.
    ``identity`` is what the site is called and how it looks, in place of what the run holds;
    ``own`` a folder of templates that stand in place of ours. The same results give the same bytes.

    Raises
    ------
    ConfigError
        If an extra cannot be loaded or takes the address of another page; if a template is broken.
    ResultError
        If a result is missing or damaged.
    OutputError
        If the site cannot be written.
    """
    site, pieces = Site(run_dir, store.read_run(run_dir), identity), gather(extras)
    reports: list[SiteReport] = []

    def fill(folder: Path) -> None:
        styles = assets.styles(pieces, site.identity)
        writer = Writer(folder, site, pieces, base_url, styles, own)
        entries: list[search.Entry] = []
        pages = [*_of_site(writer), *_of_classes(writer, progress or _silence, entries)]
        machines.write_all(folder, writer.address("sitemap.xml"), pages)
        assets.copy(pieces, folder, site.identity)
        search.write(folder, entries, site.once(branches.root))
        manifest.write(folder)
        reports.append(_report(site_dir, folder, site))

    if own:
        templates.check(own)
    with language.spoken(language.load(site.identity.language, own)):
        atomic.write_tree(site_dir, fill)
    return reports[0]


def check(identity: Identity, extras: Sequence[str] = (), own: Path | None = None) -> None:
    """See before the work that a site can be made as the user wants it; raises ConfigError."""
    gather(extras).shown(identity.sections)
    language.load(identity.language, own)
    if own:
        templates.check(own)


def _of_site(writer: Writer) -> Iterator[str]:
    """Write the pages that speak of the whole run; give the public addresses of those to list."""
    for piece in writer.pieces.pages:
        if piece.record.there(writer.site):
            for view in piece.record.of_site(writer.site):
                writer.page(piece, view)
                if not piece.record.anywhere:
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
                yield writer.address(view.address)
        entries.append(search.entry(result))
        progress(number, len(site.built))


def _silence(done: int, classes: int) -> None:
    pass


def _report(site_dir: Path, folder: Path, site: Site) -> SiteReport:
    sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file()]
    notes = (*filter(None, [across.missing(site)]), *appearance.notes(site.identity))
    return SiteReport(site_dir, len(site.built), len(sizes), sum(sizes), notes)
