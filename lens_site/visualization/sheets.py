"""The pictures of a class in one file: a grid of squares, transparent where nothing is shown."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from PIL import Image
from torch import Tensor

DRAWN, ACCENTUATED = "drawn.webp", "accentuated.webp"
"""Names of the files: pictures made from noise, and from tiles."""

COLUMNS = 10

EFFORT, ALPHA_QUALITY = 4, 100
"""WebP's method; transparency is kept as it is: steps in it would show, and it is smaller so."""

Shown = Float[Tensor, "k channels size size"]
"""RGB, or RGB and how much is shown; in [0, 1]."""


@dataclass(frozen=True)
class Sheet:
    """How a file of k pictures is laid out, row by row, and how well it keeps them."""

    file: str
    count: int
    size: int
    quality: int

    @property
    def columns(self) -> int:
        """Pictures of a row."""
        return min(COLUMNS, self.count)


def write(sheet: Sheet, pictures: Shown) -> bytes:
    """Return the WebP file of the pictures."""
    missing = -sheet.count % sheet.columns
    filled = torch.cat([pictures, pictures.new_zeros(missing, *pictures.shape[1:])])
    grid = rearrange(filled, "(r c) rgba h w -> (r h) (c w) rgba", c=sheet.columns)
    pixels = (grid.clamp(0, 1) * 255).round().byte().cpu().numpy()
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(
        file, "WEBP", quality=sheet.quality, alpha_quality=ALPHA_QUALITY, method=EFFORT
    )
    return file.getvalue()


def read(
    sheet: Sheet, data: bytes, ground: Float[Tensor, "3 1 1"]
) -> Float[Tensor, "k 3 size size"]:
    """Return the pictures of a file as one sees them on a ground of one color."""
    with Image.open(BytesIO(data), formats=("WEBP",)) as opened:
        pixels = torch.from_numpy(np.array(opened.convert("RGBA"), dtype=np.float32)) / 255
    cells = rearrange(pixels, "(r h) (c w) rgba -> (r c) rgba h w", h=sheet.size, w=sheet.size)
    colors, shown = cells[: sheet.count, :3], cells[: sheet.count, 3:]
    return colors * shown + ground.cpu() * (1 - shown)
