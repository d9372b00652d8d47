"""Cells of a grid of pictures in one file: images, tiles, strips. No pixel is touched here."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, Sharp, Sprite


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


def first_tile(concept: Concept) -> Crop | None:
    """Return the tile that holds most of the concept; None for a concept that never fires."""
    if not concept.tiles:
        return None
    alt = f"leading patch of concept {concept.number}"
    return Crop(concept.tiles_file, alt, columns=len(concept.tiles))
