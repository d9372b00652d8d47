"""The file of a network for the browser: a safetensors file whose header holds the layers, too."""

import json
from dataclasses import replace
from typing import Any

import torch

from lens_site.browser.arrays import compact, notes_of, pack
from lens_site.browser.describe import describe
from lens_site.browser.replay import replay
from lens_site.browser.steps import Step, UnknownOperation
from lens_site.classifier import Classifier
from lens_site.classifier.preprocessing import LONGEST
from lens_site.classifier.split import LinearHead
from lens_site.errors import first_line

INTERPOLATIONS = ("bilinear", "bicubic", "lanczos", "box", "hamming")
"""What the browser's resizing knows: Pillow's filters."""

SINGLE = ("bias", "scale", "shift")
"""Arrays kept in single precision: small, and added to sums."""

TOLERANCE = 0.02
"""Largest difference of logits, as a part of the largest, that half precision may make."""

Halves = dict[str, list[Step]]
"""``encoder`` and ``head``."""


class NotInBrowser(Exception):
    """Why the browser cannot run a network: one sentence."""


def export(classifier: Classifier, *, limit: int) -> bytes:
    """Return the file; ``limit`` is the size in MB (10⁶ bytes) that it may have.

    Weights are in half precision where it holds them, biases in single. The same network gives
    the same bytes.

    Raises
    ------
    NotInBrowser
        For a network that is not made of the usual convolutional layers, or is too large.
    """
    parts, sizes = classifier.parts, classifier.preprocessing
    if parts.graphs is None:
        raise NotInBrowser(f"{classifier.name} cannot be traced, so its layers are not known.")
    smaller = sizes.resize < sizes.crop and not sizes.squash
    if smaller or sizes.interpolation not in INTERPOLATIONS:
        raise NotInBrowser(
            f"{classifier.name} resizes its pictures to {sizes.resize} by {sizes.interpolation}, "
            "which the browser's part does not know."
        )
    _refuse_large(classifier.name, classifier.parameters * 2, limit)  # before the work
    try:
        halves = _stored(_halves(classifier))
        change = _change(classifier, halves)
    except Exception as error:  # a network can be unusual in as many ways as it can be written
        raise NotInBrowser(
            f"The browser runs the usual convolutional networks, and {classifier.name} has a part "
            f"that they have not ({first_line(error)})."
        ) from error
    if not change < TOLERANCE:
        raise NotInBrowser(
            f"In half precision, as the browser would have them, the logits of {classifier.name} "
            f"change by {change:.1%}."
        )
    arrays = {
        f"{half}.{number}.{name}": array.cpu().numpy()
        for half, steps in halves.items()
        for number, step in enumerate(steps, start=1)
        for name, array in step.arrays.items()
    }
    layers = {half: [_json(step) for step in steps] for half, steps in halves.items()}
    data = pack(arrays, **_facts(classifier), **layers)
    _refuse_large(classifier.name, len(data), limit)
    return data


def is_current(data: bytes, classifier: Classifier, *, limit: int) -> bool:
    """Whether ``export`` would make this file of the network, whose weights are those it has."""
    facts = json.loads(json.dumps(_facts(classifier)))
    return len(data) <= limit * 1e6 and facts.items() <= notes_of(data).items()


def _halves(classifier: Classifier) -> Halves:
    """List the steps of encoder and head.

    Raises
    ------
    UnknownOperation
        For what the list has no word for.
    """
    parts = classifier.parts
    assert parts.graphs is not None
    encoder = describe(parts.graphs[0])
    if encoder[-1].shape != parts.feature_shape:
        raise UnknownOperation("activations that are no maps")
    if parts.linear is not None:
        return {"encoder": encoder, "head": _linear_head(parts.linear, parts.feature_shape)}
    return {"encoder": encoder, "head": describe(parts.graphs[1])}


def _stored(halves: Halves) -> Halves:
    """Round the weights to what will be stored."""

    def rounded(step: Step) -> Step:
        arrays = {
            name: array.detach().float().cpu() if name in SINGLE
            else torch.from_numpy(compact(array.detach().float().cpu().numpy()))
            for name, array in step.arrays.items()
        }  # fmt: skip
        return replace(step, arrays=arrays)

    return {half: [rounded(step) for step in steps] for half, steps in halves.items()}


@torch.no_grad()
def _change(classifier: Classifier, halves: Halves) -> float:
    """Return how far the logits of the steps are from the network's, on noise."""
    side = classifier.preprocessing.crop
    noise = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    wanted = classifier.head(classifier.encode(noise)).cpu()
    got = replay(halves["head"], replay(halves["encoder"], noise)).reshape(wanted.shape)
    return float((got - wanted).abs().max() / wanted.abs().max().clamp_min(1e-12))


def _refuse_large(name: str, size: int, limit: int) -> None:
    if size > limit * 1e6:
        raise NotInBrowser(
            f"{name} weighs {size / 1e6:.0f} MB in the browser, more than the {limit} MB that "
            "--browser-limit allows."
        )


def _linear_head(head: LinearHead, shape: tuple[int, int, int]) -> list[Step]:
    classes, p = head.weight.shape
    arrays = {"weight": head.weight, "bias": head.bias}
    return [
        Step("mean", (0,), shape, (p,)),
        Step("linear", (1,), (p,), (classes,), arrays=arrays),
    ]


def _facts(classifier: Classifier) -> dict[str, Any]:
    """Return what the browser has to know beside the layers."""
    return {
        "name": classifier.name,
        "preprocessing": {**classifier.preprocessing.record(), "longest": LONGEST},
        "feature_shape": classifier.parts.feature_shape,
        "linear": classifier.linear is not None,
        "labels": [classifier.labels[i].name for i in range(len(classifier.labels))],
    }


def _json(step: Step) -> dict[str, Any]:
    return {
        "op": step.op,
        "inputs": step.inputs,
        "before": step.before,
        "shape": step.shape,
        "act": step.act,
        **step.settings,
    }
