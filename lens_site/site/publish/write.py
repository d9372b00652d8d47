"""From a view to its files: the page, and what lies beside it."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import Markup

from lens_site.errors import ConfigError
from lens_site.results.schema import ClassResult
from lens_site.site.labels import labels
from lens_site.site.publish import templates
from lens_site.site.publish.appearance import Appearance, appearance
from lens_site.site.publish.pieces import OPTION, Piece, Pieces
from lens_site.site.records import Files, MenuEntry, Other, Page, Section, Site, View


@dataclass(frozen=True)
class Elsewhere:
    """The same page of another run, or what comes nearest to it; addresses are from the root."""

    label: str
    address: str
    compare: str
    """Where the two runs are compared, of the same class where both have it."""


@dataclass(frozen=True)
class Here:
    """Where a page stands, and what ``base.html`` puts around it."""

    kind: str
    root: str
    """Goes before every link to the rest of the site."""
    canonical: str
    """Public address of the page; empty where the site has none."""
    preview: str
    menu: tuple[MenuEntry, ...]
    scripts: tuple[str, ...]
    styles: Markup
    """The style sheet of a page that carries it inside; else empty."""
    label: str
    """What this run is called among the runs of the site."""
    elsewhere: tuple[Elsewhere, ...]
    """The other runs of the site."""


@dataclass(frozen=True)
class _Part:
    """A section that stands on a page: what its template sees, and the files it brings."""

    piece: Piece[Section]
    context: object
    files: Files


@dataclass(frozen=True)
class Writer:
    """Writes the pages of one site into a folder."""

    folder: Path
    site: Site
    pieces: Pieces
    base_url: str | None
    styles: Markup
    own: Path | None = None
    """Folder of templates of the user's."""

    @cached_property
    def _templates(self) -> Environment:
        return templates.environment(self.pieces.texts, self.own)

    @cached_property
    def _appearance(self) -> Appearance:
        return appearance(self.site.identity)

    @cached_property
    def _sections(self) -> tuple[Piece[Section], ...]:
        return self.pieces.shown(self.site.identity.sections)

    @cached_property
    def _menu(self) -> tuple[MenuEntry, ...]:
        kinds = (p.record for p in self.pieces.pages if p.record.there(self.site))
        return tuple(
            entry
            for page in kinds
            for entry in (*([page.menu] if page.menu else []), *page.entries(self.site))
        )

    @cached_property
    def _labels(self) -> dict[str, str]:
        return labels([self.site.run, *(other.site.run for other in self.site.others)])

    def address(self, path: str) -> str:
        """Return the public address of a file; empty where the site has no base address."""
        if self.base_url is None:
            return ""
        return f"{self.base_url.rstrip('/')}/{path.removesuffix('index.html')}"

    def page(self, piece: Piece[Page], view: View, result: ClassResult | None = None) -> None:
        """Write one page and the files beside it; on a page of a class, with its sections.

        Raises
        ------
        ConfigError
            If another page has the same address.
        """
        path = self.folder / view.address
        if path.exists():
            raise ConfigError(
                f"{OPTION}: {piece.name} writes {view.address}, as another page does; give it an "
                "address of its own"
            )
        parts = self._parts(result) if piece.record.sections and result else ()
        here = self._here(piece, view, parts, result)
        sections = [self._render(part.piece, here, section=part.context) for part in parts]
        text(path, self._render(piece, here, page=view.context, sections=sections))
        if self.base_url is not None and view.draw:
            file(self.folder / view.preview, view.draw())
        for files in (view.files, *(part.files for part in parts)):
            for name, content in files.items():
                file(path.parent / name, content)

    def _parts(self, result: ClassResult) -> tuple[_Part, ...]:
        """Return the sections that have something to say of a class."""
        records = ((piece, piece.record) for piece in self._sections)
        return tuple(
            _Part(piece, context, record.files(self.site, result))
            for piece, record in records
            if (context := record.context(self.site, result)) is not None
        )

    def _here(
        self,
        piece: Piece[Page],
        view: View,
        parts: Sequence[_Part],
        result: ClassResult | None,
    ) -> Here:
        anywhere = piece.record.anywhere
        base_path = urlsplit(self.base_url or "").path.rstrip("/") + "/"
        return Here(
            kind=piece.name,
            root=base_path if anywhere else "../" * view.address.count("/"),
            canonical=self.address(view.address),
            preview=self.address(view.preview) if self.site.built else "",
            menu=self._menu,
            scripts=(*piece.scripts, *(script for part in parts for script in part.piece.scripts)),
            styles=self.styles if anywhere else Markup(),
            label=self._labels[self.site.run.run],
            elsewhere=tuple(
                _elsewhere(other, self._labels[other.site.run.run], piece.record, view, result)
                for other in self.site.others
            ),
        )

    def _render(self, piece: Piece[Page] | Piece[Section], here: Here, **seen: object) -> Markup:
        with templates.told(self.own):
            template = self._templates.get_template(piece.template)
            site = self._appearance
            return Markup(template.render(here=here, run=self.site.run, site=site, **seen))


def _elsewhere(
    other: Other, label: str, page: Page, view: View, result: ClassResult | None
) -> Elsewhere:
    address, slug = "index.html", result.name.slug if result else ""
    if result and other.site.slugs.get(result.name.index) == slug:
        address = f"classes/{slug}/index.html"
    elif page.menu and page.menu.address == view.address and page.there(other.site):
        address = view.address
    both = slug and any(one.slug == slug for one in other.pair.classes)
    compare = f"{other.pages}{f'{slug}/' if both else ''}index.html"
    return Elsewhere(label, other.root + address, compare)


def text(path: Path, content: str) -> None:
    """Write a text file, and its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


def file(path: Path, content: bytes | Path) -> None:
    """Write bytes or copy a file, and make its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content)
