"""Sets that lie in a few large files, tar shards or Parquet: finding them, naming them.

A set is one file, a folder of them, or a pattern: ``shards-{000..009}.tar``, ``val-*.parquet``.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Int

from lens_site.errors import SourceError, UnreadableImage
from lens_site.images import splits
from lens_site.images.names import Names, printable
from lens_site.images.source import EXTENSIONS, counted

BRACES = re.compile(r"\{([^{}]*)\}")
RANGE = re.compile(r"(\d+)\.\.(\d+)")

TOLD = 3
"""Damaged files that are named one by one."""

MOST_FILES = 100_000
"""Files that a pattern may stand for."""


@dataclass(frozen=True)
class DataFile:
    """One large file, as it was when the set was opened."""

    path: str
    size: int
    changed: int
    """Time of the last change, nanoseconds."""

    @property
    def name(self) -> str:
        """Its name without folders, as results can hold it."""
        return printable(Path(self.path).name)

    def stamp(self) -> str:
        """Return size and time of change now, or why they cannot be had."""
        try:
            status = os.stat(self.path)  # noqa: PTH116
        except OSError as error:
            return f"unreadable {error.errno}"
        return f"{status.st_size} {status.st_mtime_ns}"

    def check(self) -> None:
        """Refuse a file that was replaced: what was found in it is no longer there.

        Raises
        ------
        UnreadableImage
            Naming it.
        """
        if self.stamp() != f"{self.size} {self.changed}":
            raise UnreadableImage(f"{self.name} changed since it was opened; start again")


@dataclass(frozen=True)
class FileSet:
    """The files of one part of a set, sorted."""

    name: str
    files: tuple[DataFile, ...]
    note: str
    """Which part was taken, where files name parts; else empty."""


def find(data: str, asked: str | None, suffix: str) -> FileSet | None:
    """Find the files with this suffix that ``data`` means; None where it means something else.

    A folder means them when they lie in it, in its folder ``data``, or in folders named by parts,
    and no pictures lie there beside them.

    Raises
    ------
    SourceError
        When a part, or a file of a pattern, is not there, or a file cannot be read.
    """
    root, one = splits.expanded(data), None
    if not splits.exists(data):
        if not (splits.PATTERN & set(data) and data.lower().endswith(suffix)):
            return None
        paths = _matching(str(root))
        while splits.PATTERN & set(str(root)):
            root = root.parent
    elif root.is_file():
        if root.suffix.lower() != suffix:
            return None
        root, paths, one = root.parent, [root], root.stem
    else:
        paths = _in_folder(root, suffix)
    return _of(root, sorted(paths), one, asked, data) if paths else None


def unique(parts: Sequence[Names], files: Sequence[DataFile]) -> Names:
    """Names of the pictures of several files; the file's stands before all when some are alike."""
    whole = Names.join(parts)
    if len(np.unique(whole.digests())) == len(whole):
        return whole
    above = [Path(file.name).stem for file in files]
    if len(set(above)) < len(above):
        above = [f"{number:05d}-{stem}" for number, stem in enumerate(above)]
    pairs = zip(parts, above, strict=True)
    return Names.join([part.below(f"{stem}/".encode()) for part, stem in pairs])


def joined(
    parts: Sequence[tuple[Int[np.ndarray, " _"], Sequence[str]]],
) -> tuple[Int[np.ndarray, " m"], tuple[str, ...]]:
    """Labels of files, each numbers in a list of words, as numbers in one list; −1 stays."""
    numbers: dict[str, int] = {}
    columns = []
    for labels, words in parts:
        table = [numbers.setdefault(word, len(numbers)) for word in words]
        columns.append(np.array([*table, -1], dtype=np.int32)[labels])
    return np.concatenate(columns), tuple(numbers)


