"""The picture files of a class: strips of tiles for each concept, thumbnails, larger pictures.

Few files, for a site of 1000 classes must be servable; small ones, for it must stay under 1 GB.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.prototypes import budget, sharp
from lens_site.prototypes.budget import Painted
from lens_site.prototypes.heatmaps import spotlight
from lens_site.prototypes.tiles import SIDE, Tile, cut

SPRITE = "images.webp"
COLUMNS = 20

THUMBNAILS = ((72, 45), (64, 35), (56, 30), (56, 20), (48, 20), (48, 0))
"""Pixels of a thumbnail in the sprite, and its quality: the first that fits is taken."""

PART_SIDE = 64
"""Pixels of a tile of a sub-concept."""

TILE_QUALITY, HEAT_QUALITY, PART_QUALITY = 60, 50, 50

View = Callable[[int], Image.Image]
"""The part of image i that the network sees."""


@dataclass(frozen=True)
class Sheet:
    """One file of pictures, one for each tile; ``paint(view, tile)`` gives a picture.

    Of a row at least the first ``shown`` are written, the others where there are bytes for them.
    With ``scaled``, what is painted is the whole view, and it is given in the size of a picture.
    """

    file: str
    rows: Sequence[Sequence[Tile]]
    side: int
    quality: int
    paint: Callable[[Image.Image, Tile], Image.Image]
    shown: int
    scaled: bool = False

    @property
    def columns(self) -> int:
        """Pictures of the longest row."""
        return max(map(len, self.rows))


@dataclass(frozen=True)
class Drawn:
    """All files by name, and what they hold.

    ``columns`` counts the pictures in a row of each pair of strips, ``thumbnail`` is the side in
    the sprite, and ``larger`` names the images on the sheets of larger pictures, in their order.
    """

    files: dict[str, bytes]
    columns: tuple[int, ...]
    thumbnail: int
    sheets: tuple[str, ...]
    larger: tuple[int, ...]


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
    concept: int, tiles: Sequence[Tile], codes: Float[np.ndarray, "n h w"], *, shown: int
) -> tuple[Sheet, Sheet]:
    """Tiles of a concept, and the same images lit by its codes."""
    scale = float(codes.max())

    def cut_out(view: Image.Image, tile: Tile) -> Image.Image:
        return cut(view, tile.box)

    def light(view: Image.Image, tile: Tile) -> Image.Image:
        return spotlight(view, codes[tile.image], scale=scale)

    return (
        Sheet(tiles_file(concept), [tiles], SIDE, TILE_QUALITY, cut_out, shown),
        Sheet(heat_file(concept), [tiles], SIDE, HEAT_QUALITY, light, shown, scaled=True),
    )


def parts(concept: int, tiles: Sequence[Sequence[Tile]]) -> Sheet:
    """Tiles of the sub-concepts of a concept, one a row."""

    def cut_out(view: Image.Image, tile: Tile) -> Image.Image:
        return cut(view, tile.box, PART_SIDE)

    most = max(map(len, tiles))
    return Sheet(parts_file(concept), tiles, PART_SIDE, PART_QUALITY, cut_out, most)


def draw(
    pairs: Sequence[tuple[Sheet, Sheet]],
    others: Sequence[Sheet],
    larger: sharp.Larger,
    images: int,
    view: View,
) -> Drawn:
    """All picture files of a class, within the budget; every picture is decoded once.

    A concept without tiles gets an empty sheet of one tile.
    """
    sheets = [*(sheet for pair in pairs for sheet in pair), *others]
    pictures, thumbnails, large = _painted(sheets, larger.order[: sharp.MOST], images, view)
    all_written = _everything(sheets, pictures, thumbnails, large)
    if all_written is not None:
        files, filled = all_written
        columns, side = [tiles.columns for tiles, _ in pairs], THUMBNAILS[0][0]
    else:
        files = budget.within(
            {s.file: _cropped(s, pictures[s.file], s.shown) for s in sheets}, budget.STRIPS
        )
        sprites = (Painted(_sprite(thumbnails, side), quality) for side, quality in THUMBNAILS)
        position, files[SPRITE] = budget.first_within(sprites, budget.SPRITE)
        side = THUMBNAILS[position][0]
        filled = sharp.fill(large, larger.named, budget.BUDGET - budget.weight(files))
        files |= filled.files
        columns = [min(tiles.shown, tiles.columns) for tiles, _ in pairs]
        for i, pair in enumerate(pairs if filled.count == images else ()):
            longer = {s.file: budget.webp(*_cropped(s, pictures[s.file], s.columns)) for s in pair}
            if budget.weight({**files, **longer}) <= budget.BUDGET:
                files |= longer
                columns[i] = pair[0].columns
    return Drawn(
        files, tuple(columns), side, tuple(filled.files), tuple(larger.order[: filled.count])
    )


def _everything(
    sheets: Sequence[Sheet],
    pictures: Mapping[str, Image.Image],
    thumbnails: Sequence[Image.Image],
    large: Sequence[Image.Image],
) -> tuple[dict[str, bytes], sharp.Sheets] | None:
    """Write all that was painted in the best quality; None where that weighs too much.

    Thumbnails have about as many bytes a pixel as the rest: where these make it too heavy, it is
    not tried.
    """
    if len(large) < len(thumbnails):
        return None
    side, quality = THUMBNAILS[0]
    sprite = _sprite(thumbnails, side)
    files = {SPRITE: budget.webp(sprite, quality)}
    rest = sum(p.width * p.height for p in (*pictures.values(), *large))
    if budget.weight(files) * (1 + rest / (sprite.width * sprite.height)) > budget.BUDGET:
        return None
    files |= {s.file: budget.webp(pictures[s.file], s.quality) for s in sheets}
    filled = sharp.fill(large, 0, budget.BUDGET - budget.weight(files))
    return ({**files, **filled.files}, filled) if filled.count == len(large) else None


def _cropped(sheet: Sheet, picture: Image.Image, columns: int) -> Painted:
    width = sheet.side * max(1, min(columns, sheet.columns))
    return Painted(picture.crop((0, 0, width, picture.height)), sheet.quality)


def _painted(
    sheets: Sequence[Sheet], larger: Sequence[int], images: int, view: View
) -> tuple[dict[str, Image.Image], list[Image.Image], list[Image.Image]]:
    """Paint each sheet by name, all thumbnails, and the larger pictures in their order."""
    wanted: dict[int, list[tuple[Sheet, int, int, Tile]]] = defaultdict(list)
    for sheet in sheets:
        for row, tiles in enumerate(sheet.rows):
            for column, tile in enumerate(tiles):
                wanted[tile.image].append((sheet, row, column, tile))
    pictures = {s.file: _blank(s.columns, len(s.rows), s.side) for s in sheets}
    thumbnails, large = [], {}
    side, among = THUMBNAILS[0][0], set(larger)
    for image in range(images):
        seen = view(image)
        thumbnails.append(seen.resize((side, side), Image.Resampling.BICUBIC, reducing_gap=1.5))
        if image in among:
            large[image] = sharp.larger(seen)
        small = _square(seen, SIDE) if any(one[0].scaled for one in wanted[image]) else seen
        for sheet, row, column, tile in wanted[image]:
            painted = sheet.paint(small if sheet.scaled else seen, tile)
            pictures[sheet.file].paste(painted, (column * sheet.side, row * sheet.side))
    return pictures, thumbnails, [large[image] for image in larger]


def _square(view: Image.Image, side: int) -> Image.Image:
    return view.resize((side, side), Image.Resampling.LANCZOS)


def _sprite(thumbnails: Sequence[Image.Image], side: int) -> Image.Image:
    sprite = _blank(COLUMNS, -(-len(thumbnails) // COLUMNS), side)
    for image, thumbnail in enumerate(thumbnails):
        small = thumbnail.resize((side, side), Image.Resampling.BICUBIC)
        sprite.paste(small, (image % COLUMNS * side, image // COLUMNS * side))
    return sprite


def _blank(columns: int, rows: int, side: int) -> Image.Image:
    return Image.new("RGB", (side * max(1, columns), side * max(1, rows)), "gray")
