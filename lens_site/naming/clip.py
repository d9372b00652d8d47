"""An encoder by OpenCLIP, which the extra ``name`` installs; its weights are the user's to have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image

from lens_site.errors import ConfigError, first_line

MODEL, WEIGHTS = "ViT-B-32", "laion2b_s34b_b79k"

PROMPT = "a photo of {}"
"""What is said of a term; the model was trained on captions, not on words."""

BATCH = 64


@dataclass(frozen=True)
class OpenClip:
    """A model of OpenCLIP with its own preparation of pictures and texts."""

    name: str
    model: Any
    prepare: Any
    tokenize: Any

    @torch.no_grad()
    def images(self, pictures: Sequence[Image.Image]) -> Float[np.ndarray, "n d"]:
        """Return a row for each picture."""
        rows = [
            self.model.encode_image(torch.stack([self.prepare(p) for p in pictures[i : i + BATCH]]))
            for i in range(0, len(pictures), BATCH)
        ]
        return torch.cat(rows).float().numpy()

    @torch.no_grad()
    def texts(self, terms: Sequence[str]) -> Float[np.ndarray, "m d"]:
        """Return a row for each term."""
        said = [PROMPT.format(term) for term in terms]
        rows = [
            self.model.encode_text(self.tokenize(said[i : i + BATCH]))
            for i in range(0, len(said), BATCH)
        ]
        return torch.cat(rows).float().numpy()


def open_clip(model: str = MODEL, weights: str | None = WEIGHTS) -> OpenClip:
    """Load a model of OpenCLIP; ``weights`` None leaves it untrained.

    Raises
    ------
    ConfigError
        When the package is missing, or the weights are neither here nor can be fetched.
    """
    try:
        import open_clip as package
    except ImportError as problem:
        raise ConfigError(
            "encoder: OpenCLIP is not installed; pip install 'lens-site[name]', or give --encoder "
            "package.module:factory with a model of yours"
        ) from problem
    try:
        made, _, prepare = package.create_model_and_transforms(model, pretrained=weights)
    except Exception as problem:  # hubs and file systems raise a dozen types
        raise ConfigError(
            f"encoder: the weights {weights} of {model} are not here and cannot be fetched "
            f"({first_line(problem)}); give --encoder package.module:factory with a model you have"
        ) from problem
    name = f"OpenCLIP {model} ({weights or 'untrained'})"
    return OpenClip(name, made.eval(), prepare, package.get_tokenizer(model))
