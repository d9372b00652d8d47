"""Tar shards, webdataset's or of class folders: pictures are read where they lie, nothing unpacked.

Files are opened for every picture, so that nothing is shared between threads or processes.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lens_site.errors import SourceError, UnreadableImage
from lens_site.images import splits
from lens_site.images.decode import decode
from lens_site.images.files import DataFile, FileSet, find, in_words, joined, unique
from lens_site.images.ilsvrc import find_truth, numbered
from lens_site.images.shards import open_index
from lens_site.images.source import Credit, counted

TAKES = "tar shards"

COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")


def open_data(data: str, split: str | None, cache: Path) -> "TarSource | None":
    """Open a tar file, a folder of them, or a pattern."""
    if data.lower().endswith(COMPRESSED) and splits.expanded(data).is_file():
        raise SourceError(
            f"data: {data} is compressed; wanted a plain tar file, in which a picture can be "
            "read where it lies; unpack it, or decompress it to .tar"
        )
    found = find(data, split, ".tar")
    return TarSource(found, cache) if found else None


class TarSource:
    """Pictures of tar files, in the order of the shards and inside of them.

    Keys are the members' names; where two shards have the same, the shard's name stands before.
    The columns take about 70 bytes a picture.

    Raises
    ------
    SourceError
        If there is no picture.
    """

    views_of_few = False
    credits: tuple[Credit, ...] = ()

    def __init__(self, files: FileSet, cache: Path) -> None:
        self.name = files.name
        self._shards = files.files
        indices = [open_index(file, cache) for file in files.files]
        counts = [len(index.names) for index in indices]
        troubles = [index.trouble for index in indices if index.trouble]
        if not sum(counts):
            raise SourceError(
                f"data: no picture in {counted(len(counts), 'tar file')} of {self.name} "
                f"({(troubles or ['looked for jpg, png, webp and bmp'])[0]}); check the path"
            )
        self.keys: Sequence[str] = unique([index.names for index in indices], files.files)
        self._shard = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self._offset = np.concatenate([index.offsets for index in indices])
        self._size = np.concatenate([index.sizes for index in indices])
        self._label, self._words = joined([(index.labels, index.words) for index in indices])
        origins = sorted({origin for index in indices for origin in index.origins})
        origins += self._number_validation([Path(file.path).parent for file in files.files[:1]])
        pictures, shards = counted(len(self.keys), "picture"), counted(len(counts), "tar file")
        self.description = f"{pictures} in {shards} of {self.name}."
        self.found = in_words(pictures, self._label, f"in {shards}", origins, files.note, troubles)

    def group(self, i: int) -> str | None:
        """Return the label that stands beside the picture, above it, or in its name."""
        label = int(self._label[i])
        return self._words[label] if label >= 0 else None

    def stamp(self, i: int) -> str:
        """Return size and time of change of the shard, and where the picture lies in it."""
        return f"{self._file(i).stamp()} {self._offset[i]} {self._size[i]}"

    def read(self, i: int) -> bytes:
        """Return the picture's bytes, read where they lie."""
        file, offset, left = self._file(i), int(self._offset[i]), int(self._size[i])
        file.check()
        parts = []
        try:
            fd = os.open(file.path, os.O_RDONLY)
            try:
                while left and (part := os.pread(fd, left, offset)):
                    parts.append(part)
                    offset, left = offset + len(part), left - len(part)
            finally:
                os.close(fd)
        except OSError as error:
            raise UnreadableImage(f"cannot be read ({error.strerror or error})") from error
        if left:
            raise UnreadableImage(f"cut off, {left:,} bytes are missing in {file.name}")
        return b"".join(parts)

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """See :class:`ImageSource`."""
        return decode(self.read(i), min_side)

    def _file(self, i: int) -> DataFile:
        return self._shards[int(self._shard[i])]

    def _number_validation(self, folders: list[Path]) -> list[str]:
        """Label ImageNet's numbered validation pictures by the list beside the shard, if any."""
        bare = [
            i for i in np.flatnonzero(self._label < 0).tolist() if numbered(self.keys[i]) == "val"
        ]
        truth = find_truth(folders) if bare else None
        if truth is None:
            return []
        numbers = {word: i for i, word in enumerate(self._words)}
        for i in bare:
            label = truth.labels.get(self.keys[i].rpartition("/")[2].rpartition(".")[0])
            if label is not None:
                self._label[i] = numbers.setdefault(label, len(numbers))
        self._words = tuple(numbers)
        return [truth.origin]
