"""Pages and sections with the files that carry their name: our own, and those from outside.

Ours are the files of ``pages/`` and ``sections/``: the only list of them. One from outside is
named by a word ``package.module:Name``; its template, style sheet and script lie beside its
module, under the module's name. A chart from outside needs a word only if it has a style sheet.
"""

import inspect
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

from lens_site import named
from lens_site.errors import ConfigError
from lens_site.site.records import Page, Section

Kind = TypeVar("Kind", bound=Page | Section)

LED_TO = ("title", "concepts", "graph", "strategies")
"""Sections that links of other pages, and scripts, count on."""

OPTION = "extras"
"""How errors call the words from outside."""


def folder(name: str) -> Path:
    """Return the folder of ``templates`` or ``static``: inside the wheel, else beside it."""
    package = Path(str(resources.files("lens_site")))
    inside = package / f"_{name}"
    return inside if inside.is_dir() else package.parent / name


@dataclass(frozen=True)
class Piece(Generic[Kind]):
    """A page or a section, the name of its template, and where its other files lie."""

    name: str
    record: Kind
    template: str
    stem: Path
    """Path of its style sheet and script, but for the suffix."""
    room: str
    """Folder of its script in the assets of the site."""

    @property
    def scripts(self) -> dict[str, Path]:
        """Its scripts by their addresses in the site: ``graph.<part>.js`` before ``graph.js``."""
        whole = self.stem.with_name(f"{self.stem.name}.js")
        parts = sorted(self.stem.parent.glob(f"{self.stem.name}.*.js"))
        return {
            f"assets/{self.room}/{self.name}{path.name.removeprefix(self.stem.name)}": path
            for path in (*parts, whole)
            if path.is_file()
        }


@dataclass(frozen=True)
class Pieces:
    """All that a site is made of."""

    pages: tuple[Piece[Page], ...]
    sections: tuple[Piece[Section], ...]
    outside: tuple[Path, ...]
    """Modules of the extras: what lies beside them counts, too."""

    @property
    def all(self) -> tuple[Piece[Page] | Piece[Section], ...]:
        """Pages and sections."""
        return (*self.pages, *self.sections)

    def shown(self, order: Sequence[str]) -> tuple[Piece[Section], ...]:
        """Return the sections that the user named, in his order; all where he named none.

        Raises
        ------
        ConfigError
            For a section that is not there, or one that other pages lead to and is missing.
        """
        if not order:
            return self.sections
        known = {piece.name: piece for piece in self.sections}
        words = [word.partition(":")[0] for word in order]
        for word in words:
            if word not in known:
                raise ConfigError(f"site.sections: no {word!r}; name it in {OPTION}, too")
        for name in LED_TO:
            if name not in words:
                free = ", ".join(sorted(set(known) - set(LED_TO)))
                raise ConfigError(
                    f"site.sections: {name} is missing, and other pages lead to it; what can be "
                    f"left out is {free}"
                )
        return tuple(known[word] for word in words)

    @property
    def sheets(self) -> tuple[Path, ...]:
        """All style sheets: what is shared, charts, pages, sections, and those from outside."""
        static = folder("static")
        ours = sorted(static.rglob("*.css"), key=lambda p: (len(p.parts), p))
        return (*ours, *(p for module in self.outside if (p := beside(module, ".css")).is_file()))

    @property
    def texts(self) -> dict[str, str]:
        """Templates that are given as text, by name."""
        return {p.template: p.record.template for p in self.all if p.record.template}


def gather(extras: Iterable[str] = ()) -> Pieces:
    """Return our pages and sections and those that ``extras`` name, each kind in its order.

    Raises
    ------
    ConfigError
        For a word that cannot be loaded, or names neither a page, a section nor a chart.
    """
    words = tuple(dict.fromkeys(extras))
    records = [(word, _outside(word)) for word in words]
    return Pieces(
        pages=_ordered([*_room("pages", "PAGE", Page), *_extra(records, Page)]),
        sections=_ordered([*_room("sections", "SECTION", Section), *_extra(records, Section)]),
        outside=tuple(dict.fromkeys(_source(word) for word in words)),
    )


def beside(module: Path, suffix: str) -> Path:
    """Return the path beside a module that carries its name and a suffix."""
    return module.with_name(_stem(module) + suffix)


def companions(module: Path) -> tuple[Path, ...]:
    """Return a module from outside and every file that carries its name."""
    files = module.parent.glob(f"{_stem(module)}.*")
    return tuple(sorted({module, *(path for path in files if path.is_file())}))


def _stem(module: Path) -> str:
    """Return the name that files beside a module carry: a package's is that of its folder."""
    return module.parent.name if module.stem == "__init__" else module.stem


def _room(room: str, name: str, kind: type[Kind]) -> list[Piece[Kind]]:
    pieces = []
    for word in named.names(f"site.{room}"):
        record = getattr(named.module(f"site.{room}", word), name)
        assert isinstance(record, kind), f"site/{room}/{word}: {name} is no {kind.__name__}"
        stem = folder("static") / room / word
        pieces.append(Piece(word, record, f"{room}/{word}.html", stem, room))
    return pieces


def _outside(word: str) -> Any:
    record = named.outside(word, OPTION)
    chart = inspect.isclass(record) and is_dataclass(record)
    if chart or isinstance(record, Page | Section):
        return record
    raise ConfigError(
        f"{OPTION}: {word} is {record!r}, wanted a Page or a Section of lens_site.site, or the "
        "dataclass of a chart"
    )


def _extra(records: Sequence[tuple[str, Any]], kind: type[Kind]) -> list[Piece[Kind]]:
    pieces = []
    for word, record in records:
        if isinstance(record, kind):
            module, source = word.partition(":")[0], _source(word)
            template = word if record.template else module
            pieces.append(Piece(module, record, template, beside(source, ""), "extras"))
    return pieces


def _source(word: str) -> Path:
    """Return the file of the module that a word names."""
    return Path(inspect.getfile(sys.modules[word.partition(":")[0]]))


def _ordered(pieces: Iterable[Piece[Kind]]) -> tuple[Piece[Kind], ...]:
    """Return pieces by their places; where two share one, by name, ours before others."""
    return tuple(sorted(pieces, key=lambda p: (p.record.place, p.room == "extras", p.name)))
