"""What to compute and what to leave: a pure function of the predictions and the last results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from lens_site.classes.inputs import ClassImages
from lens_site.config import BuildConfig
from lens_site.engine.reservoir import choose
from lens_site.results.numbers import digest
from lens_site.results.predictions import Predictions


@dataclass(frozen=True)
class Images:
    """All images of the source, in its order; a label of −1 is none."""

    rows: Predictions
    names: Sequence[str]
    labels: Int[np.ndarray, " n"]


@dataclass(frozen=True)
class Plan:
    """Classes to compute, classes whose result is still right, and classes with too few images.

    ``positions`` gives, for every class to compute, the places of its images in the source.
    """

    compute: tuple[ClassImages, ...]
    positions: Mapping[int, tuple[int, ...]]
    current: tuple[ClassImages, ...]
    few: Mapping[int, int]


def make_plan(
    images: Images,
    selected: Sequence[int],
    config: BuildConfig,
    *,
    run: str,
    keys: Mapping[int, str],
) -> Plan:
    """Group images by predicted class and compare each class with its last result.

    Parameters
    ----------
    images
        All images of the source.
    selected
        Class indices asked for.
    config
        Says how few and how many images make a class.
    run
        Name of the run: a hash of all that shapes its results, code and weights included.
    keys
        ``ClassResult.key`` of the classes already there.
    """
    order = np.argsort(images.rows.predicted, kind="stable")
    predicted = images.rows.predicted[order]
    begins, ends = (
        np.searchsorted(predicted, np.array(selected, predicted.dtype), side).tolist()
        for side in ("left", "right")
    )
    compute, current, few, positions = [], [], {}, {}
    for index, first, last in zip(selected, begins, ends, strict=True):
        if last - first < config.min_images:
            few[index] = last - first
            continue
        chosen = choose(order[first:last], config.max_images, images.names, config.seed)
        of_class = class_images(index, chosen, last - first, images, run)
        if keys.get(index) == of_class.key and not config.force:
            current.append(of_class)
        else:
            compute.append(of_class)
            positions[index] = chosen
    return Plan(tuple(compute), positions, tuple(current), few)


def class_images(
    index: int, chosen: Sequence[int], predicted: int, images: Images, run: str
) -> ClassImages:
    """Gather what a class is computed from: of so many predicted images those that were chosen."""
    rows, at = images.rows, list(chosen)
    names, labels = tuple(images.names[i] for i in chosen), images.labels[at]
    digests = [rows.hexadecimal(i) for i in chosen]
    facts = list(zip(names, digests, labels.tolist(), strict=True))
    return ClassImages(
        index=index,
        key=digest([run, index, predicted, facts]),
        predicted=predicted,
        names=names,
        labels=labels,
        probabilities=tuple(round(p, 6) for p in rows.probability[at].tolist()),
        logits=tuple(round(y, 5) for y in rows.logit[at].tolist()),
    )
