"""A whole build against its own bare forward passes, both in one run.

The bare passes see the same images in the same batches, already decoded and in memory, and
keep only the logits: once by the network as it comes, once by its two halves as Lens runs them,
batch norms folded. What the build adds (decoding, concepts, importance, strategies, pictures,
pages, search) is what Lens itself costs.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

from lens_site.bench.machine import machine
from lens_site.bench.subject import prepared
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.build import build
from lens_site.images import open_source
from lens_site.site.publish.render import render

Network = Callable[[Tensor], Tensor]

KEPT = 0.995
"""bfloat16 is worth its speed when at least so many predictions stay the same."""


def bench_build(config: BuildConfig, *, say: Callable[[str], None]) -> dict[str, object]:
    """Measure forward passes (float32, bfloat16, folded), a whole build, and a second build.

    Returns seconds, images a second, the ratio of the build to its forward passes, and the
    fraction of predictions that bfloat16, and folding, leave as they are.
    """
    keep_freed_memory()
    source = open_source(config.data)
    classifier = load_classifier(
        config.model, weights=config.weights, device=config.device, layer=config.layer
    )
    images = prepared(source, range(len(source.keys)), classifier, config)
    single = _forward(images, classifier.network, classifier, torch.float32)
    say(f"forward passes, float32: {single.rate:.0f} images/s")
    half = _forward(images, classifier.network, classifier, torch.bfloat16)
    agreement = single.agreement(half)
    say(f"forward passes, bfloat16: {half.rate:.0f} images/s, {agreement:.2%} same predictions")
    folded = _forward(images, _halves(classifier), classifier, torch.float32)
    say(
        f"forward passes, batch norms folded: {folded.rate:.0f} images/s, "
        f"{single.agreement(folded):.2%} same predictions"
    )
    del images
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
        "folded_images_per_s": folded.rate,
        "folded_same_predictions": single.agreement(folded),
        "build_s": whole,
        "stages_s": stages,
        "build_over_forward": whole / single.seconds,
        "build_over_folded_forward": whole / folded.seconds,
        "second_build_s": sum(again.values()),
    }


@dataclass(frozen=True)
class Forward:
    """Seconds and predictions of bare forward passes over all readable images."""

    seconds: float
    predicted: Int[Tensor, " images"]

    def agreement(self, other: "Forward") -> float:
        """Fraction of images that both predict alike."""
        return float((self.predicted == other.predicted).float().mean())

    @property
    def rate(self) -> float:
        """Images a second."""
        return len(self.predicted) / self.seconds


def _halves(classifier: Classifier) -> Network:
    return lambda images: classifier.parts.head(classifier.parts.encode(images))


@torch.no_grad()
def _forward(
    images: list[Tensor], network: Network, classifier: Classifier, dtype: torch.dtype
) -> Forward:
    """Time the network alone, after one pass to warm up."""

    def predicted(batch: Tensor) -> Tensor:
        return network(classifier.place(batch)).argmax(dim=1).cpu()

    with torch.autocast(classifier.device.type, dtype=dtype, enabled=dtype is not torch.float32):
        predicted(images[0])
        begun = time.perf_counter()
        parts = [predicted(batch) for batch in images]
        return Forward(time.perf_counter() - begun, torch.cat(parts))


def _timed_build(config: BuildConfig) -> dict[str, float]:
    begun = time.perf_counter()
    run_dir, _ = build(config, report=lambda event: None)
    computed = time.perf_counter()
    render(run_dir, config.out / "site", base_url=config.base_url)
    return {"compute": computed - begun, "render": time.perf_counter() - computed}
