"""A whole build against its own bare forward passes, both in one run.

The bare passes see the same images in the same batches, already decoded and in memory, and
keep only the logits. What the build adds (decoding, concepts, importance, strategies, pictures,
pages, search) is what Lens itself costs.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from lens_site.activations import batches
from lens_site.bench.machine import machine
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.local import build, loading
from lens_site.images import ImageSource, open_source
from lens_site.site.render import render

KEPT = 0.995
"""bfloat16 is worth its speed when at least so many predictions stay the same."""


def bench_build(config: BuildConfig, *, say: Callable[[str], None]) -> dict[str, object]:
    """Measure forward passes in float32 and bfloat16, a whole build, and a second build.

    Returns seconds, images a second, the ratio of the build to its forward passes, and the
    fraction of predictions that bfloat16 leaves as they are.
    """
    keep_freed_memory()
    source = open_source(config.data)
    classifier = load_classifier(
        config.model, weights=config.weights, device=config.device, layer=config.layer
    )
    single = _forward(source, classifier, config, torch.float32)
    say(f"forward passes, float32: {single.rate:.0f} images/s")
    half = _forward(source, classifier, config, torch.bfloat16)
    agreement = float((single.predicted == half.predicted).float().mean())
    say(f"forward passes, bfloat16: {half.rate:.0f} images/s, {agreement:.2%} same predictions")
    with tempfile.TemporaryDirectory() as out:
        inside = config.model_copy(update={"out": Path(out)})
        stages = _timed_build(inside)
        say(f"whole build: {sum(stages.values()):.1f} s {stages}")
        again = _timed_build(inside)
    whole = sum(stages.values())
    return {
        "machine": machine(),
        "data": source.name,
        "model": classifier.name,
        "images": len(single.predicted),
        "forward_s": single.seconds,
        "forward_images_per_s": single.rate,
        "bfloat16_images_per_s": half.rate,
        "bfloat16_same_predictions": agreement,
        "bfloat16_worth_it": agreement >= KEPT,
        "build_s": whole,
        "stages_s": stages,
        "build_over_forward": whole / single.seconds,
        "second_build_s": sum(again.values()),
    }


class Forward:
    """Seconds and predictions of bare forward passes."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.parts: list[Tensor] = []

    @property
    def predicted(self) -> Tensor:
        """Class index of every readable image."""
        return torch.cat(self.parts)

    @property
    def rate(self) -> float:
        """Images a second."""
        return len(self.predicted) / self.seconds


@torch.no_grad()
def _forward(
    source: ImageSource, classifier: Classifier, config: BuildConfig, dtype: torch.dtype
) -> Forward:
    """Time the network alone, a block of decoded batches at a time, after one warm-up pass."""
    measured, kind = Forward(), classifier.device.type
    stream = batches(source, range(len(source.keys)), classifier, loading(config, classifier))
    images = [b.images for b in stream if b.images is not None]
    with torch.autocast(kind, dtype=dtype, enabled=dtype is not torch.float32):
        classifier.head(classifier.encode(images[0]))
        begun = time.perf_counter()
        for batch in images:
            measured.parts.append(classifier.head(classifier.encode(batch)).argmax(dim=1).cpu())
        measured.seconds = time.perf_counter() - begun
    return measured


def _timed_build(config: BuildConfig) -> dict[str, float]:
    begun = time.perf_counter()
    run_dir, _ = build(config, report=lambda event: None)
    computed = time.perf_counter()
    render(run_dir, config.out / "site", base_url=config.base_url)
    return {"compute": computed - begun, "render": time.perf_counter() - computed}
