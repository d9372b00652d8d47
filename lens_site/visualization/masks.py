"""Where a picture is shown: where the network looked while it was made.

Elsewhere there is what no gradient ever reached, and at the corners what few crops saw.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

COARSE, SPREAD = 28, 1.5
"""Side of the small map that is blurred, and the deviation of the Gaussian there."""

FULL, NOTHING = 0.5, 0.15
"""Quantile of the attention that is shown whole, and the fraction of it from which one sees any."""


EDGE = 0.08
"""Part of the side along which a picture fades at its border."""


def mask(attention: Float[Tensor, "k side side"]) -> Float[Tensor, "k side side"]:
    """Return how much of each pixel is shown, in [0, 1].

    Source: Fel et al. 2023, MACO (arXiv 2306.06805), §3.3: transparency from Σ |∂ objective / ∂x|.
    What we chose: blurred, full from the quantile on, and nothing at the border.
    """
    side = attention.shape[2]
    small = adaptive_avg_pool2d(attention[:, None], min(COARSE, side))
    places = torch.arange(small.shape[3], dtype=small.dtype, device=small.device)
    kernel = torch.exp(-((places[:, None] - places) ** 2) / (2 * SPREAD**2))
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    smooth = interpolate(kernel @ small @ kernel.T, size=side, mode="bicubic")[:, 0]
    full = smooth.flatten(1).quantile(FULL, dim=1)[:, None, None].clamp_min(1e-30)
    places = (torch.arange(side, device=smooth.device) + 0.5) / side
    fade = (torch.minimum(places, 1 - places) / EDGE).clamp_max(1)
    level = ((smooth / full - NOTHING) / (1 - NOTHING)).clamp(0, 1) * torch.outer(fade, fade)
    return level * level * (3 - 2 * level)
