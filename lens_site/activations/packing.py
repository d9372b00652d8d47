"""Activations of one image as bytes and back, bit by bit the same.

After a ReLU most activations are zero: the default network leaves 9 % of them. So the bytes are
one bit for each number that says whether it is kept, then those that are, or simply all
numbers where that is no longer. Half precision would not do: what is computed from an image would
then depend on whether it was packed.
"""

import numpy as np
import torch
from jaxtyping import UInt32

from lens_site.activations.patches import Activations
from lens_site.classifier import Classifier

Shape = tuple[int, int, int, int]
"""h, w, t, p: rows and columns of the grid, tokens that belong to no place, channels."""


def shape_of(classifier: Classifier) -> Shape:
    """Return what it takes to unpack the activations of a network."""
    p, h, w = classifier.parts.feature_shape
    return h, w, classifier.parts.context, p


def pack(one: Activations) -> bytes:
    """Return the bytes of the activations of one image, n = 1."""
    whole = torch.cat([one.patches.flatten(), one.context.flatten()]).cpu().numpy()
    bits = whole.astype("<f4", copy=False).view("<u4")  # a negative zero is not zero here
    kept = bits != 0
    packed = np.packbits(kept).tobytes() + bits[kept].tobytes()
    return packed if len(packed) < bits.nbytes else bits.tobytes()


def unpack(data: bytes, shape: Shape) -> Activations:
    """Return the activations of one image from their bytes.

    Parameters
    ----------
    data
        As ``pack`` made them.
    shape
        As ``shape_of`` the classifier.

    Raises
    ------
    ValueError
        When there are more or fewer bytes than such activations have.
    """
    h, w, t, p = shape
    bits = _bits(data, (h * w + t) * p)
    whole = torch.from_numpy(bits.view("<f4").astype(np.float32, copy=False))
    return Activations(whole[: h * w * p].reshape(1, h, w, p), whole[h * w * p :].reshape(1, t, p))


def _bits(data: bytes, count: int) -> UInt32[np.ndarray, " count"]:
    if len(data) == 4 * count:
        return np.frombuffer(bytearray(data), "<u4")
    mask = -(-count // 8)
    kept = np.unpackbits(np.frombuffer(data, np.uint8, mask), count=count).astype(bool)
    bits = np.zeros(count, "<u4")
    bits[kept] = np.frombuffer(data[mask:], "<u4")
    return bits
