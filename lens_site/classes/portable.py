"""What a visitor's browser needs of a class: codes of any picture, and logits of any codes.

Notation: n images, k concepts in the order of the result, p channels, u (n, k) mean codes. At a
linear head (W, b) the logits of all classes are b + u γ + rest with γ = V Wᵀ (k, classes), so that
what follows from other codes needs no network; another head runs in the browser (``headed``). Two
files: ``ATOMS`` for a picture of the visitor's own, ``TABLE`` for the images of the class.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.activations import Activations
from lens_site.browser import compact, pack
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.headed import headed
from lens_site.classes.inputs import Settings
from lens_site.classes.rests import rests
from lens_site.classifier import Classifier
from lens_site.classifier.split import LinearHead
from lens_site.extraction.extractor import PER_CONCEPT, Extractor

HALVES = 20
"""Edits at random that take about half of the concepts away."""

ATOMS, TABLE = "atoms.safetensors", "table.safetensors"


def portable(
    concepts: ClassConcepts,
    activations: Activations,
    classifier: Classifier,
    settings: Settings,
) -> dict[str, bytes]:
    """Return the files by name.

    Codes give no logits where they are of crops, not of the picture's own places, and where the
    head reads more than places.
    """
    table: dict[str, np.ndarray] = {}
    if not settings.crops and classifier.linear is not None:
        table = _table(concepts, activations, classifier.linear)
    elif not settings.crops and not classifier.parts.context:
        table = headed(concepts, activations, classifier)
    codes = {"codes": _mean_codes(concepts)}
    return {ATOMS: _atoms(concepts, settings), TABLE: pack({**codes, **table})}


def _atoms(concepts: ClassConcepts, settings: Settings) -> bytes:
    """Pack what gives the codes of new rows, concepts in the order of the result."""
    extractor = concepts.extractor
    arrays = {
        name: array.cpu()
        .numpy()[concepts.order if name in PER_CONCEPT else ...]
        .reshape(array.shape or (1,))
        for name, array in extractor.portable().items()
    }
    kept = {
        name: array.astype(np.int32) if array.dtype.kind == "i" else compact(array)
        for name, array in arrays.items()
    }
    return pack(
        {"dictionary": compact(concepts.dictionary), **kept},
        way=extractor.encoding,
        patches="crops" if settings.crops else "grid",
    )


def _mean_codes(concepts: ClassConcepts) -> Float[np.ndarray, "n k"]:
    return compact(rearrange(concepts.codes_nhwk, "n h w k -> n (h w) k").mean(axis=1))


def _table(
    concepts: ClassConcepts, activations: Activations, linear: LinearHead
) -> dict[str, np.ndarray]:
    """Return γ, the logits at u = 0, and what the codes of the images leave out."""
    gamma, at_zero = _linear_map(concepts.extractor, linear)
    gamma = compact(gamma[concepts.order])
    pooled = activations.patches.mean(dim=(1, 2))
    logits = (pooled @ linear.weight.T + linear.bias).double().cpu().numpy()
    wide, factors = _mean_codes(concepts).astype(np.float64), gamma.astype(np.float64)
    changes = _changes(wide.shape[1])
    edited = (logits + (wide * change) @ factors for change in changes)
    return {
        "gamma": gamma,
        "at_zero": at_zero.astype(np.float32),
        **rests(logits, at_zero + wide @ factors, edited),
    }


def _changes(k: int) -> Float[np.ndarray, "edits k"]:
    """By how many times itself each code grows: one away, all, all but one, one doubled, a half."""
    one = np.eye(k)
    halves = np.random.default_rng(0).choice([0.0, -1.0], (HALVES, k))
    return np.concatenate([-one, -np.ones((1, k)), one - 1, one, halves])


def _linear_map(
    extractor: Extractor, linear: LinearHead
) -> tuple[Float[np.ndarray, "k classes"], Float[np.ndarray, " classes"]]:
    """γ and the logits at u = 0, whatever ``decode`` adds."""
    unit = torch.eye(extractor.k, device=linear.weight.device, dtype=linear.weight.dtype)
    origin: Tensor = extractor.decode(torch.zeros_like(unit[:1]))
    gamma = (extractor.decode(unit) - origin) @ linear.weight.T
    at_zero = origin[0] @ linear.weight.T + linear.bias
    return gamma.cpu().numpy(), at_zero.double().cpu().numpy()
