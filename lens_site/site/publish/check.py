"""Is a built site whole? Links, alternative texts, outside requests and weight, file by file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lens_site.atomic import recover
from lens_site.errors import UsageError
from lens_site.site.publish.manifest import differences

SITE_BUDGET = 1_000_000_000
"""Bytes a whole site may weigh: the limit of GitHub Pages."""

HEAVIEST = 3
"""Classes that are named where a site weighs more."""

REQUESTS = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "input": "src",
    "object": "data", "script": "src", "source": "src", "track": "src", "video": "src",
}  # fmt: skip
"""Tags that fetch something, and the attribute that says what; ``link`` depends on its rel."""

FETCHED_RELS = {"icon", "manifest", "modulepreload", "preconnect", "preload", "stylesheet"}
CSS_ADDRESS = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and where."""

    page: str
    kind: str
    detail: str


@dataclass
class _Page(HTMLParser):
    """What a page links to, fetches and defines."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    without_alt: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or values.get("name") or "")
        if tag in ("a", "area") and values.get("href"):
            self.links.append(values["href"] or "")
        if tag == "form" and values.get("action"):
            self.links.append(values["action"] or "")
        if tag == "link" and FETCHED_RELS & set((values.get("rel") or "").split()):
            self.fetched.append(values.get("href") or "")
        if values.get(REQUESTS.get(tag, "")):
            self.fetched.append(values[REQUESTS[tag]] or "")
        for candidate in (values.get("srcset") or "").split(","):
            self.fetched += candidate.split()[:1]
        for match in CSS_ADDRESS.finditer(values.get("style") or ""):
            self.fetched.append(match[1] or match[2])
        if tag == "img" and "alt" not in values:
            self.without_alt.append(values.get("src") or "an image")


def check(site_dir: Path) -> tuple[Problem, ...]:
    """Return all problems of a built site, sorted; none is the good answer.

    Looks for dead links and anchors, images without alternative text, requests to other
    servers, and more weight than GitHub Pages takes.

    Raises
    ------
    UsageError
        If the folder holds no site.
    """
    recover(site_dir)
    site_dir = site_dir.resolve()
    if not (site_dir / "index.html").is_file():
        raise UsageError(
            f"{site_dir}: holds no index.html, but a built site is wanted; run lens render first"
        )
    pages = {path: _read(path) for path in sorted(site_dir.rglob("*.html"))}
    problems = [
        *(
            problem
            for path, page in pages.items()
            for problem in _page(path, page, pages, site_dir)
        ),
        *(Problem(name, f"file {fault}", "") for name, fault in differences(site_dir)),
        *_style_sheets(site_dir),
        *_weights(site_dir),
    ]
    return tuple(sorted(set(problems)))


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _page(path: Path, page: _Page, pages: dict[Path, _Page], site: Path) -> Iterator[Problem]:
    name = path.relative_to(site).as_posix()
    for source in page.without_alt:
        yield Problem(name, "no alternative text", source)
    for address in page.fetched:
        if _outside(address):
            yield Problem(name, "external request", address)
    for address in (*page.fetched, *page.links):
        if not _outside(address) and (reason := _dead(address, path, pages, site)):
            yield Problem(name, reason, address)


def _outside(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ws", "wss", "ftp")


def _dead(address: str, path: Path, pages: dict[Path, _Page], site: Path) -> str | None:
    parts = urlsplit(address)
    if parts.scheme:
        return None
    target = path
    if parts.path.startswith("/"):
        # Only 404.html is served at any depth; its links start with the base path, whatever it is.
        target = _below(site, unquote(parts.path)) if path.name == "404.html" else Path(parts.path)
    elif parts.path:
        target = path.parent / unquote(parts.path)
    target = target.resolve() if target.exists() else target
    if target.is_dir():
        target = target / "index.html"
    if not target.is_file():
        return "dead link"
    anchor = unquote(parts.fragment)
    # what holds an equals sign is no anchor but what a script shall show
    if anchor and "=" not in anchor and target in pages and anchor not in pages[target].ids:
        return "dead anchor"
    return None


def _below(site: Path, path: str) -> Path:
    """Return the file an absolute path means, its unknown base path taken off the front."""
    parts = Path(path).parts[1:]
    for start in range(len(parts) + 1):
        file = site.joinpath(*parts[start:])
        if file.is_file():
            return file
    return site / path.lstrip("/")


def _style_sheets(site: Path) -> Iterator[Problem]:
    for path in sorted(site.rglob("*.css")):
        name = path.relative_to(site).as_posix()
        for match in CSS_ADDRESS.finditer(path.read_text(encoding="utf-8")):
            address = match[1] or match[2]
            if _outside(address):
                yield Problem(name, "external request", address)
            elif not address.startswith("data:") and not (path.parent / address).is_file():
                yield Problem(name, "dead link", address)


def _weights(site: Path) -> Iterator[Problem]:
    total = _bytes(site)
    if total <= SITE_BUDGET:
        return
    yield Problem("", "site too heavy", f"{total:,} bytes, GitHub Pages takes {SITE_BUDGET:,}")
    sizes = {folder: _bytes(folder) for folder in sorted((site / "classes").glob("*/"))}
    for folder in sorted(sizes, key=lambda one: -sizes[one])[:HEAVIEST]:
        name = folder.relative_to(site).as_posix()
        yield Problem(name, "among the heaviest classes", f"{sizes[folder]:,} bytes")


def _bytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
