"""What the network is shown of a picture: squares of it, resized, with noise.

Without them a picture would please the network in one place and at one scale only, by patterns that
no eye can see. Drawn once for all pictures of a batch.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from lens_site.visualization.levels import Effort

SMALLEST = 0.1
"""Side of a crop over that of the picture, at least."""

Batch = Float[Tensor, "n 3 side side"]
Seen = Float[Tensor, "n 3 seen seen"]
"""As the network is shown them."""


@dataclass(frozen=True)
class Window:
    """A square of a picture, in pixels."""

    left: int
    top: int
    size: int


def windows(canvas: int, effort: Effort, *, generator: Generator) -> list[Window]:
    """Draw the windows of a step, all inside a picture of ``canvas`` pixels.

    Size and middle are normal, as in the code of MACO, and moved inside where they are not.
    """
    drawn = torch.randn((effort.crops, 3), generator=generator, device=generator.device).tolist()
    return [_window(canvas, effort, *deviations) for deviations in drawn]


def _window(canvas: int, effort: Effort, wider: float, right: float, down: float) -> Window:
    share = min(max(effort.share + effort.spread * wider, SMALLEST), 1.0)
    size = max(1, round(share * canvas))

    def start(deviation: float) -> int:
        middle = (0.5 + effort.off_center * deviation) * canvas
        return round(min(max(middle - size / 2, 0), canvas - size))

    return Window(start(right), start(down), size)


def cut(pictures: Batch, window: Window, side: int) -> Seen:
    """Cut a window out of all pictures and resize it to ``side`` pixels; differentiable."""
    rows = slice(window.top, window.top + window.size)
    columns = slice(window.left, window.left + window.size)
    return _resized(pictures[:, :, rows, columns], side)


def noise(side: int, most: float, *, generator: Generator) -> Float[Tensor, "3 side side"]:
    """Uniform in ± ``most``."""
    drawn = torch.rand((3, side, side), generator=generator, device=generator.device)
    return (2 * drawn - 1) * most


def middle(pictures: Batch, share: float, side: int) -> Seen:
    """Cut the middle of all pictures, that share of their side, resized to ``side`` pixels."""
    canvas = pictures.shape[2]
    size = max(1, round(share * canvas))
    start = (canvas - size) // 2
    return cut(pictures, Window(start, start, size), side)


def _resized(pictures: Batch, side: int) -> Seen:
    if pictures.shape[2] == side:
        return pictures
    smaller = pictures.shape[2] > side
    return interpolate(
        pictures, size=(side, side), mode="bilinear", align_corners=False, antialias=smaller
    )
