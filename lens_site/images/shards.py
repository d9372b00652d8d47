"""Where the pictures of a tar file lie, found once by the standard library and kept.

A shard is read from its first header to its last, without its pictures; what was found is a few
columns, kept in the cache as long as the shard's size and time of change stay the same. A tar of
tars, as ImageNet's training pictures come, is read through.

Labels of a picture, the first that is there: a member of the same base name, ``cls``, ``json`` or
``txt`` (webdataset's way), a WordNet folder above it, the topmost folder that is not called by a
part of a set, its own name.
"""

import json
import os
import posixpath
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Int, UInt64

from lens_site import atomic
from lens_site.errors import OutputError
from lens_site.images.files import TOLD, DataFile
from lens_site.images.ilsvrc import WORDNET, label_in_name
from lens_site.images.names import Names, printable
from lens_site.images.source import EXTENSIONS
from lens_site.images.splits import split_of_word
from lens_site.results.numbers import digest

VERSION = 1
"""Changes whenever the same tar would be indexed otherwise."""

SIDECARS = ("cls", "json", "txt")
"""Members that carry a label, the surest first."""

FIELDS = ("wnid", "synset", "class_name", "label_name", "label", "cls", "class", "class_id")
"""Fields of a json member that carry a label, the surest first."""

LARGEST_SIDECAR, LONGEST_LABEL = 2**16, 100
"""Bytes of a member that is read for a label; letters of one."""


@dataclass(frozen=True)
class ShardIndex:
    """The pictures of one shard in its order: the columns have a row a picture."""

    names: Names
    digests: UInt64[np.ndarray, " n"]
    """Of the names, to find those that are in two shards."""
    offsets: Int[np.ndarray, " n"]
    """Byte where the picture begins."""
    sizes: Int[np.ndarray, " n"]
    """Bytes."""
    labels: Int[np.ndarray, " n"]
    """Number in ``words``, −1 for none."""
    words: Names
    origins: Names
    """Where labels come from, each once."""
    trouble: str
    """What is wrong with the shard, in a line; else empty."""


def open_index(file: DataFile, cache: Path) -> ShardIndex:
    """Return the index of a shard, from the cache where it holds the shard as it is."""
    path = cache / "tar" / f"{digest([file.path])[:32]}.npz"
    known = np.array([VERSION, file.size, file.changed], dtype=np.int64)
    with suppress(OSError, ValueError, KeyError, EOFError, BadZipFile):
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            if np.array_equal(kept["known"], known):
                return _unpacked(kept)
    index = make_index(file)
    with suppress(OutputError):  # a cache that cannot be written costs time, not the build
        atomic.write_file(path, lambda out: np.savez(out, **_packed(index), known=known))
    return index


def make_index(file: DataFile) -> ShardIndex:
    """Read the headers of a shard; what is whole before a damage counts."""
    found = _Found()
    fd = os.open(file.path, os.O_RDONLY)
    try:
        _walk(file, found, 0, file.size, "")
        labels = [_label(fd, name, found) for name in found.names]
    finally:
        os.close(fd)
    words = {word: i for i, word in enumerate(dict.fromkeys(word for word, _ in labels if word))}
    names = Names.of(found.names)
    last = _last_of_each(names)
    return ShardIndex(
        names.take(last),
        names.digests()[last],
        np.array(found.offsets, dtype=np.int64)[last],
        np.array(found.sizes, dtype=np.int64)[last],
        np.array([words.get(word or "", -1) for word, _ in labels], dtype=np.int32)[last],
        Names.of(words),
        Names.of(sorted({origin for word, origin in labels if word})),
        " and ".join(found.troubles[:TOLD]),
    )


@dataclass
class _Found:
    names: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    sidecars: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)
    """Offset and size by base name and extension."""
    troubles: list[str] = field(default_factory=list)

    def add(self, name: str, offset: int, size: int) -> None:
        base, _, extension = name.rpartition(".")
        if name.lower().endswith(EXTENSIONS):
            self.names.append(name)
            self.offsets.append(offset)
            self.sizes.append(size)
        elif extension.lower() in SIDECARS and size <= LARGEST_SIDECAR:
            self.sidecars.setdefault(base, {})[extension.lower()] = (offset, size)

    def beside(self, name: str) -> dict[str, tuple[int, int]]:
        """Members that have the name up to its last dot, or to its first as webdataset has it."""
        folder, slash, file = name.rpartition("/")
        bases = name.rpartition(".")[0], folder + slash + file.partition(".")[0]
        return next((self.sidecars[base] for base in bases if base in self.sidecars), {})


