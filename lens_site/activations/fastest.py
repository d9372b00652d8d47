"""Which runtime, and on a GPU which precision, the passes of a set get: measured, never guessed.

PyTorch in float32 is what all are held to. On a CPU another runtime has to predict the same for
every image it was tried on, with activations that differ by rounding; on a GPU, where bfloat16 is
the point, all but one prediction in two hundred have to stay.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import get_args

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.activations.encode import encode_and_classify
from lens_site.classifier import Classifier, Encoded
from lens_site.classifier.runtimes import NoRuntime, run_on
from lens_site.results.schema import Precision, Runtime

FASTER = 1.15
"""So many times as fast as PyTorch is worth another runtime."""

ROUNDS = 5
"""Turns that each runtime gets; their median counts, for a machine has other work, too."""

CLOSE = 1e-3
"""Largest difference of activations, as a part of the largest."""

KEPT = 0.995
"""Fraction of predictions that another precision has to keep."""

Images = Float[Tensor, "n 3 side side"]
Answer = tuple[Encoded, Float[Tensor, "n classes"]]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Found:
    """The classifier on the runtime that was chosen, and why, in a few words for the terminal."""

    classifier: Classifier
    why: str


def fastest(
    classifier: Classifier,
    others: Sequence[Runtime],
    batches: Sequence[Images],
    batch_size: int,
    *,
    clock: Clock = time.perf_counter,
) -> Found:
    """Return the fastest of the classifier as it is and of ``others``, tried on ``batches``."""
    wanted = [encode_and_classify(classifier, images, batch_size) for images in batches]
    runs, reasons = [classifier], []
    for runtime in others:
        try:
            run = run_on(classifier, runtime, batch_size)
        except NoRuntime as reason:
            reasons.append(str(reason))
            continue
        got = [encode_and_classify(run, images, batch_size) for images in batches]
        if _agree(wanted, got, exactly=classifier.device.type == "cpu"):
            runs.append(run)
        else:
            reasons.append(f"{runtime.name} predicts otherwise")
    seconds = _seconds(runs, batches, batch_size, clock)
    ratios = [seconds[0] / s for s in seconds]
    best = max(range(len(runs)), key=ratios.__getitem__)
    if ratios[best] < FASTER:
        best = 0
    words = [
        f"{run.runtime.name} {ratio:.2f} times as fast as {classifier.runtime.name}"
        for run, ratio in zip(runs[1:], ratios[1:], strict=True)
    ]
    return Found(runs[best], "; ".join([*words, *reasons]))


def keeping_precision(
    classifier: Classifier, batches: Iterable[Images], batch_size: int
) -> Precision:
    """Return the coarsest precision that leaves ``KEPT`` of the predictions as float32 has them."""
    finest_first: tuple[Precision, ...] = get_args(Precision)
    runs = {p: run_on(classifier, Runtime(precision=p), batch_size) for p in finest_first}
    images, same = 0, dict.fromkeys(finest_first, 0)
    for batch in batches:
        answers = {p: encode_and_classify(run, batch, batch_size) for p, run in runs.items()}
        wanted = _predicted(answers["float32"])
        images += len(batch)
        for p, answer in answers.items():
            same[p] += int((_predicted(answer) == wanted).sum())
    return next(p for p in reversed(finest_first) if same[p] >= KEPT * images)


def _agree(wanted: Sequence[Answer], got: Sequence[Answer], *, exactly: bool) -> bool:
    same = torch.cat([_predicted(a) == _predicted(b) for a, b in zip(wanted, got, strict=True)])
    if not exactly:
        return float(same.float().mean()) >= KEPT
    return bool(same.all()) and all(
        _near(ours, theirs)
        for (a, _), (b, _) in zip(wanted, got, strict=True)
        for ours, theirs in zip(a, b, strict=True)
    )


def _near(wanted: Tensor, got: Tensor) -> bool:
    if wanted.shape != got.shape:
        return False
    if not wanted.numel():
        return True
    return bool((got - wanted).abs().max() <= CLOSE * wanted.abs().max())  # False for NaN


def _predicted(answer: Answer) -> Tensor:
    return answer[1].argmax(dim=1).cpu()


def _seconds(
    runs: Sequence[Classifier], batches: Sequence[Images], batch_size: int, clock: Clock
) -> list[float]:
    """Median seconds of a pass by each; they take turns, so that other work slows all alike."""
    times: list[list[float]] = [[] for _ in runs]
    for turn in range(ROUNDS):
        for run, spent in zip(runs, times, strict=True):
            begun = clock()
            _predicted(encode_and_classify(run, batches[turn % len(batches)], batch_size))
            spent.append(clock() - begun)
    return [median(spent) for spent in times]
