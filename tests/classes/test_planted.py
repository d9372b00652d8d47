"""Known parts pasted in known combinations come back as strategies, through the real network."""

import numpy as np
import pytest
import torch
from jaxtyping import Float
from PIL import Image
from skimage import data
from sklearn.metrics import adjusted_rand_score
from torch import Tensor

from lens_site import extraction, importance, strategies
from lens_site.activations.encode import encode
from lens_site.activations.patches import Activations, grid_patches, join
from lens_site.classes.scores import acting_codes, class_score
from lens_site.classifier import Classifier, load_classifier

EGYPTIAN_CAT = 285

PARTS = {"eyes": (125, 70, 355, 175), "nose": (190, 170, 330, 280), "brow": (80, 0, 330, 110)}
"""Boxes of the photograph of a cat."""

COMBINATIONS = (("eyes", "nose", "nose"), ("eyes", "brow", "brow"), ("nose",) * 4)
"""Every part is in more than one, or beside one that is."""

EACH = 40


def pasted(parts: tuple[str, ...], draw: np.random.Generator) -> Image.Image:
    """Return the parts in quarters drawn at random, of random size and place, some mirrored."""
    cat = Image.fromarray(data.chelsea())
    gray = np.uint8(np.clip(128 + 20 * draw.normal(size=(8, 8, 3)), 0, 255))
    picture = Image.fromarray(gray).resize((224, 224), Image.Resampling.BICUBIC)
    for name, quarter in zip(parts, draw.permutation(4), strict=False):
        part = cat.crop(PARTS[name])
        part.thumbnail([draw.integers(95, 112)] * 2, Image.Resampling.LANCZOS)
        if draw.random() < 0.5:
            part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        row, column = divmod(int(quarter), 2)
        left = 112 * column + int(draw.integers(0, 113 - part.width))
        picture.paste(part, (left, 112 * row + int(draw.integers(0, 113 - part.height))))
    return picture


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier("efficientnet-lite0", device="cpu")


@pytest.fixture(scope="module")
def planted(classifier: Classifier) -> tuple[Activations, np.ndarray]:
    """Activations of the pictures that the network predicts as the cat, and their combinations."""
    draw = np.random.default_rng(0)
    truth = np.arange(EACH * len(COMBINATIONS)) % len(COMBINATIONS)
    pictures = torch.stack(
        [classifier.preprocessing(pasted(COMBINATIONS[which], draw)) for which in truth]
    )
    with torch.no_grad():
        encoded = [encode(classifier, some, 16) for some in pictures.split(16)]
        logits = torch.cat([classifier.head(one) for one in encoded])
    cats = logits.argmax(dim=1) == EGYPTIAN_CAT
    all_of_them = join([grid_patches(one) for one in encoded])
    return Activations(all_of_them.patches[cats], all_of_them.context[cats]), truth[cats.numpy()]


def contributions(
    activations: Activations, classifier: Classifier, seed: int
) -> Float[Tensor, "n k"]:
    """Steps one and two, as a build takes them by default."""
    generator = torch.Generator().manual_seed(seed)
    extractor = extraction.method("nmf")(10).fit(activations.rows, generator=generator)
    codes = extractor.encode(activations.rows).reshape(len(activations.patches), -1, 10)
    score = class_score(classifier, extractor, EGYPTIAN_CAT, activations)
    attributor = importance.method("gradient-input")()
    return attributor.attribute(score, acting_codes(score, codes), generator=generator)


@pytest.mark.parametrize("seed", [0, 1])
def test_combinations_of_parts_are_the_strategies(
    planted: tuple[Activations, np.ndarray], classifier: Classifier, seed: int
) -> None:
    activations, truth = planted
    assert len(truth) >= 80
    assert np.bincount(truth).min() >= 20
    phi = contributions(activations, classifier, seed).numpy()
    found = strategies.find(phi, method="copula", seed=seed)
    assert found.p_value == 0.01
    assert adjusted_rand_score(truth, strategies.assigned(found.membership)) >= 0.9
