"""What the first bytes of a safetensors file say: the names of its arrays and its notes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Header:
    """Names of arrays, and the notes that ``lens_site/browser/arrays.py`` puts beside them."""

    arrays: frozenset[str]
    notes: Mapping[str, Any]


def header(data: bytes) -> Header:
    """Read the header of a file's bytes."""
    return _read(data[8 : 8 + int.from_bytes(data[:8], "little")])


def header_of(path: Path) -> Header:
    """Read the header of a file, and nothing after it."""
    with path.open("rb") as file:
        return _read(file.read(int.from_bytes(file.read(8), "little")))


def _read(text: bytes) -> Header:
    told = json.loads(text)
    notes = told.pop("__metadata__", {}).get("notes", "{}")
    return Header(frozenset(told), json.loads(notes))
