"""Activations that the predicting pass keeps for the classes: ``OUT/cache/activations-<digest>``.

A folder for every writer holds ``blocks.bin``, where the packed activations of an image fill some
blocks in a row, and ``index.bin``, which says for each image where, how many bytes, and their
CRC-32. Blocks of an image that can no longer be chosen are used again. Data is written before its
row, and rows are only appended: whatever a killed writer left, bytes that are not those of the
image fail their check, and the image is encoded again.

The files are read and written, not mapped, for mapped pages would count as memory of the process.
"""

import os
import shutil
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt

from lens_site.activations import Activations
from lens_site.activations.packing import Shape, pack, unpack
from lens_site.results.predictions import Places, checks

BLOCK = 4096
"""Bytes; an image of the default network takes 7 or 8 blocks."""

BLOCKS, INDEX = "blocks.bin", "index.bin"

ENTRY = np.dtype(
    [("image", "<u8", 2), ("start", "<u4"), ("bytes", "<u4"), ("crc", "<u4"), ("check", "<u4")]
)
"""One image: hash of its key and stamp, its first block, bytes and CRC-32; CRC-32 of all that."""

Entries = Shaped[np.ndarray, " rows"]


class KeptOnDisk:
    """What all writers kept of the images of a source, for reading; safe to use from threads."""

    def __init__(self, folder: Path, images: UInt[np.ndarray, "n 2"], shape: Shape) -> None:
        """Read the indices; rows of other images, or whose check is wrong, are passed over."""
        self._shape, places, n = shape, Places(images), len(images)
        self._files = sorted(path.parent / BLOCKS for path in folder.glob(f"*/{INDEX}"))
        self._file = np.full(n, -1, np.int16)
        self._entries = np.zeros(n, ENTRY)
        for number, path in enumerate(self._files):
            entries = _read(path.parent)
            known, at = places.of(entries["image"])
            self._entries[at], self._file[at] = entries[known], number

    def get(self, position: int) -> Activations | None:
        """See ``activations.Features``."""
        if self._file[position] < 0:
            return None
        entry = self._entries[position]
        with suppress(OSError, ValueError):
            with self._files[self._file[position]].open("rb") as blocks:
                blocks.seek(int(entry["start"]) * BLOCK)
                data = blocks.read(int(entry["bytes"]))
            if crc32(data) == entry["crc"]:
                return unpack(data, self._shape)
        return None


