"""Batches on their way to a GPU: copied on a stream of their own while the network computes.

The host's side is pinned memory, which PyTorch keeps and uses again once a copy has ended; with one
batch copied while another is computed on, two such buffers are in use.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Sent:
    """A batch whose copy has begun; ``copied`` is None where nothing had to be copied."""

    images: Tensor
    copied: torch.cuda.Event | None

    def arrived(self) -> Tensor:
        """Return the batch, for use on the current stream."""
        if self.copied is not None:
            here = torch.cuda.current_stream(self.images.device)
            here.wait_event(self.copied)
            self.images.record_stream(here)  # its memory is not given away before that
        return self.images


def sender(device: torch.device) -> Callable[[Tensor], Sent]:
    """Return what begins to copy a batch to ``device``; a CPU takes it as it is."""
    if device.type != "cuda":
        return lambda images: Sent(images, None)
    stream: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def send(images: Tensor) -> Sent:
        with torch.cuda.stream(stream):
            there = images.pin_memory().to(device, non_blocking=True)
            return Sent(there, stream.record_event())

    return send
