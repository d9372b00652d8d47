"""Classes with made-up dictionaries: what the room ``model`` reads, without any file."""

from typing import Any

import numpy as np
from tiny_results import make_class

from lens_site.model.concepts import ClassFacts, Concepts, Labels, gather

CHANNELS = 64


def directions(count: int, *, seed: int) -> np.ndarray:
    """Sparse non-negative directions, as those of a network are: rarely above cosine .6."""
    return np.random.default_rng(seed).gamma(0.3, size=(count, CHANNELS)).astype(np.float32)


def facts(index: int, dictionary: np.ndarray, **given: Any) -> ClassFacts:
    """The facts of one class with this dictionary; what is not given is unremarkable."""
    k = len(dictionary)
    result, _ = make_class(index, f"class {index}", images=40, concepts=k, wrong=None)
    again = given.pop("found_again", 0.8)
    usual: dict[str, Any] = {
        "index": index,
        "slug": result.name.slug,
        "key": f"key {index}",
        "kind": ("nmf", dictionary.shape[1]),
        "images": 40,
        "concepts": tuple(
            c.model_copy(update={"found_again": again, "share_range": (c.share, c.share)})
            for c in result.concepts
        ),
        "strategies": (),
        "labels": Labels(0, 0),
        "led": (Labels(0, 0),) * k,
        "grouped": (),
        "random_patches": 0.4,
        "outside": ((0.4, 0.01),) * k,
        "ring": 24 / 49,
        "dictionary": dictionary,
        "signed": False,
    }
    return ClassFacts(**{**usual, **given})


def many(classes: int, *, seed: int = 0, each: int = 6) -> list[ClassFacts]:
    """Classes that have nothing in common."""
    return [facts(i, directions(each, seed=1000 * seed + i)) for i in range(classes)]


def planted(classes: int, into: tuple[int, ...], *, noise: float = 0.05) -> list[ClassFacts]:
    """The same, with one and the same direction, but for some noise, put into some of them."""
    one = directions(1, seed=77)[0]
    made = many(classes)
    for i in into:
        dictionary = made[i].dictionary.copy()
        grain = np.random.default_rng(i).gamma(0.3, size=CHANNELS)
        dictionary[1 + i % 3] = (1 + i) * (one + noise * grain)  # lengths say nothing
        made[i] = facts(i, dictionary)
    return made


def concepts_of(made: list[ClassFacts]) -> Concepts:
    return gather(made)
