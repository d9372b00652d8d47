"""What the network says of pictures whose strongest places of a concept are blurred."""

import math
from typing import Any

import numpy as np
from oracles.page.agreement import Near
from oracles.page.subject import Subject


def coverings(it: Subject) -> list[dict[str, Any] | None]:
    """Fall of what is explained for each concept, beside as many other places of the same images.

    The other places are those that the seed of a build draws: NumPy's generator, once in every
    image that any concept is tried on, the first image first.
    """
    _, h, w, k = it.codes.shape
    places, random = max(1, round(6 / 49 * h * w)), np.random.default_rng(it.seed)
    if h * w < 2 * places:
        return [None] * k
    tried = _tried(it.codes)
    images = sorted({x for some in tried for x in some})
    drawn = [random.choice(h * w, places, replace=False) for _ in images]
    at_random = dict(zip(images, _covered(it, images, drawn), strict=True)) if images else {}
    y, found = it.explained(it.logits), []
    for i, some in enumerate(tried):
        size = np.abs(y[some]).sum()
        if not some or not size:
            found.append(None)
            continue
        strongest = [np.argsort(-it.codes[x, ..., i].ravel(), kind="stable") for x in some]
        after = _covered(it, some, [order[:places] for order in strongest])
        random_after = [at_random[x] for x in some]
        found.append(
            {
                "fall": Near((y[some] - after).sum() / size, 1e-4),
                "fall_at_random": Near((y[some] - random_after).sum() / size, 1e-4),
                "images": len(some),
                "places": places,
            }
        )
    return found


def _tried(codes: np.ndarray) -> list[list[int]]:
    """Images that each concept is tried on: those with most of it, eight to three of them.

    As many as keep the covered pictures, one a concept and image and one an image, within .35 of
    the images of the class, or twelve; where three are too many, the last concepts have none.
    """
    n, k = len(codes), codes.shape[3]
    means, present = codes.mean(axis=(1, 2)), codes.max(axis=(1, 2)) > 0
    orders = [np.argsort(-means[:, i], kind="stable") for i in range(k)]
    most = max(12, round(0.35 * n))
    for many in (8, 7, 6, 5, 4, 3):
        tried = [[int(x) for x in orders[i][:many] if present[x, i]] for i in range(k)]
        if _pictures(tried) <= most:
            return tried
    fewer = next(m for m in range(k, -1, -1) if _pictures(tried[:m]) <= most)
    return tried[:fewer] + [[] for _ in range(k - fewer)]


def _pictures(tried: list[list[int]]) -> int:
    return sum(map(len, tried)) + len({x for some in tried for x in some})


def _covered(it: Subject, images: list[int], chosen: list[np.ndarray]) -> np.ndarray:
    """What is explained, of the pictures with these places blurred."""
    _, h, w, _ = it.codes.shape
    pictures = it.pictures[images].copy()
    side = pictures.shape[2]
    around = _blur(side)
    for picture, places in zip(pictures, chosen, strict=True):
        soft = around @ picture.astype(np.float64) @ around.T
        for row, column in (divmod(int(place), w) for place in places):
            down = slice(round(row / h * side), round((row + 1) / h * side))
            across = slice(round(column / w * side), round((column + 1) / w * side))
            picture[:, down, across] = soft[:, down, across]
    return it.explained(it.network.logits(it.network.encode(pictures)), images)


def _blur(side: int) -> np.ndarray:
    """One axis of the blur as a matrix: means of 28 bins, a Gaussian of 3 of them, and back."""
    bins = min(28, side)
    means = np.zeros((bins, side))
    for i in range(bins):
        means[i, i * side // bins : math.ceil((i + 1) * side / bins)] = 1
    means /= means.sum(axis=1, keepdims=True)
    at = np.arange(bins)
    bell = np.exp(-((at[:, None] - at) ** 2) / 18)
    bell /= bell.sum(axis=1, keepdims=True)
    back = np.zeros((side, bins))
    for j, place in enumerate(np.clip((np.arange(side) + 0.5) * bins / side - 0.5, 0, bins - 1)):
        low = int(place)
        back[j, low] += 1 - (place - low)
        back[j, min(low + 1, bins - 1)] += place - low
    return back @ bell @ means
