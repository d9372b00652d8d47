"""What a site is made of: a run, kinds of pages, and the sections of a class page.

A file of ``pages/`` holds a :class:`Page` named ``PAGE``, a file of ``sections/`` a
:class:`Section` named ``SECTION``; a module of yours may hold either under any name. A template,
a style sheet and a script carry the name of their file. Only these types belong here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from lens_site.results import store
from lens_site.results.schema import (
    ClassResult,
    ClassStatus,
    Identity,
    ModelResult,
    Names,
    PairResult,
    RunResult,
)

Made = TypeVar("Made")

PREVIEW = "preview.png"
"""Name of the preview beside the home page and each class page."""

Files = Mapping[str, bytes | Path]
"""Names of files beside a page; each is the bytes to write or the file to copy."""


@dataclass(frozen=True)
class Company:
    """All runs of one site, the first at its top, and what any two of them have in common."""

    sites: list["Site"] = field(default_factory=list)
    pairs: Mapping[tuple[str, str], PairResult] = field(default_factory=dict)
    """By the names of the two runs, in the order of the site."""


@dataclass(frozen=True)
class Other:
    """Another run of the site, as seen from one run; addresses are from the top of that one."""

    site: "Site"
    root: str
    """Goes before every address of the other run."""
    pair: PairResult
    pages: str
    """Goes before every address of the pages that compare the two."""
    first: bool
    """Whether the run that looks is the first of the pair, and so has these pages."""


@dataclass(frozen=True)
class Site:
    """The run that is shown: all that pages and sections are made from."""

    run_dir: Path
    run: RunResult
    given: Identity | None = None
    """What the site is called and how it looks, in place of what the run holds."""
    company: Company = field(default_factory=Company, repr=False, compare=False)
    """The runs it is shown with; empty where it is alone."""
    _made: dict[Callable[..., Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def built(self) -> tuple[ClassStatus, ...]:
        """The classes that have a page, by index."""
        ready = (c for c in self.run.classes if c.status == "built")
        return tuple(sorted(ready, key=lambda c: c.index))

    @cached_property
    def slugs(self) -> dict[int, str]:
        """The folder of each class that has a page, by index."""
        return {c.index: c.slug for c in self.built}

    @cached_property
    def folder_in_site(self) -> str:
        """Where the pages of this run are: at the top of the site, or in ``runs/``."""
        first = self.company.sites[:1]
        return "" if not first or first[0].run.run == self.run.run else f"runs/{self.run.run}/"

    @cached_property
    def others(self) -> tuple[Other, ...]:
        """The other runs of the site, in its order."""
        sites = self.company.sites
        names = [site.run.run for site in sites]
        return tuple(self._other(one, names) for one in sites if one.run.run != self.run.run)

    def _other(self, one: "Site", names: list[str]) -> Other:
        up = "../../" if self.folder_in_site else ""
        first = names.index(self.run.run) < names.index(one.run.run)
        pair = (self.run.run, one.run.run) if first else (one.run.run, self.run.run)
        root = up + one.folder_in_site
        return Other(
            site=one,
            root=root,
            pair=self.company.pairs[pair],
            pages=f"{'' if first else root}compare/{'--'.join(pair)}/",
            first=first,
        )

    @cached_property
    def model(self) -> ModelResult | None:
        """What was found across classes; None where that was not computed."""
        return store.load_model(self.run_dir)

    @cached_property
    def names(self) -> Names | None:
        """Names that an image-text model gave; None where none was asked."""
        return store.load_names(self.run_dir)

    @cached_property
    def identity(self) -> Identity:
        """What the site is called and how it looks."""
        return store.load_identity(self.run_dir) if self.given is None else self.given

    def folder(self, result: ClassResult) -> Path:
        """Return where the files of a class result lie."""
        return self.run_dir / result.name.slug

    def result(self, slug: str, *, verify: bool = True) -> ClassResult:
        """Read the result of one class; raises ResultError when it is damaged."""
        return store.read_class(self.run_dir, slug, verify=verify)

    def results(self, *, verify: bool = True) -> Iterator[ClassResult]:
        """Read all results, one in memory at a time."""
        return (self.result(c.slug, verify=verify) for c in self.built)

    def once(self, make: Callable[["Site"], Made]) -> Made:
        """Return ``make(site)``, made at the first call and shared by all pages after it."""
        if make not in self._made:
            self._made[make] = make(self)
        made: Made = self._made[make]
        return made


@dataclass(frozen=True)
class MenuEntry:
    """A link in the head of every page; ``address`` may end in an anchor."""

    label: str
    address: str


@dataclass(frozen=True)
class View:
    """One page of a kind: its address, what its template sees as ``page``, the files beside it."""

    address: str
    context: object
    preview: str = PREVIEW
    """Address of the picture that stands for the page where its link is shared."""
    files: Files = field(default_factory=dict)
    draw: Callable[[], bytes] | None = None
    """Makes the preview; None on a page that shows another page's."""


def _always(site: Site) -> bool:
    return True


def _no_views(*_: object) -> Iterable[View]:
    return ()


def _no_entries(site: Site) -> Iterable[MenuEntry]:
    return ()


def _no_files(site: Site, result: ClassResult) -> Files:
    return {}


@dataclass(frozen=True)
class Page:
    """A kind of page: one of the whole site, one a class, or several of either."""

    place: int
    """Where it stands among the other kinds: in the menu, in the sitemap."""
    of_site: Callable[[Site], Iterable[View]] = _no_views
    of_class: Callable[[Site, ClassResult], Iterable[View]] = _no_views
    """Called for one class after the other, while its result is in memory."""
    there: Callable[[Site], bool] = _always
    """Whether this site has it at all."""
    menu: MenuEntry | None = None
    entries: Callable[[Site], Iterable[MenuEntry]] = _no_entries
    """Links in the menu that depend on the site, after ``menu``."""
    sections: bool = False
    """Whether the sections of its class stand on it, as ``sections``."""
    listed: bool = True
    """Whether its addresses stand in the sitemap."""
    anywhere: bool = False
    """Whether it is served at any address: its links are absolute, its style is inside."""
    template: str = ""
    """Text of the template; empty where a file of the module's name holds it."""


@dataclass(frozen=True)
class Section:
    """A section of the class page."""

    place: int
    """Where it stands on the page, counted in tens from the top."""
    context: Callable[[Site, ClassResult], object | None]
    """What its template sees as ``section``; None where there is nothing to say."""
    files: Callable[[Site, ClassResult], Files] = _no_files
    """Files of its own beside the page."""
    template: str = ""
    """As of a page."""
