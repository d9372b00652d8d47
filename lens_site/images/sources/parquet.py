"""Parquet files as Hugging Face publishes ImageNet: a column of pictures, one of labels.

The column of pictures is a struct of ``bytes`` and ``path``, or plain bytes. Labels are words, or
numbers, whose names stand in the files' own description (a ``ClassLabel``).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lens_site.errors import SourceError, UnreadableImage
from lens_site.images.decode import decode
from lens_site.images.files import FileSet, find, in_words, joined, unique
from lens_site.images.ilsvrc import label_in_name
from lens_site.images.rows import Group, Rows
from lens_site.images.source import Credit, counted
from lens_site.images.tables import Columns, Table, Unusable, read_table

TAKES = "Parquet files"


def open_data(data: str, split: str | None, cache: Path) -> "ParquetSource | None":
    """Open a Parquet file, a folder of them, or a pattern."""
    found = find(data, split, ".parquet")
    if found is None:
        return None
    try:
        import pyarrow.parquet  # noqa: F401  # an extra
    except ImportError:
        raise SourceError(
            f"data: {data} holds Parquet files, which pyarrow reads and which is not installed; "
            "type: pip install 'lens-site[parquet]'"
        ) from None
    return ParquetSource(found)


class ParquetSource:
    """Pictures of Parquet files, in the order of the files and their rows.

    Keys are the pictures' paths, else the file's name and the row. A label whose pictures all
    carry one WordNet id in their names stands for that id, whatever it is called.
    The columns take about 50 bytes a picture.

    Raises
    ------
    SourceError
        If there is no picture, or no column of pictures.
    """

    views_of_few = False
    credits: tuple[Credit, ...] = ()

    def __init__(self, files: FileSet) -> None:
        self.name = files.name
        columns: Columns | None = None
        tables: list[Table] = []
        read, troubles = [], []
        for file in files.files:
            try:
                table, columns = read_table(file, columns)
            except Unusable as error:
                troubles.append(f"{file.name} cannot be read ({error})")
            else:
                tables.append(table)
                read.append(file)
        if columns is None or not any(len(table.names) for table in tables):
            raise SourceError(
                f"data: no picture in {counted(len(files.files), 'Parquet file')} of {self.name} "
                f"({(troubles or ['they are empty'])[0]}); check the path"
            )
        self.keys: Sequence[str] = unique([table.names for table in tables], read)
        self._groups = [group for table in tables for group in table.groups]
        self._starts = np.cumsum([0, *(group.rows for group in self._groups)])[:-1]
        self._rows = Rows(columns.picture, columns.inner)
        self._label, self._words = joined([(table.labels, table.words) for table in tables])
        origin = self._name_by_wordnet() or f"the column {columns.label}"
        pictures, many = counted(len(self.keys), "picture"), counted(len(read), "Parquet file")
        self.description = f"{pictures} in {many} of {self.name}."
        self.found = in_words(pictures, self._label, f"in {many}", [origin], files.note, troubles)

    def group(self, i: int) -> str | None:
        """Return the label, as a WordNet id, a name or a number."""
        label = int(self._label[i])
        return self._words[label] if label >= 0 else None

    def stamp(self, i: int) -> str:
        """Return size and time of change of the file, and the row."""
        group, row = self._place(i)
        return f"{group.file.stamp()} {group.number} {row}"

    def read(self, i: int) -> bytes:
        """Return the picture's bytes."""
        group, row = self._place(i)
        group.file.check()
        data = self._rows.value(group, row)
        if data is None:
            raise UnreadableImage(f"no bytes in row {row} of row group {group.number}")
        return data

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """See :class:`ImageSource`."""
        return decode(self.read(i), min_side)

    def _place(self, i: int) -> tuple[Group, int]:
        number = int(np.searchsorted(self._starts, i, side="right")) - 1
        return self._groups[number], i - int(self._starts[number])

    def _name_by_wordnet(self) -> str:
        """Call labels by the one WordNet id that their pictures' names carry; say if any is."""
        ids: dict[int, set[str | None]] = {}
        in_names = [label_in_name(key) for key in self.keys]
        if not self._words:  # no column of labels: the names are all there is
            numbers = {word: i for i, word in enumerate(dict.fromkeys(filter(None, in_names)))}
            self._label = np.array([numbers.get(word or "", -1) for word in in_names])
            self._words = tuple(numbers)
            return "the file names"
        for label, word in zip(self._label.tolist(), in_names, strict=True):
            ids.setdefault(label, set()).add(word)
        sure = {label: next(iter(found)) for label, found in ids.items() if len(found) == 1}
        words = [sure.get(i) or word for i, word in enumerate(self._words)]
        renamed = tuple(words) != self._words
        self._words = tuple(words)
        return "the WordNet ids in file names" if renamed else ""
