"""What a Parquet file of pictures holds: which column is what, the names, labels and row groups.

Only columns of names and labels are read, never a picture.
"""

import json
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from lens_site.errors import LensError, first_line
from lens_site.images.files import DataFile
from lens_site.images.names import Names
from lens_site.images.rows import SLICE, Group

PICTURES = ("image", "img", "picture", "jpg", "jpeg", "png", "webp", "bytes")
LABELS = ("label", "labels", "cls", "class", "class_name", "label_name", "wnid", "synset")
PATHS = ("path", "file_name", "filename", "file", "__key__")
"""Names of columns, the likeliest first."""


class Unusable(LensError):
    """A file that holds no pictures as they are wanted; the reason in a line."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns; a picture is the field ``inner`` of its column, or the whole of it."""

    picture: str
    inner: str | None
    path: str | None
    label: str | None
    names: tuple[str, ...]
    """What label numbers are called; empty where nothing says so."""

    @property
    def bytes(self) -> str:
        """Name of the leaf that holds the picture's bytes."""
        return self.picture if self.inner is None else f"{self.picture}.{self.inner}"


@dataclass(frozen=True)
class Table:
    """One file: its row groups, and for every row a name and a number in ``words``, or −1."""

    groups: tuple[Group, ...]
    names: Names
    labels: Int[np.ndarray, " n"]
    words: tuple[str, ...]


def read_table(file: DataFile, columns: Columns | None) -> tuple[Table, Columns]:
    """Read names and labels of a file; its columns are found where none are given.

    Raises
    ------
    Unusable
        When it is damaged or has not these columns.
    """
    from pyarrow import ArrowException  # an extra
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(file.path) as opened:
            columns = columns or find_columns(opened.schema_arrow)
            wanted = [name for name in (columns.path, columns.label) if name]
            table = opened.read(columns=wanted, use_threads=False) if wanted else None
            groups = tuple(_groups(file, opened.metadata, columns.bytes))
    except (OSError, ArrowException, KeyError) as error:
        raise Unusable(first_line(error)[:200]) from error
    rows = sum(group.rows for group in groups)
    names = _names(file, rows, _column(table, columns.path))
    labels, words = _labels(rows, _column(table, columns.label), columns.names)
    return Table(groups, names, labels, words), columns


def find_columns(schema: Any) -> Columns:
    """Choose the columns by what the files say of themselves, by name, by type.

    Raises
    ------
    Unusable
        When none can hold pictures.
    """
    from pyarrow import types

    features = _features(schema)

    def children(name: str) -> dict[str, Any]:
        kind = schema.field(name).type
        return {f.name: f.type for f in kind} if types.is_struct(kind) else {}

    def holds_bytes(kind: Any) -> bool:
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    def may_be_picture(name: str) -> bool:
        inner = children(name).get("bytes")
        return holds_bytes(schema.field(name).type if inner is None else inner)

    def may_be_label(name: str) -> bool:
        kind = schema.field(name).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return bool(types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind))

    def likeliest(names: list[str], feature: str, known: Sequence[str]) -> list[str]:
        places = {name: known.index(name) for name in names if name in known}
        told = [name for name in names if features.get(name, {}).get("_type") == feature]
        return told + sorted(places, key=lambda name: places[name])

    able = list(filter(may_be_picture, schema.names))
    if not able:
        raise Unusable(
            f"no column of pictures among {', '.join(schema.names)[:200]}; wanted bytes, or a "
            "struct of bytes and path"
        )
    picture = [*likeliest(able, "Image", PICTURES), *able][0]
    rest = [name for name in schema.names if name != picture]
    label = next(iter(likeliest(list(filter(may_be_label, rest)), "ClassLabel", LABELS)), None)
    inside = children(picture)
    paths = [name for name in PATHS if name in rest and may_be_label(name)]
    path = f"{picture}.path" if "path" in inside else next(iter(paths), None)
    names = features.get(label or "", {}).get("names") or ()
    return Columns(picture, "bytes" if inside else None, path, label, tuple(map(str, names)))


def _features(schema: Any) -> dict[str, Any]:
    """Return what the library ``datasets`` wrote of the columns; empty where it did not."""
    try:
        told = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: one for name, one in told.items() if isinstance(one, dict)}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _groups(file: DataFile, metadata: Any, leaf: str) -> list[Group]:
    groups = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        leaves = (group.column(c) for c in range(group.num_columns))
        sizes = [c.total_uncompressed_size for c in leaves if c.path_in_schema == leaf]
        if not sizes:
            raise Unusable(f"no column {leaf}, which the files before it have")
        size = sizes[0]
        rows = max(1, SLICE * group.num_rows // max(size, 1))
        groups.append(Group(file, number, group.num_rows, min(rows, max(group.num_rows, 1))))
    return groups


def _column(table: Any, name: str | None) -> Any:
    if table is None or name is None:
        return None
    outer, _, inner = name.partition(".")
    if not inner or name in table.column_names:
        return table.column(name).combine_chunks()
    from pyarrow import compute

    return compute.struct_field(table.column(outer).combine_chunks(), inner)


def _names(file: DataFile, rows: int, paths: Any) -> Names:
    """Return the paths, or the file's name and the number of the row where some have none."""
    if paths is None or paths.null_count:
        stem = Path(file.name).stem
        return Names.of(f"{stem}/{row:06d}" for row in range(rows))
    return Names.of(posixpath.normpath("/" + p).lstrip("/") for p in paths.to_pylist())


def _labels(
    rows: int, column: Any, names: tuple[str, ...]
) -> tuple[Int[np.ndarray, " n"], tuple[str, ...]]:
    """Give labels numbers in a list of words; one below zero is none, as test pictures have."""
    if column is None:
        return np.full(rows, -1, dtype=np.int32), ()

    def word(value: object) -> str | None:
        if isinstance(value, int):
            return None if value < 0 else names[value] if value < len(names) else str(value)
        return str(value) if value else None

    numbers: dict[str, int] = {}
    told = (word(value) for value in column.to_pylist())
    labels = [-1 if one is None else numbers.setdefault(one, len(numbers)) for one in told]
    return np.array(labels, dtype=np.int32), tuple(numbers)
