"""What test modules import: where they lie, the type of the ``lens`` fixture, a painter."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result
from PIL import Image

TESTS = Path(__file__).parent

Lens = Callable[..., Result]

TINY = ("--model", "tiny_model:net", "--min-images", "5", "-k", "3", "--device", "cpu")
"""Options of a build with the tiny network."""


def paint(path: Path, channel: int, *, seed: int) -> None:
    """Write a noisy picture with one or two bright blocks of one color."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 40, (64, 64, 3), dtype=np.uint8)
    for _ in range(1 + seed % 2):
        row, column = generator.integers(0, 40, 2)
        pixels[row : row + 24, column : column + 24, channel] = 250
    Image.fromarray(pixels).save(path)


def paint_photos(folder: Path) -> Path:
    """Write class folders red, green and blue, twelve pictures each, for ``tiny_model:net``."""
    for channel, name in enumerate(("red", "green", "blue")):
        (folder / name).mkdir(parents=True)
        for i in range(12):
            paint(folder / name / f"{i:02d}.png", channel, seed=12 * channel + i)
    return folder
