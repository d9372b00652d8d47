"""The picture files of a class: which images are larger, how they are laid out, what is in them.

Quality and count of pictures follow from bytes, which no other program meets exactly: that is
looked at loosely, as are pixels.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import zip_longest
from typing import Any

import numpy as np
from oracles.page.agreement import Agreement, Near
from oracles.page.examples import FEWER, tiles_of
from oracles.page.groups import surest_mistakes
from oracles.page.subject import Subject
from PIL import Image

ALL, SPRITE = 430_000, 110_000
"""Bytes of all pictures of a class, and of its thumbnails."""

BLUR, ALIKE = 6, 0.5
"""What a file may lose of mean colors, of 255; pictures that differ by less are taken for one."""

THUMBNAILS = (72, 64, 56, 48)
LARGER, COLUMNS, ROWS, MOST = 224, 5, 4, 100
"""Side of a larger picture, pictures of a full sheet, and of a class."""


def sharp(it: Subject) -> dict[str, Any] | None:
    """As many images as are stored, in the order in which they deserve it."""
    stored = it.stored["sharp"]
    if stored is None:
        return None
    count = len(stored["images"])
    sheets = range(1, -(-count // (COLUMNS * ROWS)) + 1)
    return {
        "files": [f"sharp-{sheet}.webp" for sheet in sheets],
        "columns": COLUMNS,
        "rows": ROWS,
        "size": LARGER,
        "images": worth(it)[: min(count, MOST)],
    }


def worth(it: Subject) -> list[int]:
    """All images: what groups show, then mistakes, then those of the tiles shown, then the rest.

    Three typical, two unusual, one mistaken image of a group; strategies before leading groups; of
    several groups, or concepts, the first of each before the second of any.
    """
    groups, concepts = it.stored["strategies"] + it.stored["groups"], it.stored["concepts"]
    shown = tiles_of(concepts)
    order = [
        *_in_turn(g["prototypes"][:3] for g in groups),
        *_in_turn(g["outliers"][:2] for g in groups),
        *_in_turn(g["mistaken"][:1] for g in groups),
        *surest_mistakes(it, range(len(it.keys))),
        *_in_turn(
            [tile["image"] for tile in c["tiles"][: shown if c["important"] else FEWER]]
            for c in concepts
        ),
    ]
    return list(dict.fromkeys([*order, *range(len(it.keys))]))


def _in_turn(rows: Iterable[Sequence[int]]) -> list[int]:
    return [x for column in zip_longest(*rows) for x in column if x is not None]


def thumbnail_side(it: Subject) -> int:
    """Pixels of a thumbnail: 72, and as few less as make the sprite fit its bytes.

    It is the stored one, unless it is none of four, or one larger would clearly have fitted.
    """
    stored = int(it.stored["sprite"]["size"])
    if stored == THUMBNAILS[0]:
        return stored
    sheet = Image.new("RGB", (20 * 72, -(-len(it.keys) // 20) * 72), "gray")
    for x in range(len(it.keys)):
        small = it.view(x).resize((72, 72), Image.Resampling.BICUBIC)
        sheet.paste(small, (x % 20 * 72, x // 20 * 72))
    written = BytesIO()
    sheet.save(written, "WEBP", quality=45, method=2)
    fits = len(written.getvalue()) < 0.95 * SPRITE
    return THUMBNAILS[0] if fits or stored not in THUMBNAILS else stored


def check_pictures(it: Subject) -> Agreement:
    """Look into the sheets: each cell is nearer to its own picture than to any other of the class.

    Tiles are held against the part of the picture they were cut from.
    """
    agreement = Agreement()
    _weights(agreement, it)
    views = [_coarse(it.view(x)) for x in range(len(it.keys))]
    sprite, larger = it.stored["sprite"], it.stored["sharp"]
    cells = _cells(it, sprite["file"], sprite["size"], sprite["columns"], len(views))
    _same(agreement, "sprite", cells, list(range(len(views))), views)
    full = COLUMNS * ROWS
    for sheet, file in enumerate(larger["files"] if larger else []):
        images = larger["images"][full * sheet :][:full]
        cells = _cells(it, file, LARGER, COLUMNS, len(images))
        _same(agreement, file, cells, images, views)
    for c in it.stored["concepts"]:
        tiles = c["tiles"]
        if not tiles:
            continue
        for file in (c["tiles_file"], c["heat_file"]):
            with Image.open(it.folder / file) as strip:
                agreement.compare(list(strip.size), [128 * len(tiles), 128], file)
        for at, (cell, tile) in enumerate(
            zip(_cells(it, c["tiles_file"], 128, len(tiles), len(tiles)), tiles, strict=True)
        ):
            view = it.view(tile["image"])
            edges = [v * s for v, s in zip(tile["box"], 2 * view.size, strict=True)]
            cut = view.resize((128, 128), Image.Resampling.BICUBIC, box=tuple(edges))
            far = float(np.abs(_coarse(cut) - _coarse(cell)).mean())
            agreement.compare(far, Near(0, BLUR), f"{c['tiles_file']}: pixels of tile {at}")
    return agreement


def _weights(agreement: Agreement, it: Subject) -> None:
    """All pictures together weigh no more than they may, and no larger one is left out for less."""
    made = it.stored["visualizations"] or {}
    apart = {made[name]["file"] for name in ("drawn", "accentuated") if made}
    sizes = {
        name: (it.folder / name).stat().st_size
        for name in it.stored["files"]
        if name.endswith(".webp") and name not in apart
    }
    if sum(sizes.values()) > ALL:
        agreement.differ.append(f"pictures: {sum(sizes.values())} bytes, over {ALL}")
    if it.stored["sprite"]["size"] > THUMBNAILS[-1] and sizes["images.webp"] > SPRITE:
        agreement.differ.append(f"sprite: {sizes['images.webp']} bytes, over {SPRITE}")
    larger = it.stored["sharp"]
    count = len(larger["images"]) if larger else 0
    if 0 < count < min(MOST, len(it.keys)):
        one = sum(sizes[name] for name in larger["files"]) / count
        left = ALL - sum(sizes.values())
        if left > 5 * one:
            agreement.differ.append(f"sharp: {left} bytes are left, a picture takes {one:.0f}")


def _cells(it: Subject, file: str, side: int, columns: int, count: int) -> list[Image.Image]:
    with Image.open(it.folder / file) as opened:
        sheet = opened.convert("RGB")
    places = [(x % columns * side, x // columns * side) for x in range(count)]
    return [sheet.crop((left, top, left + side, top + side)) for left, top in places]


def _same(
    agreement: Agreement,
    name: str,
    cells: list[Image.Image],
    images: Sequence[int],
    views: list[np.ndarray],
) -> None:
    for at, (cell, image) in enumerate(zip(cells, images, strict=True)):
        far = [float(np.abs(_coarse(cell) - view).mean()) for view in views]
        nearest = image if far[image] < min(far) + ALIKE else far.index(min(far))
        agreement.compare(nearest, image, f"{name}: picture in cell {at}")
        agreement.compare(far[image], Near(0, BLUR), f"{name}: pixels of cell {at}")


def _coarse(picture: Image.Image) -> np.ndarray:
    """Mean colors of 16 × 16 parts, 0 to 255."""
    return np.asarray(picture.resize((16, 16), Image.Resampling.BOX), dtype=np.float64)
