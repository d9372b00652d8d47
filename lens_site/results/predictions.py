"""The predicting pass as a table on disk, so that no image is predicted twice.

The table is a folder in ``OUT/cache``, never published, with a folder in it for every writer, a
segment. A segment holds one file a column, little-endian, and the reasons why images could not be
read, a line each::

    predictions-<digest>/all/{image,digest,predicted,probability,logit,check}.bin  reasons.jsonl

A row is named by a hash of the image's key and stamp, so a picture that changed has a new row. Rows
are only appended, never rewritten: what a killed writer left of a row is cut off by the next one.
Readers take the rows of all segments; a row whose check is wrong is as if it were not there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import numpy as np
from jaxtyping import Float, Int, Shaped, UInt, UInt8

from lens_site.atomic import cannot_write

UNKNOWN, UNREADABLE = -2, -1
"""In place of a class: not predicted yet; cannot be read."""

ROW = np.dtype(
    [
        ("image", "<u8", 2),
        ("digest", "u1", 32),
        ("predicted", "<i4"),
        ("probability", "<f4"),
        ("logit", "<f4"),
        ("check", "<u4"),
    ]
)
"""One image: hash of its key and stamp, SHA-256 of its bytes, what the network says; CRC-32."""

REASONS = "reasons.jsonl"

AT_ONCE = 65_536
"""Rows read at a time."""

Rows = Shaped[np.ndarray, " rows"]


@dataclass(frozen=True)
class Predictions:
    """What the model says of the n images of a source, in its order; filled as answers come."""

    image: UInt[np.ndarray, "n 2"]
    digest: UInt8[np.ndarray, "n 32"]
    predicted: Int[np.ndarray, " n"]
    """A class, ``UNREADABLE`` or ``UNKNOWN``."""
    probability: Float[np.ndarray, " n"]
    logit: Float[np.ndarray, " n"]
    reasons: dict[int, str] = field(default_factory=dict)
    """Why images could not be read, by position."""

    def __len__(self) -> int:
        return len(self.predicted)

    @property
    def unknown(self) -> Int[np.ndarray, " todo"]:
        """Positions of the images that are not predicted yet."""
        return np.flatnonzero(self.predicted == UNKNOWN)

    def hexadecimal(self, i: int) -> str:
        """SHA-256 of the bytes of an image."""
        return bytes(self.digest[i]).hex()

    def put(self, positions: Sequence[int], rows: Rows, reasons: Sequence[str] = ()) -> None:
        """Take rows for these images; ``reasons`` of the unreadable ones among them, in order."""
        at = np.asarray(positions, dtype=np.int64)
        for name in ("image", "digest", "predicted", "probability", "logit"):
            getattr(self, name)[at] = rows[name]
        failed = at[rows["predicted"] == UNREADABLE]
        self.reasons.update(zip(failed.tolist(), reasons, strict=True))


def nothing_known(images: UInt[np.ndarray, "n 2"]) -> Predictions:
    """Return predictions of images of which nothing is known."""
    n = len(images)
    return Predictions(
        images,
        np.zeros((n, 32), np.uint8),
        np.full(n, UNKNOWN, np.int32),
        np.zeros(n, np.float32),
        np.zeros(n, np.float32),
    )


def identities(keys: Iterable[str], stamps: Iterable[str]) -> UInt[np.ndarray, "n 2"]:
    """128 bits that name each image as it is now: blake2b of its key and stamp."""
    names = bytearray()
    for key, stamp in zip(keys, stamps, strict=True):
        text = f"{key}\0{stamp}".encode("utf-8", "surrogatepass")
        names += blake2b(text, digest_size=16).digest()
    return np.frombuffer(names, "<u8").reshape(-1, 2)


def read_predictions(folder: Path, images: UInt[np.ndarray, "n 2"]) -> Predictions:
    """Find what all segments know of these images; what is absent or damaged is unknown."""
    table = nothing_known(images)
    order = np.argsort(images[:, 0])
    first = images[order, 0]
    if not len(first):
        return table
    reasons: dict[bytes, str] = {}
    for segment in sorted(path for path in folder.glob("*/") if path.is_dir()):
        for rows in _read_rows(segment):
            place = np.searchsorted(first, rows["image"][:, 0]).clip(max=len(first) - 1)
            positions = order[place]
            known = (images[positions] == rows["image"]).all(axis=1)
            at, found = positions[known], rows[known]
            for name in ("digest", "predicted", "probability", "logit"):
                getattr(table, name)[at] = found[name]  # of two rows of an image the later stays
        reasons |= _read_reasons(segment)
    for i in np.flatnonzero(table.predicted == UNREADABLE).tolist():
        reason = reasons.get(images[i].tobytes())
        if reason is None:
            table.predicted[i] = UNKNOWN
        else:
            table.reasons[i] = reason
    return table


class Segment:
    """One writer's part of a table; used by one process at a time, in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        """Open the segment to append to it; raises OutputError."""
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ROW.names or ():
                self._files[name] = _column(folder, name).open("ab")
            self._reasons = (folder / REASONS).open("ab")
            self._cut_torn_rows()
        except OSError as error:
            self._close()
            raise cannot_write(folder, error) from error

    def __enter__(self) -> "Segment":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def append(self, rows: Rows, reasons: Sequence[str] = ()) -> None:
        """Write rows, and the reasons of the unreadable ones among them; a kill then loses none.

        Raises
        ------
        OutputError
            When they cannot be written; what was appended before is kept.
        """
        rows = rows.copy()
        rows["check"] = _checks(rows)
        failed = rows["image"][rows["predicted"] == UNREADABLE]
        lines = [
            json.dumps([image.tobytes().hex(), reason]) + "\n"
            for image, reason in zip(failed, reasons, strict=True)
        ]
        try:
            self._reasons.write("".join(lines).encode())
            self._reasons.flush()
            for name, file in self._files.items():
                file.write(rows[name].tobytes())
                file.flush()
        except OSError as error:
            raise cannot_write(self._folder, error) from error

    def _cut_torn_rows(self) -> None:
        whole = _whole_rows(self._folder)
        for name, file in self._files.items():
            file.truncate(whole * ROW[name].itemsize)
        text = (self._folder / REASONS).read_bytes()
        self._reasons.truncate(text.rfind(b"\n") + 1)

    def _close(self) -> None:
        for file in (*self._files.values(), *filter(None, [getattr(self, "_reasons", None)])):
            with suppress(OSError):  # a full disk was told of when it was written to
                file.close()


