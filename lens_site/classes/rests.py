"""What the concepts leave out of the logits of an image, small enough for a visitor's browser.

Notation: n images; logits y (n, classes) and ŷ, those of the codes alone; rest y − ŷ. It is kept
exactly for m classes, those that any edit of any image makes likely; for the others it is the mean
of the images, so shifted that the former's probabilities are exact before any edit.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, Int
from scipy.special import logsumexp, softmax

from lens_site.browser import compact

MOST, LEAST, ROOM = 128, 48, 40_000
"""Classes whose rest is kept exactly: as many as fit into so many bytes.  With 128, on four classes
of the demo and concepts taken away or put in at random, no probability was off by more than .012.
"""

Logits = Float[np.ndarray, "n classes"]


def rests(logits: Logits, rough: Logits, edited: Iterable[Logits]) -> dict[str, np.ndarray]:
    """Return the rest as arrays; ``edited`` are the logits after some edits of all images."""
    rest = logits - rough
    chosen = _likely(logits, edited)
    common = rest.mean(axis=0)
    narrow = np.uint16 if logits.shape[1] <= 65_536 else np.int32
    return {
        "rest": compact(rest[:, chosen]),
        "rest_classes": chosen.astype(narrow),
        "rest_mean": compact(common),
        "rest_shift": compact(_shifts(logits, rough + common, chosen)),
    }


def _shifts(logits: Logits, rough: Logits, chosen: Int[np.ndarray, " m"]) -> np.ndarray:
    """By how much the rough logits of the classes that are not chosen weigh too little, together.

    With this on all of them the sum of their exponentials is right, and so are the probabilities
    of the chosen ones.
    """
    others = np.setdiff1d(np.arange(logits.shape[1]), chosen)
    if not len(others):
        return np.zeros(len(logits))
    shifts: np.ndarray = logsumexp(logits[:, others], axis=1) - logsumexp(rough[:, others], axis=1)
    return shifts


def _likely(logits: Logits, edited: Iterable[Logits]) -> Int[np.ndarray, " m"]:
    """Choose the classes whose largest probability, over images and edits, is largest."""
    most = softmax(logits, axis=1).max(axis=0)
    for each in edited:
        most = np.maximum(most, softmax(each, axis=1).max(axis=0))
    kept = min(MOST, max(LEAST, ROOM // (2 * len(logits))))
    return np.sort(np.argsort(-most, kind="stable")[:kept])
