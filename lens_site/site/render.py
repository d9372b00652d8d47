"""From the results of a run to a whole site, gathered beside the old one and then swapped."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment

from lens_site import atomic
from lens_site.results import store
from lens_site.results.schema import ClassResult, ClassStatus, RunResult
from lens_site.site import assets, measures, methods, overview, search, write
from lens_site.site.contexts import class_page

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SiteReport:
    """What was written."""

    folder: Path
    classes: int
    searchable: int
    files: int
    bytes: int


@dataclass(frozen=True)
class Site:
    """What all pages of one site share."""

    folder: Path
    templates: Environment
    run: RunResult
    base_url: str | None
    compared: tuple[methods.Compared, ...]
    reached: measures.Site

    def page(self, path: str, template: str, preview: str = "", **context: Any) -> None:
        """Render one page; its links to the rest of the site are relative."""
        root = "../" * path.count("/")
        self.page_from(root, path, template, preview, **context)

    def page_from(
        self, root: str, path: str, template: str, preview: str = "", **context: Any
    ) -> None:
        """Render one page whose links start with ``root``."""
        content = self.templates.get_template(template).render(
            root=root,
            canonical=self.address(path),
            preview=self.address(preview) if preview else "",
            run=self.run,
            compared=bool(self.compared),
            **context,
        )
        write.text(self.folder / path, content)

    def address(self, path: str) -> str:
        """Return the public address of a file; empty where the site has no base address."""
        if self.base_url is None:
            return ""
        return f"{self.base_url.rstrip('/')}/{path.removesuffix('index.html')}"


def render(
    run_dir: Path,
    site_dir: Path,
    *,
    base_url: str | None = None,
    progress: Progress | None = None,
) -> SiteReport:
    """Write the site of one run to ``site_dir``; the old site stays until the new one is whole.

    ``progress`` hears how many classes are written, out of how many. The same results give the
    same bytes.

    Raises
    ------
    ResultError
        If a result is missing or damaged.
    OutputError
        If the site cannot be written.
    """
    run = store.read_run(run_dir)
    compared = methods.read(run_dir)
    reached = _reached(run_dir, run)
    reports: list[SiteReport] = []

    def fill(folder: Path) -> None:
        site = Site(folder, assets.environment(), run, base_url, compared, reached)
        cards = _classes(site, run_dir, progress or (lambda done, all_: None))
        _overview(site, run_dir, cards)
        _machine_readable(site, cards)
        assets.copy(folder / "assets")
        found = search.index(folder)
        reports.append(_report(site_dir, folder, len(cards), found))

    atomic.write_tree(site_dir, fill)
    return reports[0]


def _reached(run_dir: Path, run: RunResult) -> measures.Site:
    """Read every class once before any is written, for the medians; only its metrics are kept."""
    return measures.site_of(
        [store.read_class(run_dir, c.slug, verify=False).metrics for c in _built(run)]
    )


def _classes(site: Site, run_dir: Path, progress: Progress) -> list[overview.Card]:
    """Write all class pages, one result in memory at a time, and return their cards."""
    built = _built(site.run)
    slugs = {c.index: c.slug for c in built}
    cards = []
    for position, status in enumerate(built):
        result = store.read_class(run_dir, status.slug)
        around = (
            built[position - 1] if position else None,
            built[position + 1] if position + 1 < len(built) else None,
        )
        _class(site, result, run_dir / status.slug, slugs, around)
        cards.append(overview.card(result, write.CARD_FILE))
        progress(position + 1, len(built))
    return cards


def _class(
    site: Site,
    result: ClassResult,
    source: Path,
    slugs: dict[int, str],
    around: tuple[ClassStatus | None, ClassStatus | None],
) -> None:
    at = f"classes/{result.name.slug}"
    write.pictures(result, source, site.folder / at)
    write.maps(result, source, site.folder / at)
    write.data(source, site.folder / at)
    site.page(
        f"{at}/index.html",
        "class.html",
        preview=f"{at}/{write.CARD_FILE}",
        page=class_page(result, slugs, site.run.data.views_of_few, site.reached),
        previous=around[0],
        next=around[1],
    )


def _overview(site: Site, run_dir: Path, cards: list[overview.Card]) -> None:
    featured = overview.featured(cards)
    by_name = sorted(cards, key=lambda c: (c.name.lower(), c.index))
    preview = f"classes/{featured[0].slug}/{write.CARD_FILE}" if featured else ""
    site.page("index.html", "home.html", preview, cards=by_name, featured=featured)
    shown = store.read_class(run_dir, featured[0].slug) if featured else None
    site.page(
        "method/index.html",
        "method.html",
        example=overview.example(shown, site.run.classifier.linear_head) if shown else None,
    )
    site.page(
        "about/index.html",
        "about.html",
        accuracy=overview.accuracy(site.run),
        skipped=[c for c in site.run.classes if c.status == "few"],
        failed=[c for c in site.run.classes if c.status == "failed"],
        plotly_version=assets.plotly_version(),
    )
    if site.compared:
        site.page("methods/index.html", "methods.html", tables=site.compared)
    base_path = urlsplit(site.base_url or "").path.rstrip("/") + "/"
    site.page_from(base_path, "404.html", "404.html", cards=len(cards), styles=assets.styles())


def _machine_readable(site: Site, cards: list[overview.Card]) -> None:
    """Write what is for programs: schema, robots, and the sitemap where addresses are known."""
    schema = json.dumps(ClassResult.model_json_schema(), indent=1, ensure_ascii=False)
    write.text(site.folder / "schema" / "class.json", schema + "\n")
    write.text(site.folder / ".nojekyll", "")
    robots = "User-agent: *\nAllow: /\n"
    if site.base_url is not None:
        pages = ["", "method/", "about/", *(["methods/"] if site.compared else [])]
        paths = [*pages, *(f"classes/{c.slug}/" for c in cards)]
        sitemap = site.templates.get_template("sitemap.xml").render(
            addresses=[site.address(p) for p in paths]
        )
        write.text(site.folder / "sitemap.xml", sitemap)
        robots += f"Sitemap: {site.address('sitemap.xml')}\n"
    write.text(site.folder / "robots.txt", robots)


def _built(run: RunResult) -> list[ClassStatus]:
    return sorted((c for c in run.classes if c.status == "built"), key=lambda c: c.index)


def _report(site_dir: Path, folder: Path, classes: int, searchable: int) -> SiteReport:
    sizes = [p.stat().st_size for p in folder.rglob("*") if p.is_file()]
    return SiteReport(site_dir, classes, searchable, len(sizes), sum(sizes))
