"""Pictures through the encoder, always in passes of one shape.

The last digits of a forward pass depend on the number of images in it, and with some processors
on the number of threads. So a pass always holds ``batch_size`` images, the last one filled up with
black, and on a CPU it has one thread; several passes run beside each other. An image's activations
are then the same bits whatever images are beside it, whatever was computed before, and on any
number of cores (tests hold this).
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
from jaxtyping import Float
from threadpoolctl import threadpool_limits
from torch import Tensor

from lens_site.activations.transfer import Sent, sender
from lens_site.classifier import Classifier, Encoded
from lens_site.images.decode import Batch, stream
from lens_site.images.source import ImageSource

Result = TypeVar("Result")

CPU_BATCH = 16
"""Images a pass on a CPU; the numbers depend on it, so it is no option."""

Started = tuple[Batch, Future[Result] | None]
"""A batch and the work begun on it; None for one without images."""

Images = Float[Tensor, "n 3 side side"]


@dataclass(frozen=True)
class Loading:
    """How pictures reach the network: threads that decode and pass, images a pass."""

    workers: int
    batch_size: int


def encode(classifier: Classifier, images: Images, batch_size: int) -> Encoded:
    """Return g(x) of at most ``batch_size`` images, from a pass of that shape."""
    n = len(images)
    whole = classifier.encode_pass(_filled(images, batch_size))
    return Encoded(whole.maps[:n], whole.context[:n])


@torch.no_grad()
def encode_and_classify(
    classifier: Classifier, images: Images, batch_size: int
) -> tuple[Encoded, Float[Tensor, "n classes"]]:
    """Return g(x) and f(x) of at most ``batch_size`` images, from a pass of that shape."""
    n = len(images)
    whole = classifier.encode_pass(_filled(images, batch_size))
    logits = classifier.head(whole)[:n]
    return Encoded(whole.maps[:n], whole.context[:n]), logits


def passes(
    source: ImageSource,
    positions: Sequence[int],
    classifier: Classifier,
    loading: Loading,
    work: Callable[[Images], Result],
) -> Iterator[tuple[Batch, Result | None]]:
    """Decode pictures, and do ``work`` on every batch; in order, None for one without images.

    On a CPU as many batches are at work as there are workers. On a GPU it is one, and the next is
    copied meanwhile.
    """
    beside = loading.workers if classifier.device.type == "cpu" else 1
    waiting: deque[Started[Result]] = deque()

    def do(sent: Sent) -> Result:
        return work(sent.arrived())

    send = sender(classifier.device)
    pool = ThreadPoolExecutor(beside, thread_name_prefix="pass")
    try:
        for batch in batches(source, positions, classifier, loading):
            sent = None if batch.images is None else send(batch.images)
            started = None if sent is None else pool.submit(do, sent)
            waiting.append((batch, started))
            if len(waiting) > beside:
                first, begun = waiting.popleft()
                yield first, None if begun is None else begun.result()
        for first, begun in waiting:
            yield first, None if begun is None else begun.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def batches(
    source: ImageSource, positions: Sequence[int], classifier: Classifier, loading: Loading
) -> Iterator[Batch]:
    """Stream prepared images, decoded while the network computes."""
    return stream(
        source,
        positions,
        classifier.preprocessing,
        min_side=classifier.preprocessing.resize,
        workers=loading.workers,
        batch_size=loading.batch_size,
    )


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Give torch and NumPy one thread a call: several calls fill the cores, and count alike."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(threads)


def _filled(images: Images, size: int) -> Float[Tensor, "size 3 side side"]:
    missing = size - len(images)
    if missing <= 0:
        return images
    return torch.cat([images, images.new_zeros(missing, *images.shape[1:])])
