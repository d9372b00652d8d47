"""What the concepts leave out of the logits of an image, small enough for a visitor's browser.

Notation: n images; logits y (n, classes) and ŷ, those of the codes alone; rest y − ŷ. It is kept
exactly for the classes that can come first; for the others it is the mean of the images, so
shifted that the former's probabilities are exact before any edit.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, Int
from scipy.special import logsumexp

from lens_site.browser import compact

CHOSEN = 24
"""Classes of each image whose rest is kept exactly: those that come first, whichever one concept is
taken away."""

Logits = Float[np.ndarray, "n classes"]


def rests(logits: Logits, rough: Logits, without: Iterable[Logits]) -> dict[str, np.ndarray]:
    """Return the rest as arrays; ``without`` are the logits with each of the concepts away."""
    rest = logits - rough
    chosen = _first(logits, without)
    common = rest.mean(axis=0)
    narrow = np.uint16 if logits.shape[1] <= 65_536 else np.int32
    return {
        "rest": compact(np.take_along_axis(rest, chosen, axis=1)),
        "rest_classes": chosen.astype(narrow),
        "rest_mean": compact(common),
        "rest_shift": compact(_shifts(logits, rough + common, chosen)),
    }


def _shifts(logits: Logits, rough: Logits, chosen: Int[np.ndarray, "n m"]) -> np.ndarray:
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


def _first(logits: Logits, without: Iterable[Logits]) -> Int[np.ndarray, "n m"]:
    """Choose for each image the classes whose logits are largest with one concept less, or none."""
    height = logits.copy()
    most = logits.max(axis=1, keepdims=True)
    for less in without:
        # relative to the largest, for what counts is which class comes first
        height = np.maximum(height, less - less.max(axis=1, keepdims=True) + most)
    kept = min(CHOSEN, logits.shape[1])
    return np.sort(np.argsort(-height, axis=1, kind="stable")[:, :kept], axis=1)
