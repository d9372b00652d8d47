"""The picture files of a class: two strips a concept, one sprite of all its images.

Few files, for a site of 1000 classes must be servable; small ones, for it must stay under 1 GB.
"""

from collections.abc import Callable, Sequence
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

TILE_QUALITY, HEAT_QUALITY, SPRITE_QUALITY = 65, 55, 45
EFFORT = 2
"""WebP's method: 4 is 5 % smaller and takes twice the time."""

View = Callable[[int], Image.Image]
"""The part of image i that the network sees."""


def tiles_file(concept: int) -> str:
    """Name of a concept's strip of tiles; concepts count from 0 here, from 1 in names."""
    return f"tiles-{concept + 1:02d}.webp"


def heat_file(concept: int) -> str:
    """Name of a concept's strip of lit pictures."""
    return f"heat-{concept + 1:02d}.webp"


def draw(
    tiles: Sequence[Sequence[Tile]], codes: Float[np.ndarray, "n h w k"], view: View
) -> dict[str, bytes]:
    """All picture files of a class by name; every picture is decoded once.

    A concept without tiles gets an empty strip one tile wide.
    """
    scales = codes.max(axis=(0, 1, 2))
    wanted = {(t.image, i): t for i, of_concept in enumerate(tiles) for t in of_concept}
    cuts: dict[tuple[int, int], Image.Image] = {}
    lit: dict[tuple[int, int], Image.Image] = {}
    thumbnails = []
    by_image: dict[int, list[int]] = {}
    for image, concept in sorted(wanted):
        by_image.setdefault(image, []).append(concept)
    for image in range(len(codes)):
        seen = view(image)
        thumbnails.append(
            seen.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BICUBIC, reducing_gap=2)
        )
        for i in by_image.get(image, ()):
            cuts[image, i] = cut(seen, wanted[image, i].box)
            lit[image, i] = spotlight(seen, codes[image, :, :, i], scale=float(scales[i]))
    files = {SPRITE: _webp(_grid(thumbnails, THUMBNAIL, COLUMNS), SPRITE_QUALITY)}
    for i, of_concept in enumerate(tiles):
        files[tiles_file(i)] = _strip([cuts[t.image, i] for t in of_concept], TILE_QUALITY)
        files[heat_file(i)] = _strip([lit[t.image, i] for t in of_concept], HEAT_QUALITY)
    return files


def _strip(row: Sequence[Image.Image], quality: int) -> bytes:
    return _webp(_grid(row, SIDE, max(1, len(row))), quality)


def _grid(pictures: Sequence[Image.Image], side: int, columns: int) -> Image.Image:
    rows = max(1, -(-len(pictures) // columns))
    sheet = Image.new("RGB", (side * columns, side * rows), "gray")
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (place % columns * side, place // columns * side))
    return sheet


def _webp(picture: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", quality=quality, method=EFFORT)
    return file.getvalue()
