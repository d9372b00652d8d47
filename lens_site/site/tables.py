"""The numbers of a site as tables for other programs: all concepts, all images, all dictionaries.

CSV always, and Parquet where pyarrow is installed; ``datapackage.json`` says what is in each, for
programs, so in English in every language.
Source of that format: https://specs.frictionlessdata.io/data-package/
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lens_site.results import store, tensors
from lens_site.results.schema import RESULT_VERSION, SCHEMA_VERSION, ClassResult
from lens_site.site.badges import is_present
from lens_site.site.handles import address
from lens_site.site.language import later
from lens_site.site.records import Site

CONCEPTS, IMAGES, DICTIONARIES = "concepts.csv", "images.csv.gz", "dictionaries.safetensors"
PACKAGE = "datapackage.json"

GROUP = 50_000
"""Rows of a group of a Parquet file, at least."""

Value = str | int | float | bool | None | tuple[float, ...]


@dataclass(frozen=True)
class Column:
    """One column: its name, its type as the data package calls it, and what it holds."""

    name: str
    type: str
    words: str
    """In English; a page says it in its language."""

    @property
    def field(self) -> dict[str, str]:
        """Return how the data package describes it."""
        return {"name": self.name, "type": self.type, "description": self.words}


CLASS = (
    Column("class_index", "integer", later("index of the class in the classifier")),
    Column("class_slug", "string", later("folder of the class: classes/<slug>/")),
    Column("class_name", "string", later("name of the class")),
)

CONCEPT_COLUMNS = (
    *CLASS,
    Column("concept", "integer",
           later("number of the concept in its class, most important first")),
    Column("share", "number",
           later("share of the evidence: its contributions over all images, summed, of the sum of "
                 "all sizes; negative is evidence against")),
    Column("share_low", "number", later("lower end of the 95 % bootstrap interval of the share")),
    Column("share_high", "number", later("upper end of it")),
    Column("null_share", "number", later("share that random directions reach (95th percentile)")),
    Column("prevalence", "number", later("fraction of the images in which it leads")),
    Column("dominates", "integer", later("number of these images")),
    Column("reliability", "number", later("fraction of these that are labeled as the class")),
    Column("reliability_low", "number", later("lower end of its Wilson 95 % interval")),
    Column("reliability_high", "number", later("upper end of it")),
    Column("important", "boolean",
           later("leads in more images than chance, and is above its null")),
    Column("found_again", "number", later("mean cosine with its match when learned again")),
    Column("covering_fall", "number", later("mean fall of the score when its places are covered")),
    Column("covering_fall_at_random", "number", later("the same for as many places at random")),
    Column("page", "string", later("address of its page, from the top of the site")),
)  # fmt: skip

IMAGE_COLUMNS = (
    *CLASS,
    Column("image", "string", later("name of the image in its source")),
    Column("position", "integer", later("number of the image on the page of the class, from 1")),
    Column("label", "integer", later("class index of its label; empty where it has none")),
    Column("label_name", "string", later("name of that class")),
    Column("probability", "number", later("softmax probability of the class")),
    Column("logit", "number", later("score of the class, in logits")),
    Column("importance", "numbers",
           later("what each concept adds to the score, in logits and in the order of their "
                 "numbers, separated by spaces (a list in Parquet)")),
    Column("everything_else", "number", later("what the concepts leave out of the score")),
    Column("dominant", "integer", later("number of the concept that adds most")),
    Column("strategy", "integer", later("number of its group; empty where none stands apart")),
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """One file: its name, how many rows it has, what it holds, its columns and its bytes."""

    name: str
    rows: int
    words: str
    columns: tuple[Column, ...]
    data: bytes


def files(site: Site) -> tuple[File, ...]:
    """Return all files but the data package; the results are read once, one at a time."""
    concepts, images = _Table(CONCEPT_COLUMNS), _Table(IMAGE_COLUMNS)
    dictionaries: dict[str, tensors.Tensor] = {}
    for result in site.results(verify=False):
        concepts.add(list(_concepts(result)))
        images.add(list(_images(result)))
        if store.ARRAYS in result.files:
            path = site.folder(result) / store.ARRAYS
            dictionaries[result.name.slug] = tensors.read(path, "dictionary")
    told = later("all concepts of all classes, a row each")
    seen = later("all images of all classes, and what each concept adds to its score")
    arrays = later("the vectors of the concepts, an array (k, p) a class, by slug")
    vectors = sum(tensor.shape[0] for tensor in dictionaries.values())
    made = [
        File(CONCEPTS, concepts.rows, told, CONCEPT_COLUMNS, concepts.csv()),
        File(IMAGES, images.rows, seen, IMAGE_COLUMNS, images.csv()),
        File(DICTIONARIES, vectors, arrays, (),
             tensors.write(dictionaries, {k: str(v) for k, v in versions(site).items()})),
    ]  # fmt: skip
    for name, table, words in (("concepts", concepts, told), ("images", images, seen)):
        if (packed := table.parquet()) is not None:
            made.append(File(f"{name}.parquet", table.rows, words, table.columns, packed))
    return tuple(made)


def versions(site: Site) -> dict[str, str | int]:
    """Return what the data were made by, and the versions of their form and of their numbers."""
    return {
        "run": site.run.run,
        "lens_version": site.run.lens_version,
        "schema_version": SCHEMA_VERSION,
        "result_version": RESULT_VERSION,
    }


def package(site: Site, made: Sequence[File]) -> bytes:
    """Return the data package that describes these files."""
    said = {
        "profile": "tabular-data-package",
        "name": site.run.run,
        "title": f"Concepts of {site.run.classifier.name} on {site.run.data.name}",
        "version": site.run.lens_version,
        "lens": versions(site),
        "resources": [_resource(one) for one in made],
    }
    return (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def _resource(one: File) -> dict[str, Any]:
    name, _, kind = one.name.partition(".")
    fields = [column.field for column in one.columns]
    for field in fields:
        if field["type"] == "numbers":
            field["type"] = "array" if kind == "parquet" else "string"
    return {
        "name": f"{name}-{kind.replace('.', '-')}",
        "path": one.name,
        "description": one.words,
        "bytes": len(one.data),
        "hash": f"sha256:{store.sha256(one.data)}",
        **({"schema": {"fields": fields, "missingValues": [""]}} if fields else {}),
    }


def _concepts(result: ClassResult) -> Iterator[tuple[Value, ...]]:
    name = result.name
    for c in result.concepts:
        if is_present(c):
            right, covering = c.reliability_interval or (None, None), c.covering
            yield (
                name.index, name.slug, name.name, c.number, c.share, *c.interval, c.null_share,
                c.prevalence, c.dominates, c.reliability, *right, c.important, c.found_again,
                covering.fall if covering else None, covering.fall_at_random if covering else None,
                address(name.slug, c.number),
            )  # fmt: skip


def _images(result: ClassResult) -> Iterator[tuple[Value, ...]]:
    name = result.name
    for position, i in enumerate(result.images, start=1):
        yield (
            name.index, name.slug, name.name, i.key, position, i.label, i.label_name,
            i.probability, i.logit, i.importance, i.everything_else, i.dominant, i.strategy,
        )  # fmt: skip


class _Table:
    """Rows as they come, written as CSV, packed, and as Parquet where pyarrow is installed."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.columns, self.rows = columns, 0
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow([column.name for column in columns])
        self._parquet = _parquet(columns)

    def add(self, rows: Sequence[tuple[Value, ...]]) -> None:
        """Add some rows."""
        self.rows += len(rows)
        self._writer.writerows(map(_cells, rows))
        if self._parquet:
            self._parquet.add(rows)

    def csv(self) -> bytes:
        """Return the rows as CSV; the table of images, packed by gzip, the same each time."""
        text = self._text.getvalue().encode()
        if self.columns is not IMAGE_COLUMNS:
            return text
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
            file.write(text)
        return packed.getvalue()

    def parquet(self) -> bytes | None:
        """Return the rows as Parquet; None without pyarrow."""
        return self._parquet.close() if self._parquet else None


