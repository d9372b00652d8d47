r"""The names of a million pictures as one block of bytes: strings take three times more.

A name is kept as the bytes it has on the disk. As text it is what results can hold: bytes that are
no UTF-8 are written ``\xff``.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from jaxtyping import Int, UInt64


class Names(Sequence[str]):
    """Names in a fixed order; ``ends[i]`` is where the bytes of name i end in ``block``."""

    def __init__(self, block: bytes, ends: Int[np.ndarray, " n"]) -> None:
        self.block, self.ends = block, ends

    @classmethod
    def of(cls, names: Iterable[str]) -> "Names":
        """Pack names as the system gives them, with bytes that are no UTF-8 as surrogates."""
        block, ends = bytearray(), array("q")
        for name in names:
            block += name.encode("utf-8", "surrogateescape")
            ends.append(len(block))
        return cls(bytes(block), np.array(ends, dtype=np.int64))

    @classmethod
    def join(cls, parts: Sequence["Names"]) -> "Names":
        """All names of several, one after the other."""
        starts = np.cumsum([0, *(len(part.block) for part in parts)])
        ends = [part.ends + start for part, start in zip(parts, starts[:-1], strict=True)]
        block = b"".join(part.block for part in parts)
        return cls(block, np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64))

    def take(self, rows: Int[np.ndarray, " m"]) -> "Names":
        """Return the names of some rows."""
        kept = [self.raw(int(i)) for i in rows]
        return Names(b"".join(kept), np.cumsum([len(name) for name in kept], dtype=np.int64))

    def below(self, folder: bytes) -> "Names":
        """Return the same names, each after ``folder``."""
        block = b"".join(folder + self.raw(i) for i in range(len(self)))
        return Names(block, self.ends + len(folder) * np.arange(1, len(self) + 1))

    def raw(self, i: int) -> bytes:
        """Return the bytes of name i."""
        return self.block[int(self.ends[i - 1]) if i else 0 : int(self.ends[i])]

    def digests(self) -> UInt64[np.ndarray, " n"]:
        """Return 64 bits that tell names apart, for finding those that are there twice."""
        found = b"".join(
            hashlib.blake2b(self.raw(i), digest_size=8).digest() for i in range(len(self))
        )
        return np.frombuffer(found, dtype=np.uint64)

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> tuple[str, ...]: ...
    def __getitem__(self, i: int | slice) -> str | tuple[str, ...]:
        if isinstance(i, slice):
            return tuple(self[j] for j in range(*i.indices(len(self))))
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self.raw(i % len(self)).decode("utf-8", "backslashreplace")

    def __iter__(self) -> Iterator[str]:
        start = 0
        for end in self.ends.tolist():
            yield self.block[start:end].decode("utf-8", "backslashreplace")
            start = end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as every sequence that is compared by its items


def printable(name: str) -> str:
    r"""Write bytes of a file name that are not UTF-8 as ``\xff``, so that results can hold it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Return names that results can hold, each once, for bytes may read like another name."""
    seen: dict[str, int] = {}
    once = []
    for name in map(printable, names):
        seen[name] = seen.get(name, 0) + 1
        once.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(once)
