"""Where in a picture a concept is: the picture lit by the concept's code map."""

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site.prototypes.tiles import SIDE

GRAY, FLOOR = 0.35, 25.0
"""What the unlit parts keep: this much of their brightness, above this gray."""

DARK, LIT = 0.1, 0.7
"""Codes, as fractions of the scale, at which light begins and is full."""


def spotlight(
    view: Image.Image, code_map: Float[np.ndarray, "h w"], *, scale: float, side: int = SIDE
) -> Image.Image:
    """Show the whole view in color where the concept is and in dim gray where it is not.

    ``scale`` is the code that counts as full: the concept's largest in the class. The map is
    upsampled bicubically. Source: U_i over positions, methods of this project, §5; the light
    instead of a color scale is ours: it hides nothing of the part that matters.
    """
    fractions = Image.fromarray(np.ascontiguousarray(code_map / scale, dtype=np.float32))
    smooth = np.asarray(fractions.resize((side, side), Image.Resampling.BICUBIC))
    light = np.clip((smooth - DARK) / (LIT - DARK), 0, 1)[..., None]
    light = light * light * (3 - 2 * light)
    color = np.asarray(view.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float32)
    gray = color @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    dim = gray[..., None] * GRAY + FLOOR
    return Image.fromarray(np.rint(dim + (color - dim) * light).astype(np.uint8))
