"""Data for others: tables of everything, how to read them, how to cite and embed."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site import tables
from lens_site.site.handles import address
from lens_site.site.language import later, local, say
from lens_site.site.numbers import whole
from lens_site.site.records import Page, Site, View

VERSIONS = {
    "run": later("run"),
    "lens_version": later("Lens version"),
    "schema_version": later("schema version"),
    "result_version": later("result version"),
}
"""What the versions of the tables are called."""

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
    called: dict[str, str]
    """What each of the versions is called."""
    package: str
    here: str


def data(site: Site) -> Iterator[View]:
    """Return the page, and all files beside it."""
    made = tables.files(site)
    slug = site.built[0].slug if site.built else ""
    page = Data(
        files=tuple(Row(f.name, whole(f.rows), _size(len(f.data)), say(f.words)) for f in made),
        columns=(
            (say("concepts"), tables.CONCEPT_COLUMNS),
            (say("images"), tables.IMAGE_COLUMNS),
        ),
        parquet=any(f.name.endswith(".parquet") for f in made),
        slug=slug,
        concept=address(slug, 1).removesuffix("index.html") if slug else "",
        versions=tables.versions(site),
        called={key: say(name) for key, name in VERSIONS.items()},
        package=tables.PACKAGE,
        here=HERE,
    )
    beside = {f.name: f.data for f in made} | {tables.PACKAGE: tables.package(site, made)}
    yield View("data/index.html", page, files=beside)


def _size(size: int) -> str:
    if size >= 100_000:
        return say("{number} MB", number=local(f"{size / 1e6:,.1f}"))
    return say("{number} kB", number=local(f"{size / 1e3:,.1f}"))


PAGE = Page(place=88, of_site=data)
