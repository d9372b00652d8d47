"""The picture files of a class: sheets of tiles for each concept, one sprite of all its images.

Few files, for a site of 1000 classes must be servable; small ones, for it must stay under 1 GB.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.prototypes.heatmaps import spotlight
from lens_site.prototypes.tiles import SIDE, Tile, cut

SPRITE = "images.webp"
THUMBNAIL = 72
"""Pixels of a thumbnail in the sprite."""
COLUMNS = 20

PART_SIDE = 64
"""Pixels of a tile of a sub-concept."""

TILE_QUALITY, HEAT_QUALITY, PART_QUALITY, SPRITE_QUALITY = 65, 55, 50, 45
EFFORT = 2
"""WebP's method: 4 is 5 % smaller and takes twice the time."""

View = Callable[[int], Image.Image]
"""The part of image i that the network sees."""


@dataclass(frozen=True)
class Sheet:
    """One file of pictures, one for each tile; ``paint(view, tile)`` gives a picture."""

    file: str
    rows: Sequence[Sequence[Tile]]
    side: int
    quality: int
    paint: Callable[[Image.Image, Tile], Image.Image]


def tiles_file(concept: int) -> str:
    """Name of a concept's strip of tiles; concepts count from 0 here, from 1 in names."""
    return f"tiles-{concept + 1:02d}.webp"


def heat_file(concept: int) -> str:
    """Name of a concept's strip of lit pictures."""
    return f"heat-{concept + 1:02d}.webp"


def parts_file(concept: int) -> str:
    """Name of the sheet of a concept's sub-concepts, one a row."""
    return f"parts-{concept + 1:02d}.webp"


def strips(
    concept: int, tiles: Sequence[Tile], codes: Float[np.ndarray, "n h w"]
) -> tuple[Sheet, Sheet]:
    """Tiles of a concept, and the same images lit by its codes."""
    scale = float(codes.max())

    def cut_out(view: Image.Image, tile: Tile) -> Image.Image:
        return cut(view, tile.box)

    def light(view: Image.Image, tile: Tile) -> Image.Image:
        return spotlight(view, codes[tile.image], scale=scale)

    return (
        Sheet(tiles_file(concept), [tiles], SIDE, TILE_QUALITY, cut_out),
        Sheet(heat_file(concept), [tiles], SIDE, HEAT_QUALITY, light),
    )


def parts(concept: int, tiles: Sequence[Sequence[Tile]]) -> Sheet:
    """Tiles of the sub-concepts of a concept, one a row."""

    def cut_out(view: Image.Image, tile: Tile) -> Image.Image:
        return cut(view, tile.box, PART_SIDE)

    return Sheet(parts_file(concept), tiles, PART_SIDE, PART_QUALITY, cut_out)


def draw(sheets: Sequence[Sheet], images: int, view: View) -> dict[str, bytes]:
    """All picture files of a class by name; every picture is decoded once.

    A concept without tiles gets an empty sheet of one tile.
    """
    wanted: dict[int, list[tuple[Sheet, int, int, Tile]]] = defaultdict(list)
    for sheet in sheets:
        for row, tiles in enumerate(sheet.rows):
            for column, tile in enumerate(tiles):
                wanted[tile.image].append((sheet, row, column, tile))
    pictures = {s.file: _blank(max(map(len, s.rows)), len(s.rows), s.side) for s in sheets}
    sprite = _blank(COLUMNS, -(-images // COLUMNS), THUMBNAIL)
    for image in range(images):
        seen = view(image)
        small = seen.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BICUBIC, reducing_gap=2)
        sprite.paste(small, (image % COLUMNS * THUMBNAIL, image // COLUMNS * THUMBNAIL))
        for sheet, row, column, tile in wanted[image]:
            pictures[sheet.file].paste(
                sheet.paint(seen, tile), (column * sheet.side, row * sheet.side)
            )
    files = {sheet.file: _webp(pictures[sheet.file], sheet.quality) for sheet in sheets}
    return {SPRITE: _webp(sprite, SPRITE_QUALITY), **files}


def _blank(columns: int, rows: int, side: int) -> Image.Image:
    return Image.new("RGB", (side * max(1, columns), side * max(1, rows)), "gray")


def _webp(picture: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=quality, method=EFFORT)
    return file.getvalue()
