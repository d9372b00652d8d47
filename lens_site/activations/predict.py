"""The predicting pass: what the network says of every image, and its activations on the way.

The pass yields what it saw, batch by batch, and remembers nothing: which images need it, and what
is kept of them, the engine decides.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.activations.encode import Loading, encode_and_classify, passes
from lens_site.activations.patches import Activations, grid_patches
from lens_site.classifier import Classifier, Encoded
from lens_site.errors import StageError
from lens_site.images.source import ImageSource


class PredictedBatch(NamedTuple):
    """What the network says of the readable images of a batch, row by row, and the failures."""

    positions: list[int]
    digests: list[str]
    """SHA-256 of what was read, hexadecimal."""
    stamps: list[str]
    """Of the source, the same before and after the picture was read."""
    predicted: Int[np.ndarray, " n"]
    probabilities: Float[np.ndarray, " n"]
    logits: Float[np.ndarray, " n"]
    activations: Activations | None
    """None when every picture of the batch failed."""
    failures: list[tuple[int, str]]
    """Position and reason of each picture that could not be read."""


def predict(
    source: ImageSource, classifier: Classifier, positions: Sequence[int], loading: Loading
) -> Iterator[PredictedBatch]:
    """Predict the images at ``positions``, in their order.

    Raises
    ------
    StageError
        When the network returns NaN.
    """

    def work(images: Tensor) -> tuple[Encoded, Tensor]:
        return encode_and_classify(classifier, images, loading.batch_size)

    for batch, result in passes(source, positions, classifier, loading, work):
        if result is None:
            none = np.zeros(0, np.float32)
            yield PredictedBatch([], [], [], none.astype(int), none, none, None, batch.failures)
            continue
        encoded, logits = result
        if not bool(logits.isfinite().all()):
            row = int((~logits.isfinite().all(dim=1)).nonzero()[0, 0])
            raise StageError(
                f"model: {classifier.name} returns NaN or infinite logits for "
                f"{source.keys[batch.indices[row]]}; check its weights and preprocessing"
            )
        best = logits.softmax(dim=1).max(dim=1)
        top = logits.gather(1, best.indices[:, None])[:, 0]
        yield PredictedBatch(
            batch.indices,
            batch.digests,
            batch.stamps,
            best.indices.cpu().numpy(),
            best.values.cpu().numpy(),
            top.cpu().numpy(),
            grid_patches(encoded),
            batch.failures,
        )
