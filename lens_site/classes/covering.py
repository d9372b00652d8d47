"""A check outside the algebra: cover the places of a concept in the picture, ask the network.

Notation (methods.md §6): class logit y of a picture, or its lead over the runner-up where that is
explained, y' of the covered one; k concepts, a grid of h × w places of n images. Each concept is
tried on a few images, those with most of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lens_site.activations.encode import encode_and_classify
from lens_site.classifier import Classifier
from lens_site.results.numbers import rounded
from lens_site.results.schema import Covering

LEAST, MOST = 3, 8
"""Images that a concept is tried on. In ten concepts of a real class, figures from two images had a
correlation of .46 with those from sixteen, from three .81, from eight .97."""

PASSES, FEWEST = 0.35, 12
"""Covered pictures of a class for each of its images, and of any class: a fifth of the class's
other work at most, the first pass over its images counted."""

COVERED = 6 / 49
"""Places covered, of all of a picture."""

COARSE, SPREAD = 28, 3.0
"""Side of the small picture that is blurred, and the deviation of the Gaussian there."""

Prepared = Callable[[int], Float[Tensor, "3 side side"]]
"""``prepared(i)`` is the network's input for image i."""

Mask = Bool[np.ndarray, "h w"]


@dataclass(frozen=True)
class Trial:
    """One covered picture: which image, which places, and of what concept; None: at random."""

    concept: int | None
    image: int
    mask: Mask


def cover(
    classifier: Classifier,
    index: int,
    prepared: Prepared,
    codes: Float[np.ndarray, "n h w k"],
    values: Float[np.ndarray, " n"],
    boxes: Float[np.ndarray, "h w 4"],
    rivals: Int[Tensor, " n"] | None = None,
    *,
    batch_size: int,
    generator: np.random.Generator,
) -> tuple[Covering | None, ...]:
    """Say of each concept how far the logit falls when the places with most of it are covered.

    The fall is Σ (y − y') / Σ |y| over the images: the mean relative fall, images weighted by
    their logit, for one near zero would outweigh all others. Beside it the same for as many
    places drawn at random, once in each image, whatever the concept. ``boxes`` are the parts of the
    picture that places stand for, ``cells`` or ``crops.boxes``; ``values`` are y, less the logits
    of the ``rivals`` where they are given.

    None for a concept whose codes are nowhere above zero, for the last ones of a class that is
    too small for all (see ``PASSES``), for a grid without other places, and where the values are
    zero.
    """
    h, w, k = codes.shape[1:]
    places = max(1, round(COVERED * h * w))
    if h * w < 2 * places:
        return tuple(None for _ in range(k))
    chosen = choose_images(codes)
    trials = [
        Trial(i, int(image), _mask(strongest[:places], (h, w)))
        for i in range(k)
        for image in chosen[i]
        for strongest in [np.argsort(-codes[image, ..., i].ravel(), kind="stable")]
    ]
    for image in sorted({trial.image for trial in trials}):
        at_random = generator.choice(h * w, places, replace=False)
        trials.append(Trial(None, image, _mask(at_random, (h, w))))
    covered = _logits(classifier, prepared, trials, boxes, batch_size)
    y = covered[:, index]
    if rivals is not None:
        of_trials = rivals[[trial.image for trial in trials]].to(covered.device)
        y = y - covered.gather(1, of_trials[:, None])[:, 0]
    after = y.cpu().numpy()
    return tuple(_figures(i, chosen[i], trials, after, values, places) for i in range(k))


def cells(h: int, w: int) -> Float[np.ndarray, "h w 4"]:
    """Left, top, right, bottom of every cell of a grid, as fractions of the picture."""
    left, top = np.meshgrid(np.arange(w) / w, np.arange(h) / h)
    return np.stack([left, top, left + 1 / w, top + 1 / h], axis=-1)


