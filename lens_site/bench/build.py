"""A whole build against its own bare forward passes and against its limits, all in one run.

The bare passes see the same images in the same batches, already decoded and in memory, and
keep only the logits: once by the network as it comes, once by its two halves as Lens runs them,
batch norms folded. What the build adds (decoding, concepts, importance, strategies, pictures,
pages, search) is what Lens itself costs. Decoding and encoding are its limits (``bench.limits``):
no build is faster than the slower of the two.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from jaxtyping import Int
from torch import Tensor

from lens_site.bench.limits import ClassCosts, decode_alone, encode_alone
from lens_site.bench.machine import machine
from lens_site.bench.plan import ASSUMED, Job, Machine, Parts, in_words, plan
from lens_site.bench.subject import prepared
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.build import build, open_workshop
from lens_site.images import open_source
from lens_site.site.publish.render import render

Network = Callable[[Tensor], Tensor]

KEPT = 0.995
"""bfloat16 is worth its speed when at least so many predictions stay the same."""

SMALL = 20
"""Images of a class whose cost is told: the fewest that get a page, where --min-images is as it
comes."""


def bench_build(
    config: BuildConfig, *, with_plan: bool, say: Callable[[str], None]
) -> dict[str, object]:
    """Measure forward passes (float32, bfloat16, folded), limits, a whole build, a second build.

    Returns seconds, images a second, the ratio of the build to its forward passes and to the
    slower of its two limits, the fraction of predictions that bfloat16, and folding, leave as they
    are, and the processor seconds of classes of ``SMALL`` images; ``with_plan``, what these come to
    for all of ImageNet (``bench.plan``).
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
    with tempfile.TemporaryDirectory() as out:
        inside = config.model_copy(update={"out": Path(out)})
        workshop = open_workshop(inside)  # the builds will keep the runtime that it finds
        loading, runtime = workshop.loading, workshop.classifier.runtime.in_words
        encoding = encode_alone(images, workshop.classifier, loading)
        say(
            f"encode alone by {runtime}, {loading.workers} at once: "
            f"{len(single.predicted) / encoding:.0f} images/s ({workshop.why or 'not measured'})"
        )
        del images
        decoding = decode_alone(source, classifier, loading)
        say(f"decode alone: {len(source.keys) / decoding:.0f} images/s")
        costs = ClassCosts(config.max_images)
        stages = _timed_build(inside, costs)
        say(f"whole build: {sum(stages.values()):.1f} s {stages}")
        again = _timed_build(inside, ClassCosts(config.max_images))
        small = _small_classes(inside)
        say(f"a class of {SMALL} images: {median(small.seconds):.2f} s of a processor")
    whole = sum(stages.values())
    larger, work = max(decoding, encoding), stages["predict"] + stages["classes"]
    say(f"predicting and classes: {work / larger:.2f} times the larger of decode and encode alone")
    planned: dict[str, object] = {}
    if with_plan:
        on_gpu = workshop.classifier.device.type == "cuda"
        cores = len(os.sched_getaffinity(0))
        here = Machine(
            "the machine at hand", cores, int(on_gpu), on_gpu * len(single.predicted) / encoding
        )
        parts = Parts(
            decode_s=cores * decoding / len(source.keys),
            encode_s=None if on_gpu else cores * encoding / len(single.predicted),
            few=small.middle,
            many=costs.middle,
            render_s=stages["render"] / len(costs.seconds),
        )
        planned["plan"] = _plans(parts, here, say)
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
        "runtime": runtime,
        "decode_alone_s": decoding,
        "decode_images_per_s": len(source.keys) / decoding,
        "encode_alone_s": encoding,
        "encode_images_per_s": len(single.predicted) / encoding,
        "build_s": whole,
        "stages_s": stages,
        "build_over_forward": whole / single.seconds,
        "build_over_folded_forward": whole / folded.seconds,
        "build_over_larger": whole / larger,
        "predict_and_classes_over_larger": work / larger,
        "second_build_s": sum(again.values()),
        "small_class_images": SMALL,
        "small_class_processor_s": median(small.seconds),
        "small_class_processor_s_most": max(small.seconds),
        **planned,
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


def _plans(parts: Parts, here: Machine, say: Callable[[str], None]) -> list[dict[str, object]]:
    """Plan the whole of ImageNet here, and on the machines that are assumed."""
    elsewhere = [m for m in ASSUMED if m.gpus or parts.encode_s is not None]
    plans = [plan(Job(), parts, one) for one in (here, *elsewhere)]
    say(in_words(Job(), parts, plans))
    return [one.record() for one in plans]


def _timed_build(config: BuildConfig, costs: ClassCosts) -> dict[str, float]:
    """Build and render; return the seconds of every stage."""
    run_dir, _ = build(config, report=costs)
    report = json.loads((config.out / "report.json").read_text(encoding="utf-8"))
    computed = time.perf_counter()
    render(run_dir, config.out / "site", base_url=config.base_url)
    return {**report["seconds"]["stages"], "render": time.perf_counter() - computed}


def _small_classes(config: BuildConfig) -> ClassCosts:
    """Build all classes again with ``SMALL`` images each; return the costs of each.

    The predictions are there already, and a class alone at a time is what others do not disturb.
    """
    shutil.rmtree(config.out / "results")
    heard = ClassCosts(SMALL)
    build(config.model_copy(update={"max_images": SMALL, "workers": 1}), report=heard)
    return heard