class Keeping:
    """One writer's folder, while it predicts; in a ``with`` block.

    Where the disk is full or cannot be written, what was kept is deleted, and the build goes on
    without: an image that is not kept is encoded again.
    """

    def __init__(self, folder: Path, images: UInt[np.ndarray, "n 2"], limit: int) -> None:
        """Go on with what is there; ``limit`` is of bytes."""
        self._folder, self._images, self._most = folder, images, limit // BLOCK
        self._start = np.zeros(len(images), np.uint32)
        self._count = np.zeros(len(images), np.uint32)
        """Blocks of each image; none of one that is not kept."""
        self._free: dict[int, list[int]] = defaultdict(list)
        """First blocks of free runs by their length."""
        self._end = 0
        self._off = limit < BLOCK
        if self._off:
            self._delete()
            return
        try:
            self._open()
        except OSError:
            self._give_up()

    def __enter__(self) -> "Keeping":
        return self

    def __exit__(self, *_: object) -> None:
        if not self._off:
            self._close()

    @property
    def kept(self) -> Int[np.ndarray, " kept"]:
        """Positions of the images that are kept."""
        return np.flatnonzero(self._count)

    def put(self, position: int, activations: Activations) -> None:
        """Keep the activations of an image, n = 1, if there is room."""
        if self._off:
            return
        data = pack(activations)
        need = -(-len(data) // BLOCK)
        start = self._allocate(need)
        if start is None:
            return
        entry = np.zeros(1, ENTRY)
        entry["image"], entry["start"] = self._images[position], start
        entry["bytes"], entry["crc"] = len(data), crc32(data)
        entry["check"] = checks(entry)
        try:
            self._blocks.seek(start * BLOCK)
            self._blocks.write(data)
            self._blocks.flush()
            self._index.write(entry.tobytes())
            self._index.flush()
        except OSError:
            self._give_up()
            return
        self._start[position], self._count[position] = start, need

    def drop(self, position: int) -> None:
        """Use the blocks of an image again, if it has some."""
        if self._count[position]:
            self._free[int(self._count[position])].append(int(self._start[position]))
            self._count[position] = 0

    def _allocate(self, need: int) -> int | None:
        """First of so many blocks in a row: a free run, new ones, or some of a longer run."""
        if self._free[need]:
            return self._free[need].pop()
        if self._end + need <= self._most:
            self._end += need
            return self._end - need
        longer = min((n for n, runs in self._free.items() if n > need and runs), default=None)
        if longer is None:
            return None
        start = self._free[longer].pop()
        self._free[longer - need].append(start + need)
        return start

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        blocks, index = self._folder / BLOCKS, self._folder / INDEX
        if blocks.exists() and blocks.stat().st_size > self._most * BLOCK:
            self._delete()
            self._folder.mkdir(parents=True)
        self._index = index.open("ab")
        self._index.truncate(index.stat().st_size // ENTRY.itemsize * ENTRY.itemsize)
        self._blocks = os.fdopen(os.open(blocks, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        entries = _read(self._folder)
        known, at = Places(self._images).of(entries["image"])
        self._start[at] = entries["start"][known]
        self._count[at] = _blocks_of(entries)[known]
        self._end = -(-blocks.stat().st_size // BLOCK)
        used = np.zeros(self._end, bool)
        used[_every_block(self._start[self.kept], self._count[self.kept])] = True
        for start, length in _runs(~used):
            self._free[length].append(start)

    def _give_up(self) -> None:
        self._off = True
        self._count[:] = 0
        self._close()
        self._delete()

    def _close(self) -> None:
        for name in ("_blocks", "_index"):
            with suppress(OSError, AttributeError):  # a full disk; never opened
                getattr(self, name).close()

    def _delete(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _read(folder: Path) -> Entries:
    """Rows of an index that are whole, and whose blocks no later row has taken."""
    try:
        data = (folder / INDEX).read_bytes()
        blocks = -(-(folder / BLOCKS).stat().st_size // BLOCK)
    except OSError:
        return np.zeros(0, ENTRY)
    entries = np.frombuffer(data[: len(data) // ENTRY.itemsize * ENTRY.itemsize], ENTRY)
    good = entries["check"] == checks(entries)
    good &= entries["start"].astype(np.int64) + _blocks_of(entries) <= blocks
    entries = entries[good]
    count = _blocks_of(entries)
    every, row = _every_block(entries["start"], count), np.repeat(np.arange(len(entries)), count)
    owner = np.zeros(blocks, np.int64)
    owner[every] = row  # of two rows with a block the later has it
    lost = row[owner[every] != row]
    return np.delete(entries, np.unique(lost))


def _blocks_of(entries: Entries) -> Int[np.ndarray, " rows"]:
    return -(-entries["bytes"].astype(np.int64) // BLOCK)


def _every_block(
    start: UInt[np.ndarray, " rows"], count: Shaped[np.ndarray, " rows"]
) -> Int[np.ndarray, " blocks"]:
    """Numbers of all blocks of some runs, one run after the other."""
    count = count.astype(np.int64)
    before = np.cumsum(count) - count
    return np.repeat(start.astype(np.int64) - before, count) + np.arange(count.sum())


def _runs(free: Bool[np.ndarray, " blocks"]) -> list[tuple[int, int]]:
    """Start and length of every run of true values."""
    edges = np.flatnonzero(np.diff(free.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    return [(start, end - start) for start, end in edges.tolist()]
