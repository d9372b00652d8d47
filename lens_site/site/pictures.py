"""Cells of a grid of pictures in one file: thumbnails, tiles, strips. No pixel is touched here."""

from dataclasses import dataclass

from lens_site.results.schema import Concept, Sprite


@dataclass(frozen=True)
class Crop:
    """One cell of a grid of pictures in one file."""

    file: str
    alt: str
    column: int = 0
    row: int = 0
    columns: int = 1
    rows: int = 1


def rows_of(sprite: Sprite, images: int) -> int:
    """Return how many rows of thumbnails ``images`` fill."""
    return -(-images // sprite.columns)


def thumbnail(sprite: Sprite, position: int, images: int, alt: str) -> Crop:
    """Return the cell of image ``position`` in the sprite of ``images`` thumbnails."""
    row, column = divmod(position, sprite.columns)
    return Crop(sprite.file, alt, column, row, sprite.columns, rows_of(sprite, images))


def first_tile(concept: Concept) -> Crop | None:
    """Return the tile that holds most of the concept; None for a concept that never fires."""
    if not concept.tiles:
        return None
    alt = f"leading patch of concept {concept.number}"
    return Crop(concept.tiles_file, alt, columns=len(concept.tiles))
