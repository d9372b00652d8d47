"""Where in a picture a concept is: the picture lit by the concept's code map."""

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.errors import StageError
from lens_site.prototypes.tiles import SIDE

GRAY, FLOOR = 0.35, 25.0
"""What the unlit parts keep: this much of their brightness, above this gray."""

DARK, LIT = 0.1, 0.7
"""Codes, as fractions of the scale, at which light begins and is full."""

HALF, OUTLINE = 0.5, 0.8
"""Code, as a fraction of the scale, that the outline follows, and how white the outline is."""


def spotlight(
    view: Image.Image, code_map: Float[np.ndarray, "h w"], *, scale: float, side: int = SIDE
) -> Image.Image:
    """Show the whole view in color where the concept is and in dim gray where it is not.

    A thin line follows half the scale, for light alone does not show on black or gray things.

    ``scale`` is the code that counts as full: the concept's largest in the class. The map is
    upsampled bicubically. Source: U_i over positions, methods of this project, §5; the light
    instead of a color scale is ours: it hides nothing of the part that matters.

    Raises
    ------
    StageError
        When the scale is not positive or a code is not finite.
    """
    if not (0 < scale < np.inf and np.isfinite(code_map).all()):
        raise StageError(
            f"heat map: got scale {scale} and codes from {code_map.min()} to {code_map.max()}, "
            "wanted a positive scale and finite codes; leave out concepts that never fire"
        )
    fractions = Image.fromarray(np.ascontiguousarray(code_map / scale, dtype=np.float32))
    smooth = np.asarray(fractions.resize((side, side), Image.Resampling.BICUBIC))
    light = np.clip((smooth - DARK) / (LIT - DARK), 0, 1)[..., None]
    light = light * light * (3 - 2 * light)
    color = np.asarray(view.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float32)
    gray = color @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    dim = gray[..., None] * GRAY + FLOOR
    lit = dim + (color - dim) * light
    return Image.fromarray(np.rint(lit + (255 - lit) * _outline(smooth)).astype(np.uint8))


def _outline(smooth: Float[np.ndarray, "side side"]) -> Float[np.ndarray, "side side 1"]:
    """How much of the outline covers each pixel: distance to the level, to first order."""
    slope = np.hypot(*np.gradient(smooth))
    pixels = np.abs(smooth - HALF) / np.maximum(slope, 1e-6)
    line: np.ndarray = OUTLINE * np.clip(1.25 - pixels, 0, 1)[..., None]
    return line
