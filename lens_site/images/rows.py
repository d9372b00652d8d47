"""Values of one column of Parquet files, wherever they stand, with few of them in memory.

A row group is read in slices of some megabytes, from its first on; the slices read last are kept.
So reading rows in their order reads every page once, and a jump costs the pages of the group
before it: Parquet has no way to a single row.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

from lens_site.errors import UnreadableImage
from lens_site.images.files import DataFile

SLICE, KEPT, BUFFER = 2**24, 2**27, 2**20
"""Bytes of a slice, of the slices kept, and of one read."""

LEAST = 2
"""Slices kept, however large: threads stand at the end of one and the beginning of the next."""


class Group(NamedTuple):
    """A row group: its file, its number in it, rows, rows a slice."""

    file: DataFile
    number: int
    rows: int
    slice: int


class Rows:
    """Reads single values; safe to use from threads, and in another process after pickling."""

    def __init__(self, column: str, inner: str | None) -> None:
        self._column, self._inner = column, inner
        self._forget()

    def value(self, group: Group, row: int) -> bytes | None:
        """Return the value in a row of a group.

        Raises
        ------
        UnreadableImage
            When the file cannot be read there.
        """
        if self._process != os.getpid():  # forked: the lock may be held by a thread left behind
            self._forget()
        number, place = divmod(row, group.slice)
        key = (group.file.path, group.number, number)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._read(group, number)
                self._drop()
            self._kept.move_to_end(key)
            values = self._kept[key]
        value: bytes | None = values[place].as_py()
        return value

    def _read(self, group: Group, number: int) -> Any:
        from pyarrow import ArrowException  # an extra

        at = (group.file.path, group.number)
        following, batches = self._cursors.pop(at, (0, None))
        if batches is None or following > number:
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
            self._cursors[at] = (number + 1, batches)
            if len(self._cursors) > LEAST:
                self._cursors.popitem(last=False)
        column = batch.column(0)
        return column if self._inner is None else column.field(self._inner)

    def _batches(self, group: Group) -> Iterator[Any]:
        from pyarrow.parquet import ParquetFile  # an extra

        name = self._column if self._inner is None else f"{self._column}.{self._inner}"
        with ParquetFile(group.file.path, buffer_size=BUFFER, pre_buffer=False) as file:
            yield from file.iter_batches(
                group.slice, row_groups=[group.number], columns=[name], use_threads=False
            )

    def _drop(self) -> None:
        size = sum(values.nbytes for values in self._kept.values())
        while len(self._kept) > LEAST and size > KEPT:
            _, values = self._kept.popitem(last=False)
            size -= values.nbytes

    def _forget(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int, int], Any] = OrderedDict()
        self._cursors: OrderedDict[tuple[str, int], tuple[int, Iterator[Any]]] = OrderedDict()

    def __getstate__(self) -> tuple[str, str | None]:
        return self._column, self._inner

    def __setstate__(self, state: tuple[str, str | None]) -> None:
        self._column, self._inner = state
        self._forget()