def _column(folder: Path, name: str) -> Path:
    return folder / f"{name}.bin"


def _whole_rows(folder: Path) -> int:
    """Rows that every column has."""
    return min(_column(folder, n).stat().st_size // ROW[n].itemsize for n in ROW.names or ())


def _read_rows(folder: Path) -> Iterator[Rows]:
    """Yield the good rows of a segment, some at a time; of one that cannot be read none."""
    with suppress(OSError, ValueError):  # absent, shorter than it was a moment ago
        count = _whole_rows(folder)
        for start in range(0, count, AT_ONCE):
            rows = np.empty(min(AT_ONCE, count - start), ROW)
            for name in ROW.names or ():
                kind = ROW[name]
                part = np.fromfile(
                    _column(folder, name),
                    kind.base,
                    rows[name].size,
                    offset=start * kind.itemsize,
                )
                rows[name] = part.reshape(rows[name].shape)
            yield rows[rows["check"] == _checks(rows)]


def _checks(rows: Rows) -> UInt[np.ndarray, " rows"]:
    """CRC-32 of every row but for its last column."""
    held = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), ROW.itemsize)
    before = held[:, : ROW.itemsize - ROW["check"].itemsize]
    return np.fromiter((crc32(row) for row in before), np.uint32, len(rows))


def _read_reasons(folder: Path) -> dict[bytes, str]:
    reasons = {}
    with suppress(OSError), (folder / REASONS).open("rb") as lines:
        for line in lines:
            with suppress(ValueError, TypeError):  # a damaged line
                image, reason = json.loads(line)
                reasons[bytes.fromhex(image)] = str(reason)
    return reasons
