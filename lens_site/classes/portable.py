"""What a visitor's browser needs of a class: codes of any picture, and logits of any codes.

Notation: n images, k concepts in the order of the result, p channels, u (n, k) mean codes. At a
linear head (W, b) the logits of all classes are b + u γ + rest with γ = V Wᵀ (k, classes), so that
what follows from other codes needs no network. Two files: ``ATOMS`` for a picture of the visitor's
own, ``TABLE`` for the images of the class.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from scipy.special import logsumexp
from torch import Tensor

from lens_site.activations import Activations
from lens_site.browser import compact, pack
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.inputs import Settings
from lens_site.classifier.split import LinearHead
from lens_site.extraction.extractor import PER_CONCEPT, Extractor

ATOMS, TABLE = "atoms.safetensors", "table.safetensors"

CHOSEN = 24
"""Classes of each image whose rest is kept exactly: those that come first, whichever one concept is
taken away."""


def portable(
    concepts: ClassConcepts,
    activations: Activations,
    linear: LinearHead | None,
    settings: Settings,
) -> dict[str, bytes]:
    """Return the files by name; the codes of crops, not the picture's own, give no logits."""
    table = {} if linear is None or settings.crops else _table(concepts, activations, linear)
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
    rest = logits - (at_zero + wide @ factors)
    chosen = _first(logits, wide, factors)
    common = rest.mean(axis=0)
    narrow = np.uint16 if logits.shape[1] <= 65_536 else np.int32
    return {
        "gamma": gamma,
        "at_zero": at_zero.astype(np.float32),
        "rest": compact(np.take_along_axis(rest, chosen, axis=1)),
        "rest_classes": chosen.astype(narrow),
        "rest_mean": compact(common),
        "rest_shift": compact(_shifts(logits, logits - rest + common, chosen)),
    }


def _linear_map(
    extractor: Extractor, linear: LinearHead
) -> tuple[Float[np.ndarray, "k classes"], Float[np.ndarray, " classes"]]:
    """γ and the logits at u = 0, whatever ``decode`` adds."""
    unit = torch.eye(extractor.k, device=linear.weight.device, dtype=linear.weight.dtype)
    origin: Tensor = extractor.decode(torch.zeros_like(unit[:1]))
    gamma = (extractor.decode(unit) - origin) @ linear.weight.T
    at_zero = origin[0] @ linear.weight.T + linear.bias
    return gamma.cpu().numpy(), at_zero.double().cpu().numpy()


def _shifts(
    logits: Float[np.ndarray, "n classes"],
    rough: Float[np.ndarray, "n classes"],
    chosen: Int[np.ndarray, "n m"],
) -> Float[np.ndarray, " n"]:
    """By how much the rough logits of the classes that are not chosen weigh too little, together.

    With this on all of them the sum of their exponentials is right, and so are the probabilities
    of the chosen ones.
    """
    others = np.ones(logits.shape, dtype=bool)
    np.put_along_axis(others, chosen, False, axis=1)
    if not others.any():
        return np.zeros(len(logits))
    weights = [logsumexp(z, axis=1, b=others) for z in (logits, rough)]
    shifts: np.ndarray = weights[0] - weights[1]
    return shifts


def _first(
    logits: Float[np.ndarray, "n classes"],
    codes: Float[np.ndarray, "n k"],
    gamma: Float[np.ndarray, "k classes"],
) -> Int[np.ndarray, "n m"]:
    """Choose for each image the classes whose logits are largest with one concept less, or none."""
    height = logits.copy()
    for u, factors in zip(codes.T, gamma, strict=True):
        without = logits - u[:, None] * factors
        # relative to the largest, for what counts is which class comes first
        height = np.maximum(height, without - without.max(axis=1, keepdims=True)
                            + logits.max(axis=1, keepdims=True))  # fmt: skip
    most = min(CHOSEN, logits.shape[1])
    return np.sort(np.argsort(-height, axis=1, kind="stable")[:, :most], axis=1)
