"""Where the leading concepts of every image are, small enough to travel with a page.

A text: first ``rows columns`` of the grid, then a line an image, with the maps of its leading
concepts separated by spaces. A map is the concept's number, a colon, and one character a cell,
row by row: the digit, from 0 to 63, of the code on the concept's scale in the class.
"""

import numpy as np
from jaxtyping import Float
from PIL import Image

MAPS = "maps.txt"
LEADING = 3
"""Maps of an image."""

SIDE = 8
"""Cells a side at most; finer grids are averaged down, for they travel with every page."""

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def code_maps(codes: Float[np.ndarray, "n h w k"], phi: Float[np.ndarray, "n k"]) -> bytes:
    """Return maps of the concepts with the largest |φ|, at most three an image, best first.

    Full is the largest code of the concept in the class, as in ``spotlight``; codes below 0
    count as 0. A concept without importance for the image has no map there.
    """
    scale = codes.max(axis=(0, 1, 2))
    levels = np.clip(codes / np.where(scale > 0, scale, 1), 0, 1)
    order = np.argsort(-np.abs(phi), axis=1, kind="stable")[:, :LEADING]
    lines = [
        " ".join(f"{i + 1}:{_digits(levels[x, :, :, i])}" for i in leading if phi[x, i] != 0)
        for x, leading in enumerate(order)
    ]
    rows, columns = (min(SIDE, side) for side in codes.shape[1:3])
    return "\n".join([f"{rows} {columns}", *lines, ""]).encode()


def _digits(level: Float[np.ndarray, "h w"]) -> str:
    h, w = (min(SIDE, side) for side in level.shape)
    picture = Image.fromarray(np.ascontiguousarray(level, dtype=np.float32))
    small = np.asarray(picture.resize((w, h), Image.Resampling.BOX))
    return "".join(DIGITS[d] for d in np.rint(small * (len(DIGITS) - 1)).astype(int).ravel())
