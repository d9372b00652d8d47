"""How many images a pass on a GPU takes: as many as fit, found by trying."""

from collections.abc import Callable

import torch

from lens_site.activations.encode import encode_and_classify
from lens_site.classifier import Classifier
from lens_site.errors import StageError


def largest_batch(classifier: Classifier, start: int) -> int:
    """Return ``start``, or the first half, quarter … of it whose pass fits into the memory.

    Raises
    ------
    StageError
        When not even one image fits.
    """
    side = classifier.preprocessing.crop

    def run(images: int) -> None:
        encode_and_classify(classifier, torch.zeros(images, 3, side, side), images)
        if classifier.device.type == "cuda":
            torch.cuda.synchronize(classifier.device)

    return halved_until(run, start)


def halved_until(run: Callable[[int], None], start: int) -> int:
    """Return the first of ``start``, its half, … at which ``run`` does not run out of memory.

    Raises
    ------
    StageError
        When it does with 1.
    """
    size = start
    while size:
        if _fits(run, size):
            return size
        torch.cuda.empty_cache()  # here, where no traceback holds what did not fit any more
        size //= 2
    raise StageError(
        "device: the memory of the GPU does not hold a pass of one image; free it of other "
        "programs, or give --device cpu"
    )


def _fits(run: Callable[[int], None], size: int) -> bool:
    try:
        run(size)
    except torch.cuda.OutOfMemoryError:
        return False
    return True
