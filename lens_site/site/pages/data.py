"""Data for others: tables of everything, how to read them, how to cite and embed."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site import tables
from lens_site.site.handles import address
from lens_site.site.records import Page, Site, View

HERE = "http://127.0.0.1:8000/"
"""Where ``lens serve`` shows a site: stands in the examples where there is no public address."""


@dataclass(frozen=True)
class Row:
    """One file."""

    name: str
    rows: str
    size: str
    words: str


@dataclass(frozen=True)
class Data:
    """What the page shows."""

    files: tuple[Row, ...]
    columns: tuple[tuple[str, tuple[tables.Column, ...]], ...]
    """Name of each table, and its columns."""
    parquet: bool
    slug: str
    """Of the class that the examples read; empty where there is none."""
    concept: str
    """Address of the concept that is embedded on the page."""
    versions: dict[str, str | int]
    package: str
    here: str


def data(site: Site) -> Iterator[View]:
    """Return the page, and all files beside it."""
    made = tables.files(site)
    slug = site.built[0].slug if site.built else ""
    page = Data(
        files=tuple(Row(f.name, f"{f.rows:,}", _size(len(f.data)), f.words) for f in made),
        columns=(
            ("concepts", tables.CONCEPT_COLUMNS),
            ("images", tables.IMAGE_COLUMNS),
        ),
        parquet=any(f.name.endswith(".parquet") for f in made),
        slug=slug,
        concept=address(slug, 1).removesuffix("index.html") if slug else "",
        versions=tables.versions(site),
        package=tables.PACKAGE,
        here=HERE,
    )
    beside = {f.name: f.data for f in made} | {tables.PACKAGE: tables.package(site, made)}
    yield View("data/index.html", page, files=beside)


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


PAGE = Page(place=88, of_site=data)
