"""What a safetensors file says, without NumPy: names of arrays, notes, a row of halves."""

import json
import math
import struct
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


def row_of(path: Path, name: str, position: int) -> tuple[float, ...]:
    """Read one row of an array in half precision: all that is at ``position`` of its first axis."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        told = json.loads(file.read(size))[name]
        if told["dtype"] != "F16":
            raise ValueError(f"{path}: {name} is {told['dtype']}, wanted F16")
        numbers = math.prod(told["shape"][1:])
        file.seek(8 + size + told["data_offsets"][0] + 2 * numbers * position)
        return struct.unpack(f"<{numbers}e", file.read(2 * numbers))


def _read(text: bytes) -> Header:
    told = json.loads(text)
    notes = told.pop("__metadata__", {}).get("notes", "{}")
    return Header(frozenset(told), json.loads(notes))