def _walk(file: DataFile, found: _Found, start: int, end: int, prefix: str) -> None:
    """Find the members between two bytes, and what is wrong with them."""
    count = 0
    try:
        for member in _members(file.path, start):
            if member.offset_data + member.size > end:
                raise tarfile.ReadError(f"it ends within {printable(member.name)}")
            count += 1
            name = _clean(prefix + member.name)
            if not member.isreg() or member.issparse() or _is_hidden(name):
                continue
            if name.endswith(".tar") and not prefix:  # no deeper: nothing honest is
                inner = f"{name.removesuffix('.tar')}/"
                _walk(file, found, member.offset_data, member.offset_data + member.size, inner)
            else:
                found.add(name, member.offset_data, member.size)
    except (tarfile.TarError, ValueError, OSError) as error:
        where = f"{file.name}{f', {printable(prefix)}' if prefix else ''}"
        told = f"damaged after {count:,} members ({error})"
        found.troubles.append(f"{where} is {told if count else 'no tar file, or a compressed one'}")


def _members(path: str, start: int) -> Iterator[tarfile.TarInfo]:
    """Read the headers of the archive that begins at a byte; offsets are of the whole file.

    Raises
    ------
    TarError
        When it does not end as it should: the library takes damage between members for the end.
    """
    with open(path, "rb") as file:  # noqa: PTH123
        file.seek(start)
        archive = tarfile.TarFile(fileobj=file, encoding="utf-8", errors="surrogateescape")
        while (member := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep all of them
            yield member
        file.seek(archive.offset)
        if file.read(tarfile.BLOCKSIZE) != tarfile.NUL * tarfile.BLOCKSIZE:
            raise tarfile.ReadError(f"no header and no end at byte {archive.offset:,}")


def _clean(name: str) -> str:
    return posixpath.normpath("/" + name).lstrip("/")


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _label(fd: int, name: str, found: _Found) -> tuple[str | None, str]:
    """Return a label and where it comes from."""
    beside = found.beside(name)
    for kind in SIDECARS:
        if kind in beside:
            offset, size = beside[kind]
            word = _word(kind, os.pread(fd, size, offset))
            if word is not None:
                return word, f"{kind} members"
    folders = [f for f in name.split("/")[:-1] if split_of_word(f) is None]
    for folder in (*(f for f in folders if WORDNET.fullmatch(f)), *folders):
        return printable(folder), "folders"
    return label_in_name(name), "names"


def _word(kind: str, data: bytes) -> str | None:
    try:
        text = data.decode().strip()
        value: Any = json.loads(text) if kind == "json" else text
    except (ValueError, RecursionError):
        return None
    if kind == "json":
        if not isinstance(value, dict):
            return None
        value = next((value[name] for name in FIELDS if value.get(name) is not None), None)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    word = str(value)
    return word if 0 < len(word) <= LONGEST_LABEL and word.isprintable() else None


def _last_of_each(names: Names) -> Int[np.ndarray, " n"]:
    """Rows without those that a later member of the same name replaces, as tar has it."""
    backwards = names.digests()[::-1]
    _, first = np.unique(backwards, return_index=True)
    return np.sort(len(names) - 1 - first)


def _packed(index: ShardIndex) -> dict[str, Any]:
    texts = {"names": index.names, "words": index.words, "origins": index.origins}
    texts["trouble"] = Names.of([index.trouble])
    packed = {"digests": index.digests, "offsets": index.offsets}
    packed |= {"sizes": index.sizes, "labels": index.labels}
    for key, text in texts.items():
        packed[f"{key}_block"] = np.frombuffer(text.block, dtype=np.uint8)
        packed[f"{key}_ends"] = text.ends
    return packed


def _unpacked(kept: Any) -> ShardIndex:
    def text(key: str) -> Names:
        return Names(kept[f"{key}_block"].tobytes(), kept[f"{key}_ends"])

    return ShardIndex(
        text("names"),
        kept["digests"],
        kept["offsets"],
        kept["sizes"],
        kept["labels"],
        text("words"),
        text("origins"),
        text("trouble")[0],
    )
