"""Cells of a grid of pictures in one file: thumbnails, tiles, strips. No pixel is touched here."""

from dataclasses import dataclass

from lens_site.results.schema import Concept, Sprite
from lens_site.site.numbers import count

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


@dataclass(frozen=True)
class Strip:
    """Some cells of a row of pictures in one file, from the ``start``-th (from 0) on."""

    file: str
    alt: str
    shown: int
    columns: int
    start: int = 0


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
    return Crop(sprite.file, alt, column, row, sprite.columns, rows_of(sprite, images))


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
    alt = f"leading patch of concept {concept.number}"
    return Crop(concept.tiles_file, alt, columns=len(concept.tiles))


def strips(concept: Concept, shown: int, start: int = 0) -> tuple[Strip, Strip] | None:
    """Return ``shown`` tiles of a concept at most, and the same images with their light.

    None where none are left from ``start`` on.
    """
    columns = len(concept.tiles)
    here = min(shown, columns - start)
    if here <= 0:
        return None
    n, more = concept.number, "more " if start else ""
    tiles = f"{more}{count(here, 'image patch', 'image patches')} that hold concept {n} most"
    heat = f"whole images, lit where concept {n} is present"
    return (
        Strip(concept.tiles_file, tiles, here, columns, start),
        Strip(concept.heat_file, heat, here, columns, start),
    )
