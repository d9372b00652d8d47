"""The patches that hold most of a concept, cut from the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.errors import StageError

SIDE = 128
"""Pixels of a tile."""

WINDOW = 3 / 7
"""Side of a tile over the side of the view: what a cell of the last feature map mostly sees."""

FINE_WINDOW = 3 / 14
"""The same for sub-concepts, whose cells are smaller."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tile:
    """One patch; ``box`` is left, top, right, bottom as fractions of the view."""

    image: int
    row: int
    column: int
    box: Box
    code: float


def select(
    codes: Float[np.ndarray, "n h w"], boxes: Float[np.ndarray, "h w 4"], *, count: int
) -> tuple[Tile, ...]:
    """Patches with the largest codes of one concept, at most one an image, best first.

    ``boxes`` says what part of the view each patch stands for, see ``windows``.

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
    values = codes.max(axis=(1, 2))
    chosen = [int(i) for i in np.argsort(-values, kind="stable")[:count] if values[i] > 0]
    return strongest(codes, boxes, chosen)


def strongest(
    codes: Float[np.ndarray, "n h w"], boxes: Float[np.ndarray, "h w 4"], images: Sequence[int]
) -> tuple[Tile, ...]:
    """Patch with the largest code in each of ``images``, in their order; ties as in ``select``."""
    places = [divmod(int(codes[i].argmax()), codes.shape[2]) for i in images]
    return tuple(
        Tile(i, row, column, _box(boxes[row, column]), float(codes[i, row, column]))
        for i, (row, column) in zip(images, places, strict=True)
    )


def windows(h: int, w: int, *, side: float = WINDOW) -> Float[np.ndarray, "h w 4"]:
    """Squares of ``side`` of the view around the cells of a grid, clamped to the view.

    The last axis is left, top, right, bottom, as fractions of the view.
    """
    tops, lefts = (
        np.clip((np.arange(cells) + 0.5) / cells - side / 2, 0.0, 1 - side) for cells in (h, w)
    )
    left, top = np.meshgrid(lefts, tops)
    return np.stack([left, top, left + side, top + side], axis=-1)


def _box(edges: Float[np.ndarray, " 4"]) -> Box:
    left, top, right, bottom = (float(edge) for edge in edges)
    return left, top, right, bottom


def cut(view: Image.Image, box: Box, side: int = SIDE) -> Image.Image:
    """Cut a box out of the view and scale it to ``side`` pixels."""
    left, top, right, bottom = box
    pixels = (left * view.width, top * view.height, right * view.width, bottom * view.height)
    return view.resize((side, side), Image.Resampling.LANCZOS, box=pixels)
