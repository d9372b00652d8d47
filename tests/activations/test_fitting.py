"""A batch that does not fit is halved until one does."""

from dataclasses import replace

import pytest
import torch
from support import TESTS
from torch import Tensor

from lens_site.activations.fitting import halved_until, largest_batch
from lens_site.classifier import Encoded, load_classifier
from lens_site.errors import StageError


@pytest.mark.parametrize(("start", "room", "found"), [(512, 512, 512), (512, 100, 64), (7, 2, 1)])
def test_halved_until_a_pass_fits(
    monkeypatch: pytest.MonkeyPatch, start: int, room: int, found: int
) -> None:
    monkeypatch.chdir(TESTS)
    classifier = load_classifier("tiny_model:net", device="cpu")
    tried: list[int] = []

    def encode(images: Tensor) -> Encoded:
        tried.append(len(images))
        if len(images) > room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return classifier.encode(images)

    assert largest_batch(replace(classifier, fast=encode), start) == found
    assert tried == [start >> i for i in range(len(tried))]
    assert tried[-1] == found


def test_a_gpu_without_room_for_one_image_is_said() -> None:
    def never(images: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(StageError, match="does not hold a pass of one image; free it"):
        halved_until(never, 8)


def test_another_fault_is_not_taken_for_a_full_memory() -> None:
    def faulty(images: int) -> None:
        raise RuntimeError("cuDNN error")

    with pytest.raises(RuntimeError, match="cuDNN error"):
        halved_until(faulty, 8)
