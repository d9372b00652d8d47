"""A runtime is taken if it is clearly faster and says the same, and for no other reason."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from support import TESTS
from torch import Tensor

from lens_site.activations import fastest as room
from lens_site.activations.fastest import fastest, keeping_precision
from lens_site.classifier import Classifier, Encoded, load_classifier
from lens_site.classifier.runtimes import NoRuntime
from lens_site.results.schema import Runtime

ONNX, COMPILED = Runtime(name="onnxruntime"), Runtime(name="compiled")
BATCHES = list(torch.rand(3, 4, 3, 64, 64, generator=torch.Generator().manual_seed(0)))


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Classifier:
    monkeypatch.chdir(TESTS)
    return load_classifier("tiny_model:net", device="cpu")


class Stopwatch:
    """A clock that the encoders move by themselves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


Change = Callable[[Encoded], Encoded]


@pytest.fixture
def runtimes(
    tiny: Classifier, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, tuple[float, Change]]], tuple[Classifier, Stopwatch]]:
    """Make runtimes that take so many seconds a pass and change what PyTorch says."""

    def make(
        speeds: dict[str, tuple[float, Change]],
    ) -> tuple[Classifier, Stopwatch]:
        clock = Stopwatch()

        def encoder(seconds: float, change: Change) -> Callable[[Tensor], Encoded]:
            def encode(images: Tensor) -> Encoded:
                clock.now += seconds
                return change(tiny.encode(images))

            return encode

        def run_on(classifier: Classifier, runtime: Runtime, batch_size: int) -> Classifier:
            if runtime.name not in speeds:
                raise NoRuntime(f"no {runtime.name} here")
            return replace(classifier, runtime=runtime, fast=encoder(*speeds[runtime.name]))

        monkeypatch.setattr(room, "run_on", run_on)
        return replace(tiny, fast=encoder(1.15, lambda encoded: encoded)), clock

    return make


def same(encoded: Encoded) -> Encoded:
    return encoded


def rounded(encoded: Encoded) -> Encoded:
    return Encoded(encoded.maps * (1 + 5e-4), encoded.context)


def coarse(encoded: Encoded) -> Encoded:
    return Encoded(encoded.maps * (1 + 2e-3), encoded.context)


def other(encoded: Encoded) -> Encoded:
    return Encoded(encoded.maps.flip(1) + 0.0, encoded.context)


def nothing(encoded: Encoded) -> Encoded:
    return Encoded(encoded.maps * torch.nan, encoded.context)


@pytest.mark.parametrize(
    ("speeds", "chosen"),
    [
        ({"onnxruntime": (0.99, same)}, "onnxruntime"),
        ({"onnxruntime": (0.99, rounded)}, "onnxruntime"),
        ({"onnxruntime": (1.01, same)}, "torch"),  # faster, but not clearly
        ({"onnxruntime": (0.1, coarse)}, "torch"),
        ({"onnxruntime": (0.1, other)}, "torch"),
        ({"onnxruntime": (0.1, nothing)}, "torch"),
        ({"onnxruntime": (0.9, same), "compiled": (0.5, same)}, "compiled"),
        ({"onnxruntime": (0.5, same), "compiled": (0.1, coarse)}, "onnxruntime"),
        ({}, "torch"),
    ],
)
def test_the_fastest_that_says_the_same(
    runtimes: Callable[[dict[str, tuple[float, Change]]], tuple[Classifier, Stopwatch]],
    speeds: dict[str, tuple[float, Change]],
    chosen: str,
) -> None:
    classifier, clock = runtimes(speeds)
    found = fastest(classifier, [ONNX, COMPILED], BATCHES, 4, clock=clock)
    assert found.classifier.runtime.name == chosen
    for name in ("onnxruntime", "compiled"):
        if name not in speeds:
            assert f"no {name} here" in found.why
        elif speeds[name][1] in (same, rounded):
            assert f"{name} {1.15 / speeds[name][0]:.2f} times as fast as torch" in found.why
        else:
            assert f"{name} predicts otherwise" in found.why


def test_one_slow_turn_decides_nothing(
    runtimes: Callable[[dict[str, tuple[float, Change]]], tuple[Classifier, Stopwatch]],
) -> None:
    classifier, clock = runtimes({"onnxruntime": (0.5, same)})
    ticks = iter(range(1000))

    def disturbed() -> float:
        clock.now += 50.0 * (next(ticks) == 3)  # in the middle of onnxruntime's first turn
        return clock.now

    found = fastest(classifier, [ONNX], BATCHES, 4, clock=disturbed)
    assert found.classifier.runtime.name == "onnxruntime"


@pytest.mark.parametrize(("gain", "wanted"), [(1.0, "bfloat16"), (1e-3, "tf32")])
def test_a_precision_that_blurs_what_tells_classes_apart_is_not_taken(
    tiny: Classifier, gain: float, wanted: str
) -> None:
    middle = 0.5 + gain * (
        torch.rand(40, 3, 1, 1, generator=torch.Generator().manual_seed(1)) - 0.5
    )
    batches = list(middle.expand(-1, -1, 64, 64).split(8))
    assert keeping_precision(tiny, batches, 8) == wanted


@pytest.mark.parametrize(
    ("wrong", "wanted"),
    [
        ({}, "bfloat16"),
        ({"bfloat16": 1}, "bfloat16"),  # of 200: half a percent
        ({"bfloat16": 2}, "tf32"),
        ({"bfloat16": 2, "tf32": 2}, "float32"),
    ],
)
def test_the_coarsest_precision_that_keeps_the_predictions(
    tiny: Classifier, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, int], wanted: str
) -> None:
    def answer(run: Classifier, images: Tensor, batch: int) -> tuple[Encoded, Tensor]:
        logits = torch.tensor([[1.0, 0.0]]).repeat(len(images), 1)
        if images.max() > 0:  # the last batch
            logits[: wrong.get(run.runtime.precision, 0)] *= -1
        return Encoded(images[:, :, :2, :2], images[:, :0, 0]), logits

    monkeypatch.setattr(room, "encode_and_classify", answer)
    batches = [torch.zeros(100, 3, 2, 2), torch.ones(100, 3, 2, 2)]
    assert keeping_precision(tiny, batches, 100) == wanted
