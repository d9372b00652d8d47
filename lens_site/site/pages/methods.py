"""Methods compared: the tables that the benches left beside the run, with their charts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from pydantic import ValidationError

from lens_site.errors import ResultError, first_line
from lens_site.results.comparison import COMPARISONS, Comparison, ComparisonRow
from lens_site.results.measures import MEASURES
from lens_site.results.schema import Curve
from lens_site.results.store import file_bytes
from lens_site.site.charts.costs import CostChart, costs
from lens_site.site.charts.curves import Line, Panel, panel
from lens_site.site.charts.growth import GrowthChart, growth
from lens_site.site.language import later, say
from lens_site.site.numbers import NOISE, short
from lens_site.site.records import MenuEntry, Page, Site, View

LEVELS = {later("random order"): "chance", later("best order"): "best"}
"""Rows that are no methods but what chance reaches and what nothing can beat."""


@dataclass(frozen=True)
class Cell:
    """A number as written, and as sorted by."""

    text: str
    value: float | None


@dataclass(frozen=True)
class TableRow:
    """One method, on one class or as the median of all."""

    method: str
    where: str
    concepts: int
    cells: tuple[Cell, ...]
    level: bool


@dataclass(frozen=True)
class Multiples:
    """The same curve of every method, as small charts; the lines of all of them are named once."""

    name: str
    around: tuple[Line, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Compared:
    """One table and its charts."""

    id: str
    title: str
    paragraphs: tuple[str, ...]
    columns: tuple[str, ...]
    several: bool
    medians: tuple[TableRow, ...]
    rows: tuple[TableRow, ...]
    curves: tuple[Multiples, ...]
    costs: tuple[CostChart, ...]
    growth: tuple[GrowthChart, ...]
    notes: tuple[str, ...]
    machine: str


@dataclass(frozen=True)
class Methods:
    """What the page shows."""

    tables: tuple[Compared, ...]


def methods(site: Site) -> Iterator[View]:
    """Return the page."""
    yield View("methods/index.html", Methods(read(site.run_dir)))


def read(run_dir: Path) -> tuple[Compared, ...]:
    """Read all tables beside a run; importance first, as it has pictures.

    Raises
    ------
    ResultError
        For a table that is damaged.
    """
    paths = sorted(run_dir.glob(COMPARISONS), key=lambda p: ("importance" not in p.name, p.stem))
    return tuple(compared(path.stem, _load(path)) for path in paths)


def _load(path: Path) -> Comparison:
    try:
        return Comparison.model_validate(json.loads(file_bytes(path)))
    except (ValueError, RecursionError, ValidationError) as error:
        raise ResultError(
            f"{path}: is damaged ({first_line(error)}); run lens bench again or delete it"
        ) from None


def compared(name: str, table: Comparison) -> Compared:
    """Return what the page says of one table."""
    names, medians = table.metric_names(), table.medians()
    return Compared(
        id=name,
        title=table.title,
        paragraphs=table.paragraphs,
        columns=(*map(_name, names), say("seconds")),
        several=len({row.concepts for row in table.rows}) > 1,
        medians=tuple(_row(row, names) for row in medians),
        rows=tuple(_row(row, names) for row in table.rows),
        curves=_curves(table.rows),
        costs=costs(medians, LEVELS),
        growth=growth(medians),
        notes=tuple(
            dict.fromkeys(f"{r.method}, {r.class_}: {r.note}" for r in table.rows if r.note)
        ),
        machine=", ".join(f"{k} {v}" for k, v in table.machine.items() if v is not None),
    )


def _name(key: str) -> str:
    """Name of a metric for people."""
    return say(MEASURES[key].name) if key in MEASURES else key.replace("_", " ")


def _row(row: ComparisonRow, names: Sequence[str]) -> TableRow:
    cells = (*(_cell(row.metrics.get(name)) for name in names), _seconds(row.seconds))
    return TableRow(say(row.method), row.class_, row.concepts, cells, row.method in LEVELS)


def _cell(value: float | None) -> Cell:
    return Cell("–" if value is None else short(value), value)


def _seconds(value: float | None) -> Cell:
    return _cell(value) if value is None or value >= NOISE else Cell(f"<{short(NOISE)}", value)


def _curves(rows: Sequence[ComparisonRow]) -> tuple[Multiples, ...]:
    """One set of charts for each kind of curve; each line is the mean over the classes."""
    kinds = dict.fromkeys(name for row in rows for name in row.curves)
    return tuple(_multiples(kind, rows) for kind in kinds)


def _multiples(kind: str, rows: Sequence[ComparisonRow]) -> Multiples:
    groups: dict[str, list[ComparisonRow]] = {}
    for row in rows:
        if kind in row.curves:
            groups.setdefault(row.method, []).append(row)
    means = {method: _mean(kind, of_method) for method, of_method in groups.items()}
    around = [(LEVELS[m], say(m), curve) for m, curve in means.items() if m in LEVELS]
    panels = (
        panel(method, [("order", say("its order"), curve), *around])
        for method, curve in means.items()
        if method not in LEVELS
    )
    alone = panel("", around)
    return Multiples(
        _name(kind),
        alone.lines if alone else (),
        tuple(replace(p, named=p.lines[:1]) for p in panels if p is not None),
    )


def _mean(kind: str, rows: Sequence[ComparisonRow]) -> Curve:
    steps = zip(*(row.curves[kind] for row in rows), strict=True)
    known = [v for row in rows if (v := row.metrics.get(kind)) is not None]
    return Curve(values=tuple(map(fmean, steps)), auc=fmean(known) if known else None)


PAGE = Page(
    place=40,
    of_site=methods,
    there=lambda site: any(site.run_dir.glob(COMPARISONS)),
    menu=MenuEntry(later("Comparison"), "methods/index.html"),
)
