"""The patches that hold most of a concept, cut from the pictures."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.errors import StageError

SIDE = 128
"""Pixels of a tile."""

WINDOW = 3 / 7
"""Side of a tile over the side of the view: what a cell of the last feature map mostly sees."""

VIEW_SIDE = round(SIDE / WINDOW)
"""Pixels a view needs so that its tiles need not be enlarged."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tile:
    """One patch; ``box`` is left, top, right, bottom as fractions of the view."""

    image: int
    row: int
    column: int
    box: Box
    code: float


def select(codes: Float[np.ndarray, "n h w"], *, count: int = 10) -> tuple[Tile, ...]:
    """Patches with the largest codes of one concept, at most one an image, best first.

    Only codes above zero count, so a dead concept has no tiles; ties go to the first image and
    the first cell. Source: methods of this project, §5.

    Raises
    ------
    StageError
        When a code is not finite.
    """
    bad = np.flatnonzero(~np.isfinite(codes).all(axis=(1, 2)))
    if len(bad):
        raise StageError(
            f"tiles: codes of image {bad[0]} are not finite ({len(bad)} of {len(codes)} images), "
            "wanted numbers; look for NaN in the activations"
        )
    n, h, w = codes.shape
    best = codes.reshape(n, -1).argmax(axis=1)
    values = codes.reshape(n, -1).max(axis=1)
    chosen = [int(i) for i in np.argsort(-values, kind="stable")[:count] if values[i] > 0]
    places = [divmod(int(best[i]), w) for i in chosen]
    return tuple(
        Tile(i, row, column, window(row, column, h, w), float(values[i]))
        for i, (row, column) in zip(chosen, places, strict=True)
    )


def window(row: int, column: int, h: int, w: int) -> Box:
    """Box of 3/7 of the side around a cell of an h × w grid, clamped to the view."""
    left, top = (
        min(max((cell + 0.5) / cells - WINDOW / 2, 0.0), 1 - WINDOW)
        for cell, cells in ((column, w), (row, h))
    )
    return left, top, left + WINDOW, top + WINDOW


def cut(view: Image.Image, box: Box, side: int = SIDE) -> Image.Image:
    """Cut a box out of the view and scale it to ``side`` pixels."""
    left, top, right, bottom = box
    pixels = (left * view.width, top * view.height, right * view.width, bottom * view.height)
    return view.resize((side, side), Image.Resampling.LANCZOS, box=pixels)
