"""What to compute and what to leave: a pure function of the predictions and the last results."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lens_site.classes.inputs import ClassImages
from lens_site.config import BuildConfig
from lens_site.results.numbers import digest
from lens_site.results.predictions import Prediction


@dataclass(frozen=True)
class Images:
    """All images of the source, in its order; a label of −1 is none."""

    rows: Sequence[Prediction]
    names: Sequence[str]
    labels: Sequence[int]


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
    members: dict[int, list[int]] = defaultdict(list)
    for position, row in enumerate(images.rows):
        if row.predicted >= 0:
            members[row.predicted].append(position)
    compute, current, few, positions = [], [], {}, {}
    for index in selected:
        predicted = members.get(index, [])
        if len(predicted) < config.min_images:
            few[index] = len(predicted)
            continue
        chosen = choose(predicted, config.max_images, seed=config.seed, index=index)
        of_class = _class_images(index, chosen, len(predicted), images, run)
        if keys.get(index) == of_class.key and not config.force:
            current.append(of_class)
        else:
            compute.append(of_class)
            positions[index] = chosen
    return Plan(tuple(compute), positions, tuple(current), few)


def choose(positions: Sequence[int], most: int, *, seed: int, index: int) -> tuple[int, ...]:
    """At most ``most`` of the images of a class, drawn by the seed, in the order of the source."""
    if len(positions) <= most:
        return tuple(positions)
    drawn = np.random.default_rng([seed, index]).choice(len(positions), size=most, replace=False)
    return tuple(positions[i] for i in np.sort(drawn))


def _class_images(
    index: int, chosen: Sequence[int], predicted: int, images: Images, run: str
) -> ClassImages:
    rows, names, labels = images.rows, images.names, images.labels
    facts = [(names[i], rows[i].digest, labels[i]) for i in chosen]
    return ClassImages(
        index=index,
        key=digest([run, index, predicted, facts]),
        predicted=predicted,
        names=tuple(names[i] for i in chosen),
        labels=np.array([labels[i] for i in chosen], dtype=np.int64),
        probabilities=tuple(rows[i].probability for i in chosen),
        logits=tuple(rows[i].logit for i in chosen),
    )
