"""Cells of a grid of pictures in one file: images, tiles, strips. No pixel is touched here."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, Sharp, Sprite
from lens_site.site.language import many, say

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as fractions of the image."""


@dataclass(frozen=True)
class Crop:
    """One cell of a grid of pictures in one file."""

    file: str
    alt: str
    column: int = 0
    row: int = 0
    columns: int = 1
    rows: int = 1
    size: int = 0
    """Pixels of its side, for pictures that must not be shown larger; 0 for any other."""


@dataclass(frozen=True)
class Strip:
    """Some cells of a row of pictures in one file, from the ``start``-th (from 0) on."""

    file: str
    alt: str
    shown: int
    columns: int
    start: int = 0
    images: str = ""
    """Which images all cells are of, separated by spaces."""


@dataclass(frozen=True)
class Framed:
    """A thumbnail with a frame around one patch; edges in percent of its sides."""

    crop: Crop
    left: str
    top: str
    side: str
    image: int
    """Number of the image in its class, from 1."""


def rows_of(sprite: Sprite, images: int) -> int:
    """Return how many rows of thumbnails ``images`` fill."""
    return -(-images // sprite.columns)


def thumbnail(sprite: Sprite, position: int, images: int, alt: str) -> Crop:
    """Return the cell of image ``position`` in the sprite of ``images`` thumbnails."""
    row, column = divmod(position, sprite.columns)
    rows = rows_of(sprite, images)
    return Crop(sprite.file, alt, column, row, sprite.columns, rows, sprite.size)


def picture(result: ClassResult, position: int, alt: str) -> Crop:
    """Return image ``position`` as sharp as there is: on a sheet, or else its thumbnail."""
    sharp = result.sharp
    if sharp is None or position not in sharp.images:
        return thumbnail(result.sprite, position, len(result.images), alt)
    sheet, cell = divmod(sharp.images.index(position), sharp.columns * sharp.rows)
    row, column = divmod(cell, sharp.columns)
    rows = sheet_rows(sharp)[sheet]
    return Crop(sharp.files[sheet], alt, column, row, sharp.columns, rows, sharp.size)


def sheet_rows(sharp: Sharp) -> tuple[int, ...]:
    """Return the rows of each sheet of larger pictures."""
    full = sharp.columns * sharp.rows
    held = (min(full, len(sharp.images) - full * sheet) for sheet in range(len(sharp.files)))
    return tuple(-(-pictures // sharp.columns) for pictures in held)


def framed(
    sprite: Sprite, position: int, images: int, alt: str, box: Box = (0.0, 0.0, 1.0, 1.0)
) -> Framed:
    """Return the thumbnail of image ``position`` with a frame around ``box``, a square."""
    left, top = (f"{100 * edge:.0f}" for edge in box[:2])
    picture = thumbnail(sprite, position, images, alt)
    return Framed(picture, left, top, f"{100 * (box[2] - box[0]):.0f}", position + 1)


def first_tile(concept: Concept) -> Crop | None:
    """Return the tile that holds most of the concept; None for a concept that never fires."""
    if not concept.tiles:
        return None
    alt = say("leading patch of concept {number}", number=concept.number)
    return Crop(concept.tiles_file, alt, columns=len(concept.tiles))


def strips(concept: Concept, shown: int, start: int = 0) -> tuple[Strip, Strip] | None:
    """Return ``shown`` tiles of a concept at most, and the same images with their light.

    None where none are left from ``start`` on.
    """
    columns = len(concept.tiles)
    here = min(shown, columns - start)
    if here <= 0:
        return None
    number = concept.number
    if start:
        tiles = many(
            "{n} more image patch that holds concept {number} most",
            "{n} more image patches that hold concept {number} most",
            here,
            number=number,
        )
    else:
        tiles = many(
            "{n} image patch that holds concept {number} most",
            "{n} image patches that hold concept {number} most",
            here,
            number=number,
        )
    heat = say("whole images, lit where concept {number} is present", number=number)
    images = " ".join(str(tile.image) for tile in concept.tiles)
    return (
        Strip(concept.tiles_file, tiles, here, columns, start, images),
        Strip(concept.heat_file, heat, here, columns, start, images),
    )