def choose_images(codes: Float[np.ndarray, "n h w k"]) -> list[Int[np.ndarray, " _"]]:
    """Images that each concept is tried on: as many as the covered pictures of a class allow.

    That is ``MOST`` down to ``LEAST`` images for every concept, the same for all; where even these
    are too much, the first concepts alone are tried.
    """
    n, k = len(codes), codes.shape[3]
    budget = max(FEWEST, round(PASSES * n))
    for many in range(MOST, LEAST - 1, -1):
        chosen = [strongest_images(codes[..., i], many) for i in range(k)]
        if _pictures(chosen) <= budget:
            return chosen
    while _pictures(chosen) > budget:
        last = max(i for i in range(k) if len(chosen[i]))
        chosen[last] = chosen[last][:0]
    return chosen


def _pictures(chosen: list[Int[np.ndarray, " _"]]) -> int:
    """Covered pictures that a choice comes to: one a concept and image, and one an image."""
    images = np.concatenate(chosen)
    return len(images) + len(np.unique(images))


def strongest_images(codes: Float[np.ndarray, "n h w"], most: int) -> Int[np.ndarray, " images"]:
    """Images with the largest mean code, largest first; those without any are left out."""
    means = codes.mean(axis=(1, 2), dtype=np.float64)
    order: np.ndarray = np.argsort(-means, kind="stable")[:most]
    chosen: np.ndarray = order[codes[order].max(axis=(1, 2)) > 0]
    return chosen


def blur(images: Float[Tensor, "n 3 side side"]) -> Float[Tensor, "n 3 side side"]:
    """Strongly blurred pictures: means of the colors around, weighted by a Gaussian.

    What we chose: blurring rather than filling a hole from its border, for at random places it
    moves the logit a little less; concepts differ from these in the same ratio with both.
    """
    side = images.shape[2]
    small = torch.nn.functional.adaptive_avg_pool2d(images, min(COARSE, side))
    places = torch.arange(small.shape[2], dtype=images.dtype, device=images.device)
    kernel = torch.exp(-((places[:, None] - places) ** 2) / (2 * SPREAD**2))
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    return torch.nn.functional.interpolate(
        kernel @ small @ kernel.T, size=side, mode="bilinear", align_corners=False
    )


def _mask(places: Int[np.ndarray, " places"], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, dtype=bool)
    mask.flat[places] = True
    return mask


def _logits(
    classifier: Classifier,
    prepared: Prepared,
    trials: list[Trial],
    boxes: Float[np.ndarray, "h w 4"],
    batch_size: int,
) -> Float[Tensor, "trials classes"]:
    """Return the logits of every covered picture; each picture is prepared once."""
    pictures: dict[int, Tensor] = {}
    made = []
    for start in range(0, len(trials), batch_size):
        part = trials[start : start + batch_size]
        for trial in part:
            if trial.image not in pictures:
                pictures[trial.image] = prepared(trial.image)
        images = torch.stack([pictures[trial.image] for trial in part])
        masks = torch.stack([_pixels(trial.mask, boxes, images.shape[2]) for trial in part])
        seen = torch.where(masks[:, None], blur(images), images)
        _, logits = encode_and_classify(classifier, seen, batch_size)
        made.append(logits)
    return torch.cat(made) if made else torch.zeros(0, len(classifier.labels))


def _pixels(mask: Mask, boxes: Float[np.ndarray, "h w 4"], side: int) -> Bool[Tensor, "side side"]:
    pixels = torch.zeros(side, side, dtype=torch.bool)
    for left, top, right, bottom in np.rint(boxes[mask] * side).astype(int):
        pixels[top:bottom, left:right] = True
    return pixels


def _figures(
    concept: int,
    images: Int[np.ndarray, " images"],
    trials: list[Trial],
    covered: Float[np.ndarray, " trials"],
    values: Float[np.ndarray, " n"],
    places: int,
) -> Covering | None:
    size = float(np.abs(values[images]).sum())
    if not size:
        return None

    def fall(of: int | None) -> float:
        mine = [
            float(values[trial.image] - y)
            for trial, y in zip(trials, covered, strict=True)
            if trial.concept == of and trial.image in images
        ]
        return rounded(sum(mine) / size)

    return Covering(
        fall=fall(concept), fall_at_random=fall(None), images=len(images), places=places
    )