def in_words(
    pictures: str,
    labels: Int[np.ndarray, " n"],
    where: str,
    origins: Sequence[str],
    note: str,
    troubles: Sequence[str],
) -> str:
    """Say in a line what was found; a label of −1 is none."""
    classes, bare = len(np.unique(labels[labels >= 0])), int((labels < 0).sum())
    said = [f"{pictures} {where}"]
    if classes:
        said += [counted(classes, "class"), f"labels from {' and '.join(origins)}"]
    said.append((f"{bare:,} without a label" if classes else "no labels") if bare else "")
    said += [note, *troubles[:TOLD]]
    if len(troubles) > TOLD:
        said.append(f"and {len(troubles) - TOLD} more damaged files")
    return ", ".join(filter(None, said))


def _of(root: Path, paths: list[Path], one: str | None, asked: str | None, data: str) -> FileSet:
    name = printable(one or root.absolute().name or str(root))
    of = {path: splits.split_of_file(str(path.relative_to(root))) for path in paths}
    there = {split for split in of.values() if split}
    if not there:
        if asked is not None:
            raise splits.no_split(data, asked)
        return FileSet(name, tuple(map(_data_file, paths)), "")
    chosen = splits.choose(there, asked, data)
    if one is None and splits.split_of_file(name) != chosen:
        name = f"{name}-{chosen}"
    files = tuple(_data_file(path) for path in paths if of[path] == chosen)
    note = splits.said(chosen, there, data)
    if others := [path.name for path in paths if of[path] is None]:
        note += f", left out {printable(others[0])}" + ", …" * (len(others) > 1)
    return FileSet(name, files, note)


def _in_folder(root: Path, suffix: str) -> list[Path]:
    paths, below = _look(root, suffix)
    if not paths:
        named = [f for f in below if f.name == "data" or splits.split_of_word(f.name)]
        paths = [path for folder in named for path in _look(folder, suffix)[0]]
    if paths and any(_holds_picture(folder) for folder in below):
        return []
    return paths


def _look(folder: Path, suffix: str) -> tuple[list[Path], list[Path]]:
    """Return files with the suffix, and folders; nothing where a picture lies among them."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if _is_picture(entry):
                    return [], []
                if entry.is_dir():
                    folders.append(folder / entry.name)
                elif entry.name.lower().endswith(suffix) and entry.is_file():
                    files.append(folder / entry.name)
    except OSError:  # the folder of pictures says why
        return [], []
    return files, folders


def _holds_picture(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(map(_is_picture, entries))
    except OSError:
        return False


def _is_picture(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(EXTENSIONS)


def _matching(pattern: str) -> list[Path]:
    found: list[Path] = []
    for words in islice(_expanded(pattern), MOST_FILES):
        paths = sorted(glob(words)) if splits.PATTERN & set(words) else [words]  # noqa: PTH207
        if not paths or not Path(paths[0]).is_file():
            raise SourceError(
                f"data: no file {printable(words)}, of the pattern {pattern}; wanted every file "
                "that the pattern names; correct it or fetch what is missing"
            )
        found += map(Path, paths)
    return list(dict.fromkeys(found))


def _expanded(pattern: str) -> Iterator[str]:
    """Write out braces as a shell does: ``{000..012}`` and ``{a,b}``."""
    braces = BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    if span := RANGE.fullmatch(braces[1]):
        first, last, width = int(span[1]), int(span[2]), len(span[1])
        words: Iterator[str] = (f"{i:0{width}d}" for i in range(first, last + 1))
    else:
        words = iter(braces[1].split(","))
    for word in words:
        yield from _expanded(pattern[: braces.start()] + word + pattern[braces.end() :])


def _data_file(path: Path) -> DataFile:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
    except OSError as error:
        raise SourceError(
            f"data: {printable(str(path))} cannot be read ({error.strerror or error}); wanted a "
            "file that may be read; change its permissions or move it away"
        ) from error
    return DataFile(str(path), status.st_size, status.st_mtime_ns)
