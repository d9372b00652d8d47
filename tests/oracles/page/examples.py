"""Images that a concept shows: its strongest, its typical, its weak ones; how many hold how much.

A concept is present in an image where its mean code is above 0 and |φ_i| is at least half of an
equal part of Σ|φ|. Typical images are in the middle of those by mean code, weak ones at the end.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from oracles.page.agreement import Near
from oracles.page.subject import ROOM, Subject

MOST, FEWER, OF_ALL, LONG = 10, 5, 80, 20
"""Tiles of an important concept, of another, of all important ones; and where bytes are left."""


def examples(it: Subject) -> list[dict[str, Any]]:
    """Histogram, typical, weak and the strongest images of every concept."""
    k = it.codes.shape[-1]
    needed = np.abs(it.phi) >= np.abs(it.phi).sum(axis=1, keepdims=True) / (2 * k)
    leads = it.phi.argmax(axis=1)
    found = []
    for i in range(k):
        codes, held = it.codes[..., i], it.means[:, i]
        present = np.flatnonzero((held > 0) & needed[:, i] & (it.phi[:, i] != 0))
        rising = present[np.argsort(held[present], kind="stable")]
        some = min(5, len(rising) // 3)
        before = (len(rising) - some) // 2
        strongest = np.argsort(-codes.max(axis=(1, 2)), kind="stable")[:LONG]
        found.append(
            {
                "histogram": _histogram(held, leads == i),
                "typical": _tiles(codes, rising[before : before + some]),
                "weak": _tiles(codes, rising[:some]),
                "tiles": _tiles(codes, [x for x in strongest if codes[x].max() > 0]),
            }
        )
    return found


def count_tiles(it: Subject, concepts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep as many tiles as are shown, or are stored for the concept's own page.

    An important concept shows ten tiles, fewer where many are; another shows five. Where all
    images are there as larger pictures and bytes are left, an important one has up to twenty.
    """
    larger = (it.stored["sharp"] or {"images": []})["images"]
    for c, stored in zip(concepts, it.stored["concepts"], strict=True):
        most = tiles_of(concepts) if c["important"] else FEWER
        if c["important"] and len(larger) == len(it.keys) and len(stored["tiles"]) > most:
            most = LONG
        c["tiles"] = c["tiles"][:most]
    return concepts


def tiles_of(concepts: list[dict[str, Any]]) -> int:
    """Tiles that an important concept shows."""
    many = max(1, sum(c["important"] for c in concepts))
    return min(MOST, max(FEWER, OF_ALL // many))


def _histogram(held: np.ndarray, leads: np.ndarray) -> dict[str, Any] | None:
    """Counts in equal parts of the range from 0 to the largest mean code."""
    if (held == held[0]).all():
        return None
    low, high = min(0.0, held.min()), held.max()
    bins = min(20, math.ceil(2 * len(held) ** (1 / 3)))
    at = np.minimum((bins * (held - low) / (high - low)).astype(int), bins - 1)
    return {
        "low": Near(low, ROOM * high),
        "high": Near(high, ROOM * high),
        "counts": np.bincount(at, minlength=bins).tolist(),
        "leads": np.bincount(at[leads], minlength=bins).tolist(),
    }


def _tiles(codes: np.ndarray, images: Iterable[int]) -> list[dict[str, Any]]:
    """Best place of each of these images, and the window around it."""
    _, h, w = codes.shape
    side, tiles = 3 / 7, []
    for x in images:
        row, column = divmod(int(codes[x].argmax()), w)
        left, top = (
            min(max((cell + 0.5) / cells - side / 2, 0.0), 1 - side)
            for cell, cells in ((column, w), (row, h))
        )
        tiles.append(
            {
                "image": int(x),
                "row": row,
                "column": column,
                "box": [left, top, left + side, top + side],
                "code": Near(codes[x].max(), ROOM * codes.max()),
            }
        )
    return tiles
