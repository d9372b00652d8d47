"""Arrays as the browser gets them: in half precision where it holds them, else in single."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors.numpy import save

HELD = 1e-3
"""Largest error of half precision, as a part of the largest value of an array."""


def compact(array: np.ndarray) -> np.ndarray:
    """Return the array in half precision, or in single where that would lose or overflow it."""
    single = np.ascontiguousarray(array, dtype=np.float32)
    with np.errstate(over="ignore"):
        half = single.astype(np.float16)
    wrong = np.abs(half.astype(np.float32) - single).max(initial=0)
    return half if wrong <= HELD * np.abs(single).max(initial=0) else single


def pack(arrays: Mapping[str, np.ndarray], **notes: Any) -> bytes:
    """Return a safetensors file; the same arrays and notes give the same bytes.

    Notes are put under one name, as JSON, for the order of several names is not fixed.
    """
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    data: bytes = save(whole, {"notes": json.dumps(notes, ensure_ascii=False)})
    return data


def notes_of(data: bytes) -> dict[str, Any]:
    """Return the notes of a file that ``pack`` made; its arrays are not read."""
    length = int.from_bytes(data[:8], "little")
    notes: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["notes"])
    return notes
