"""What the network says of pictures whose strongest places of a concept are blurred."""

import math
from typing import Any

import numpy as np
from oracles.page.agreement import Near
from oracles.page.subject import Subject


def coverings(it: Subject) -> list[dict[str, Any] | None]:
    """Fall of the class logit of each concept, beside as many other places of the same images.

    The other places are those that the seed of a build draws: NumPy's generator, concept
    after concept, image after image.
    """
    n, h, w, k = it.codes.shape
    places, random = max(1, round(6 / 49 * h * w)), np.random.default_rng(it.seed)
    tried = min(8, max(3, round(0.4 * n / (2 * k))))
    found: list[dict[str, Any] | None] = []
    for i in range(k):
        codes = it.codes[..., i].reshape(n, -1)
        images = [
            x for x in np.argsort(-codes.mean(axis=1), kind="stable")[:tried] if codes[x].any()
        ]
        pairs = []
        for x in images:
            order = np.argsort(-codes[x], kind="stable")
            pairs.append((order[:places], random.choice(order[places:], places, replace=False)))
        if not images:
            found.append(None)
            continue
        size = np.abs(it.logits[images, it.index]).sum()
        falls = [
            (it.logits[images, it.index] - _covered(it, images, chosen)).sum() / size
            for chosen in zip(*pairs, strict=True)
        ]
        found.append(
            {
                "fall": Near(falls[0], 1e-4),
                "fall_at_random": Near(falls[1], 1e-4),
                "images": len(images),
                "places": places,
            }
        )
    return found


def _covered(it: Subject, images: list[int], chosen: tuple[np.ndarray, ...]) -> np.ndarray:
    """y' of the pictures with these places blurred."""
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
    return it.network.logits(it.network.encode(pictures))[:, it.index]


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
