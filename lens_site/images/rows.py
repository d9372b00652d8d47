"""Values of one column of Parquet files, wherever they stand, with few of them in memory.

A row group is read in slices of some megabytes, from its first on; the slices read last are kept.
So reading rows in their order reads every page once, and a jump costs the pages of the group
before it: Parquet has no way to a single row.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lens_site.errors import UnreadableImage
from lens_site.images.files import DataFile

SLICE, KEPT, BUFFER = 2**24, 2**27, 2**20
"""Bytes of a slice, of the slices kept, and of one read."""

Cursor = tuple[int, Iterator[Any]]

LEAST = 2
"""Slices kept, however large: threads stand at the end of one and the beginning of the next."""


class Group(NamedTuple):
    """A row group: its file, its number in it, rows, rows a slice."""

    file: DataFile
    number: int
    rows: int
    slice: int


@dataclass
class _State:
    """What one process has open, and keeps."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    kept: OrderedDict[tuple[str, int, int], Any] = field(default_factory=OrderedDict)
    """Slices by file, row group and number; the one used last is last."""
    cursors: OrderedDict[tuple[str, int], Cursor] = field(default_factory=OrderedDict)
    """Of row groups of several slices: the number of the next, and the reader."""


class Rows:
    """Reads single values; safe to use from threads, and in another process, forked or pickled."""

    def __init__(self, column: str, inner: str | None) -> None:
        self._column, self._inner = column, inner
        self._states: dict[int, _State] = {}

    def value(self, group: Group, row: int) -> bytes | None:
        """Return the value in a row of a group.

        Raises
        ------
        UnreadableImage
            When the file cannot be read there.
        """
        state = self._states.setdefault(os.getpid(), _State())  # a fork may copy a held lock
        number, place = divmod(row, group.slice)
        key = (group.file.path, group.number, number)
        with state.lock:
            if key not in state.kept:
                state.kept[key] = self._read(state.cursors, group, number)
                _drop(state.kept)
            state.kept.move_to_end(key)
            values = state.kept[key]
        value: bytes | None = values[place].as_py()
        return value

    def _read(
        self, cursors: OrderedDict[tuple[str, int], Cursor], group: Group, number: int
    ) -> Any:
        from pyarrow import ArrowException  # an extra

        at = (group.file.path, group.number)
        following, batches = cursors.pop(at, (number + 1, iter(())))
        if following > number:
            following, batches = 0, self._batches(group)
        try:
            for _ in range(following, number):
                next(batches)
            batch = next(batches)
        except (OSError, ArrowException, StopIteration) as error:
            reason = " ".join(str(error).split()) or "it ends early"
            raise UnreadableImage(
                f"row group {group.number} of {group.file.name} cannot be read ({reason[:200]})"
            ) from error
        if (number + 1) * group.slice < group.rows:
            cursors[at] = (number + 1, batches)
            if len(cursors) > LEAST:
                cursors.popitem(last=False)
        column = batch.column(0)
        return column if self._inner is None else column.field(self._inner)

    def _batches(self, group: Group) -> Iterator[Any]:
        from pyarrow.parquet import ParquetFile  # an extra

        name = self._column if self._inner is None else f"{self._column}.{self._inner}"
        with ParquetFile(group.file.path, buffer_size=BUFFER, pre_buffer=False) as file:
            yield from file.iter_batches(
                group.slice, row_groups=[group.number], columns=[name], use_threads=False
            )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_states": {}}


def _drop(kept: OrderedDict[tuple[str, int, int], Any]) -> None:
    """Forget the slices that were not used for longest, until the rest is small enough."""
    size = sum(values.nbytes for values in kept.values())
    while len(kept) > LEAST and size > KEPT:
        _, values = kept.popitem(last=False)
        size -= values.nbytes
