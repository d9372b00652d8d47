"""CRAFT's crops: square windows of what the network sees, each looked at by itself.

Windows of 64 pixels of a 224 pixel input, a stride of 0.8 of their side apart, 4 × 4 an image;
other inputs in proportion. Source: Fel et al. 2023, CRAFT (arXiv 2211.10154), §3 and its code.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

WINDOW = 64 / 224
"""Side of a crop over the side of the input."""

STRIDE = 0.8
"""Distance between crops over their side."""


def cut(images: Float[Tensor, "n 3 side side"]) -> Float[Tensor, "n crops 3 window window"]:
    """Cut all crops of prepared images, row by row."""
    window, stride = _pixels(images.shape[2])
    columns = torch.nn.functional.unfold(images, kernel_size=window, stride=stride)
    return rearrange(columns, "n (c i j) s -> n s c i j", c=3, i=window, j=window)


def enlarge(crops: Float[Tensor, "m 3 window window"], side: int) -> Float[Tensor, "m 3 side side"]:
    """Resize crops to the input of the network."""
    return torch.nn.functional.interpolate(crops, size=side, mode="bilinear", align_corners=False)


def boxes(side: int) -> Float[np.ndarray, "h w 4"]:
    """Left, top, right, bottom of every crop as fractions of an input of ``side`` pixels."""
    window, stride = _pixels(side)
    starts = np.arange(0, side - window + 1, stride) / side
    left, top = np.meshgrid(starts, starts)
    return np.stack([left, top, left + window / side, top + window / side], axis=-1)


def _pixels(side: int) -> tuple[int, int]:
    window = max(1, round(side * WINDOW))
    return window, max(1, int(window * STRIDE))
