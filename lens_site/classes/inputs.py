"""What computing a class takes besides activations: its images, and the settings of the run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor


@dataclass(frozen=True)
class ClassImages:
    """The n images of one class, in a fixed order; ``labels`` is −1 for an unlabeled image."""

    index: int
    key: str
    predicted: int
    names: tuple[str, ...]
    labels: Int[np.ndarray, " n"]
    probabilities: tuple[float, ...]
    logits: tuple[float, ...]


@dataclass(frozen=True)
class Settings:
    """How every class of a run is computed; methods by name."""

    extraction: str
    concepts: int | Literal["auto"]
    crops: bool
    score: Literal["logit", "margin"]
    importance: str
    strategies: str
    seed: int


@dataclass(frozen=True)
class FinerMaps:
    """Activations of the images of a class at an earlier layer, whose places are smaller."""

    layer: str
    patches: Float[Tensor, "n H W p"]


OpenImage = Callable[[int, int], Image.Image]
"""``open_image(i, min_side)`` gives image i, its shorter side no less than ``min_side``."""
