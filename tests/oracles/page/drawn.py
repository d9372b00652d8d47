"""What the network says of pictures that its gradients made of the concepts, as these are stored.

Of pictures made from noise, on a ground of the mean color of photographs, the middle is seen, and
tiles that were driven further whole, both at the side of the crops that the network was shown.
Codes are by mean over places, each times the length of its atom. How the pictures were made is not
done again.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import numpy as np
from oracles.page.agreement import Between, Near
from oracles.page.subject import Subject, Unsupported
from PIL import Image

SEEN = {"preview": 3 / 7, "standard": 4 / 7, "full": 1.0}
"""Side of the crops shown to the network, over that of its input."""

SHARE = 0.5
"""Side of such a crop over that of the picture made from noise, in the mean."""

GROUND = 1 / (1 + np.exp(-np.array([0.0, -0.2, -0.5])))
"""Mean color where too few photographs are there to measure it."""

TILES = 5
"""Tiles of each concept that its pictures are compared with."""


@dataclass(frozen=True)
class Drawn:
    """What is said of the whole class, and of each concept."""

    record: dict[str, Any] | None
    concepts: list[dict[str, Any] | None]


@lru_cache(maxsize=1)
def drawn(it: Subject) -> Drawn:
    """Show the stored pictures to the network.

    Raises
    ------
    Unsupported
        Where the ground was measured on photographs of the set.
    """
    made, stored = it.stored["visualizations"], it.stored["concepts"]
    if made is None:
        return Drawn(None, [None] * len(stored))
    if made["photographs"]:
        raise Unsupported("pictures by gradients on a measured ground")
    present = [i for i, c in enumerate(stored) if c["tiles"]]
    own = it.recipe["crop"]
    side = min(own, max(32, round(SEEN[made["level"]] * own / 32) * 32))
    columns, size = min(10, len(present)), min(224, own)
    record = {
        "level": made["level"],
        "photographs": 0,
        "layers": made["layers"],
        "drawn": {"file": "drawn.webp", "columns": columns, "size": size},
        "accentuated": {"file": "accentuated.webp", "columns": columns, "size": 128},
    }
    noise = _cells(it, "drawn.webp", size, len(present))
    tiles = _cells(it, "accentuated.webp", 128, len(present))
    likeness = _likeness(it, made["layers"], noise, tiles, present, side)
    checks = [
        (_check(it, _middle(a, side), i), _check(it, _resized(b, side), i))
        for i, a, b in zip(present, noise, tiles, strict=True)
    ]
    concepts: list[dict[str, Any] | None] = [None] * len(stored)
    for cell, (i, (a, b)) in enumerate(zip(present, checks, strict=True)):
        like = {name: [Near(v, 0.02) for v in told[cell]] for name, told in likeness.items()}
        concepts[i] = {
            "cell": cell,
            "drawn": {**a, "likeness": like["drawn"]},
            "accentuated": {**b, "likeness": like["accentuated"]},
            "likeness_of_tiles": like["tiles"],
            "likeness_of_others": like["others"],
        }
    return Drawn(record, concepts)


def _cells(it: Subject, file: str, side: int, count: int) -> list[np.ndarray]:
    """Pictures of a sheet on their ground, (side, side, 3) in [0, 1]."""
    with Image.open(it.folder / file) as opened:
        sheet = np.asarray(opened.convert("RGBA"), dtype=np.float64) / 255
    columns = sheet.shape[1] // side
    found = []
    for row, column in (divmod(cell, columns) for cell in range(count)):
        cell = sheet[row * side :, column * side :][:side, :side]
        shown = cell[..., 3:]
        found.append(cell[..., :3] * shown + GROUND * (1 - shown))
    return found


def _middle(picture: np.ndarray, side: int) -> np.ndarray:
    """Return the middle of a picture, as large in it as a crop, at the side of crops."""
    size = len(picture)
    middle = max(1, round(SHARE * size))
    part = slice((size - middle) // 2, (size + middle) // 2)
    return _resized(picture[part, part], side)


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    """By triangles as wide as a pixel of the coarser picture, channel by channel."""
    if len(picture) == side:
        return picture
    channels = [Image.fromarray(np.float32(picture[..., c])) for c in range(3)]
    small = [np.asarray(c.resize((side, side), Image.Resampling.BILINEAR)) for c in channels]
    return np.stack(small, axis=-1).astype(np.float64)


def _input(it: Subject, pictures: list[np.ndarray]) -> np.ndarray:
    scaled = (np.stack(pictures) - it.recipe["mean"]) / it.recipe["std"]
    return np.moveaxis(scaled, 3, 1).astype(np.float32)


def _check(it: Subject, picture: np.ndarray, own: int) -> dict[str, Any]:
    """Rank of its own concept by code, and its code over the largest of the others."""
    maps = it.network.encode(_input(it, [picture]))
    codes = it.encode(it.atoms, maps).mean(axis=(0, 1, 2)) * np.linalg.norm(it.atoms, axis=1)
    others = np.delete(codes, own)
    ratio = min(99.0, codes[own] / max(others.max(initial=0.0), 1e-12))
    rank = 1 + int((others >= codes[own]).sum()) if codes[own] > 0 else len(codes)
    near = np.abs(others / max(codes[own], 1e-12) - 1) < 2e-3  # so alike that either may be first
    loose = Between(rank - near.sum(), rank + near.sum()) if near.any() else rank
    return {"rank": loose, "ratio": Near(ratio, 2e-3 * ratio + 1e-5)}


def _likeness(
    it: Subject,
    layers: list[str],
    noise: list[np.ndarray],
    driven: list[np.ndarray],
    present: list[int],
    side: int,
) -> dict[str, list[list[float]]]:
    """Correlation over channels of activations with those of tiles: by kind, concept and layer."""
    rows = [_tiles(it, i, side) for i in present]
    pictures = {
        "drawn": [_middle(picture, side) for picture in noise],
        "accentuated": [_resized(picture, side) for picture in driven],
        "tiles": [tile for row in rows for tile in row],
    }
    of = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    found: dict[str, list[list[float]]] = {
        name: [[] for _ in present] for name in ("drawn", "accentuated", "tiles", "others")
    }
    for layer in layers:
        seen = {name: it.network.at(layer, _input(it, some)) for name, some in pictures.items()}
        tiles = seen["tiles"]
        for cell in range(len(present)):
            mine, other = tiles[of == cell], tiles[of != cell]
            for name in ("drawn", "accentuated"):
                found[name][cell].append(_mean([seen[name][cell]], mine))
            within = [np.corrcoef(a, b)[0, 1] for a, b in combinations(mine, 2)]
            found["tiles"][cell].append(float(np.mean(within)) if within else 1.0)
            found["others"][cell].append(_mean(mine, other) if len(other) else 0.0)
    return found


def _mean(some: Any, others: Any) -> float:
    return float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in product(some, others)]))


def _tiles(it: Subject, concept: int, side: int) -> list[np.ndarray]:
    found = []
    for tile in it.stored["concepts"][concept]["tiles"][:TILES]:
        view = it.view(tile["image"])
        edges = tuple(v * s for v, s in zip(tile["box"], 2 * view.size, strict=True))
        cut = view.resize((128, 128), Image.Resampling.LANCZOS, box=edges)
        found.append(_resized(np.asarray(cut, dtype=np.float64) / 255, side))
    return found