def _cells(row: tuple[Value, ...]) -> list[object]:
    return [" ".join(map(str, v)) if isinstance(v, tuple) else _cell(v) for v in row]


def _cell(value: Value) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class _Parquet:
    """Writes rows, ``GROUP`` and a few more at a time."""

    def __init__(self, arrow: Any, parquet: Any, columns: tuple[Column, ...]) -> None:
        types = {
            "integer": arrow.int64(), "number": arrow.float64(), "string": arrow.string(),
            "boolean": arrow.bool_(), "numbers": arrow.list_(arrow.float64()),
        }  # fmt: skip
        fields = [
            arrow.field(c.name, types[c.type], metadata={"description": c.words}) for c in columns
        ]
        self._arrow, self._schema, self._into = arrow, arrow.schema(fields), io.BytesIO()
        repeated = [c.name for c in columns if not c.type.startswith("number")]
        self._writer = parquet.ParquetWriter(
            self._into, self._schema, compression="zstd", use_dictionary=repeated
        )
        self._rows: list[tuple[Value, ...]] = []

    def add(self, rows: Sequence[tuple[Value, ...]]) -> None:
        self._rows += rows
        if len(self._rows) >= GROUP:
            self._write()

    def close(self) -> bytes:
        self._write()
        self._writer.close()
        return self._into.getvalue()

    def _write(self) -> None:
        columns = [list(column) for column in zip(*self._rows, strict=True)]
        named = dict(zip(self._schema.names, columns, strict=True)) if columns else {}
        if named:
            self._writer.write_table(self._arrow.table(named, schema=self._schema))
        self._rows = []


def _parquet(columns: tuple[Column, ...]) -> _Parquet | None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return None
    return _Parquet(pyarrow, parquet, columns)
