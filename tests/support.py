"""What test modules import: where they lie, the type of the ``lens`` fixture, a painter."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from click.testing import Result
from PIL import Image

TESTS = Path(__file__).parent

Lens = Callable[..., Result]


def paint(path: Path, channel: int, *, seed: int) -> None:
    """Write a noisy picture with one or two bright blocks of one color."""
    generator = np.random.default_rng(seed)
    pixels = generator.integers(0, 40, (64, 64, 3), dtype=np.uint8)
    for _ in range(1 + seed % 2):
        row, column = generator.integers(0, 40, 2)
        pixels[row : row + 24, column : column + 24, channel] = 250
    Image.fromarray(pixels).save(path)
