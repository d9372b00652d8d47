"""The two limits of a build, each alone: how fast pictures are decoded, how fast they are encoded.

Both see the pictures in the batches, and with the workers, that a build has. A build does both
beside each other on the same cores, and more, so it takes longer than either.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import mean

from torch import Tensor

from lens_site.activations import Loading
from lens_site.activations.encode import batches, encode_and_classify, one_thread_each
from lens_site.classifier import Classifier
from lens_site.engine.events import ClassEnded, Event
from lens_site.images import ImageSource


def decode_alone(source: ImageSource, classifier: Classifier, loading: Loading) -> float:
    """Return the seconds of reading, decoding and preparing all pictures, keeping none."""
    begun = time.perf_counter()
    for _ in batches(source, range(len(source.keys)), classifier, loading):
        pass
    return time.perf_counter() - begun


def encode_alone(images: Sequence[Tensor], classifier: Classifier, loading: Loading) -> float:
    """Return the seconds of all forward passes as a build runs them, after one to warm up."""
    beside = loading.workers if classifier.device.type == "cpu" else 1

    def work(batch: Tensor) -> int:
        _, logits = encode_and_classify(classifier, batch, loading.batch_size)
        return int(logits[0].argmax())  # waits for the device

    with one_thread_each(), ThreadPoolExecutor(beside) as pool:
        work(images[0])
        begun = time.perf_counter()
        list(pool.map(work, images))
        return time.perf_counter() - begun


@dataclass
class ClassCosts:
    """A listener that notes the processor seconds of every class that is built, and its images."""

    most: int
    """Images of a class that are computed with."""
    seconds: list[float] = field(default_factory=list)
    images: list[int] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, ClassEnded) and event.status.status == "built":
            self.seconds.append(event.processor_seconds)
            self.images.append(min(event.status.images, self.most))

    @property
    def middle(self) -> tuple[float, float]:
        """Mean images of a class, and mean seconds."""
        return float(mean(self.images)), mean(self.seconds)
