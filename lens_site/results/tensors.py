"""Arrays in safetensors files as bytes, so that what only hands them on needs no numpy.

Format: 8 bytes, the length of a JSON header, little-endian; the header, by name the type, the
shape and the offsets of each array in what follows; the arrays.
Source: https://huggingface.co/docs/safetensors
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from lens_site.errors import ResultError, first_line
from lens_site.results.store import AGAIN, file_bytes

SIZES = {"F32": 4, "F16": 2}
"""Bytes of a number, by the types that are handed on."""


@dataclass(frozen=True)
class Tensor:
    """One array: its type, its shape and its numbers, row by row, little-endian."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


def read(path: Path, name: str) -> Tensor:
    """Read one array of a file.

    Raises
    ------
    ResultError
        When the file is damaged, or holds no such array.
    """
    whole = file_bytes(path)
    try:
        start = 8 + int.from_bytes(whole[:8], "little")
        entry = json.loads(whole[8:start])[name]
        low, high = entry["data_offsets"]
        made = Tensor(entry["dtype"], tuple(entry["shape"]), whole[start + low : start + high])
        if len(made.data) != SIZES[made.dtype] * prod(made.shape):
            raise ValueError(f"{name} is cut off")
    except (ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {AGAIN}") from error
    return made


def write(tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> bytes:
    """Write arrays and what is to be said of them; the same ones give the same bytes."""
    header: dict[str, object] = {"__metadata__": dict(notes)}
    at = 0
    for name, one in tensors.items():
        header[name] = {
            "dtype": one.dtype, "shape": one.shape, "data_offsets": [at, at + len(one.data)]
        }  # fmt: skip
        at += len(one.data)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # arrays begin at a multiple of eight
    return b"".join((len(text).to_bytes(8, "little"), text, *(t.data for t in tensors.values())))
