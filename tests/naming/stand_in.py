"""A stand-in for an image-text model: it knows colors, nothing else, and no weights are needed.

A picture is its mean color, a text the color it names; a word that is no color points nowhere
near any. With it the rule and the command are tested, not how well a real model names.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

COLORS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1)}


class Colors:
    """Three channels, and a fourth that no picture has."""

    name = "Stand-in that knows three colors"

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        means = [np.asarray(p, dtype=float).mean(axis=(0, 1)) for p in pictures]
        return np.array([[*mean, 1.0] for mean in means])

    def texts(self, terms: Sequence[str]) -> np.ndarray:
        return np.array([[*COLORS.get(term, (0, 0, 0)), 0.01] for term in terms])


class Crooked(Colors):
    """Gives a row too few."""

    def images(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        return super().images(pictures)[1:]


def fails() -> Colors:
    raise RuntimeError("weights.bin: no such file\nand more")


def nothing() -> object:
    return object()
