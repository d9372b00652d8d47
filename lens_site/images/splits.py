"""The parts of a set: training, validation, test; asked for as ``ROOT:train``.

A path that is there under its whole name wins over a part, a part over ``package.module:Name``.
"""

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from lens_site.errors import SourceError

SPLITS = {
    "val": ("val", "valid", "validation"),
    "train": ("train", "training"),
    "test": ("test", "testing"),
}
"""What parts are called, and what files and folders of them are; the first that is there is taken
where none is asked for: the network has not seen the validation pictures."""

PATTERN = frozenset("*?[{")
"""Letters that make a pattern of a path."""


def parse(data: str, words: Collection[str] = ()) -> tuple[str, str | None]:
    """Return the place and the part that ``data`` names; ``words`` are the sets known by name."""
    place, colon, word = data.rpartition(":")
    split = split_of_word(word)
    if not colon or split is None or exists(data):
        return data, None
    known = place in words or exists(place) or bool(PATTERN & set(place))
    return (place, split) if known or not _is_dotted(place) else (data, None)


def place_of(data: str) -> str:
    """Return the absolute path of pictures, whatever part of them is asked for; else ``data``."""
    place, split = parse(data)
    if not exists(place):
        return data
    whole = str(expanded(place).resolve())
    return whole if split is None else f"{whole}:{split}"


def folder_of(data: str) -> Path:
    """Return the path without the part that is asked for."""
    return expanded(parse(data)[0])


def split_of_word(word: str) -> str | None:
    """``val`` for ``validation``; None for what is no part."""
    folded = word.casefold()
    return next((split for split, names in SPLITS.items() if folded in names), None)


def split_of_file(name: str) -> str | None:
    """Part that a file or folder is of, by the last word in its path that names one.

    ``data/train-00000-of-00294.parquet`` and ``train/000.tar`` are of ``train``.
    """
    words = re.split(r"[^A-Za-z]+", name)
    return next(filter(None, map(split_of_word, reversed(words))), None)


def choose(there: Iterable[str], asked: str | None, data: str) -> str:
    """Return the part that is asked for, or the first of ``SPLITS`` that is there.

    Raises
    ------
    SourceError
        When it is not there.
    """
    known = [split for split in SPLITS if split in set(there)]
    if asked is None:
        return known[0]
    if asked not in known:
        raise no_split(data, asked, known)
    return asked


def no_split(data: str, asked: str, known: Collection[str] = ()) -> SourceError:
    """Say that a part is not there, and which are."""
    way = f"; give {' or '.join(f'{data}:{split}' for split in known)}" if known else ""
    return SourceError(
        f"data: {data} has no part {asked!r}{way or f'; give {data} without :{asked}'}"
    )


def said(chosen: str, there: Iterable[str], data: str) -> str:
    """Say what was chosen, and how to have the rest."""
    rest = [f"{data}:{split}" for split in SPLITS if split in set(there) and split != chosen]
    return f"part {chosen}" + (f" (there is {' and '.join(rest)} too)" if rest else "")


def expanded(path: str) -> Path:
    """Return the path with ``~`` written out; that of no user stays as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # pathlib's raises


def exists(path: str) -> bool:
    """Whether a path is there, however odd it is."""
    try:
        return bool(path) and expanded(path).exists()
    except (OSError, ValueError):  # too long, a NUL
        return False


def _is_dotted(word: str) -> bool:
    return all(part.isidentifier() for part in word.split("."))
