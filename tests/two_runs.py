"""Two tiny runs on the same images, their codes planted: what compares runs reads these."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save
from tiny_results import Made, make_class, make_run

from lens_site.results import store

SIDE = 5

ESPRESSO, CUP, EGGNOG = (967, "espresso"), (968, "cup"), (969, "eggnog")


def codes(count: int, *, seed: int, images: int = 40) -> np.ndarray:
    """Codes as those of a network are: each image holds more or less of a concept."""
    draw = np.random.default_rng(seed)
    held = draw.gamma(1.0, size=(images, 1, 1, count))
    return held * draw.gamma(1.0, size=(images, SIDE, SIDE, count))


def coded(
    name: tuple[int, str], array: np.ndarray, images: Sequence[int], key: str = "key"
) -> Made:
    """A class of these images, by number, with these codes."""
    made, files = make_class(*name, images=len(images), concepts=array.shape[3], wrong=0)
    directions = np.random.default_rng(array.shape[3]).gamma(0.5, size=(array.shape[3], 16))
    files[store.ARRAYS] = save(
        {"codes": array.astype(np.float16), "dictionary": directions.astype(np.float32)}
    )
    named = tuple(
        image.model_copy(update={"key": f"photos/{number}.jpg"})
        for image, number in zip(made.images, images, strict=True)
    )
    update = {
        "key": key, "images": named, "grid": array.shape[1:3],
        "files": {file: store.sha256(data) for file, data in files.items()},
    }  # fmt: skip
    return made.model_copy(update=update), files


def write_side(
    folder: Path, run: str, *classes: Made, facts: Mapping[str, Any] | None = None, **config: str
) -> Path:
    """Write a run under its name, its network changed by ``facts``."""
    for result, files in classes:
        store.write_class(folder / run, result, files)
    record = make_run(*classes, absent=(), **config)
    network = record.classifier.model_copy(update=dict(facts or {}))
    store.write_run(folder / run, record.model_copy(update={"run": run, "classifier": network}))
    return folder / run


def write_two(folder: Path) -> tuple[Path, Path]:
    """Two networks that share a concept of espresso, and say otherwise of some cups.

    Of espresso both explain images 0 to 39, and concept 2 of the first is concept 1 of the second;
    what else they have is their own. Of the cups, 100 to 139, the second calls the last ten eggnog.
    """
    shared, mine, theirs = codes(1, seed=1), codes(2, seed=2), codes(2, seed=3)
    espresso = range(40)
    first = write_side(
        folder, "net-a",
        coded(ESPRESSO, np.concatenate([mine[..., :1], shared, mine[..., 1:]], axis=3), espresso),
        coded(CUP, codes(2, seed=4), range(100, 140)),
    )  # fmt: skip
    second = write_side(
        folder, "net-b",
        coded(ESPRESSO, np.concatenate([3 * shared, theirs], axis=3), espresso),
        coded(CUP, codes(2, seed=5, images=30), range(100, 130)),
        coded(EGGNOG, codes(2, seed=6, images=10), range(130, 140)),
        facts={"name": "OtherNet", "weights_sha256": "1" * 64},
    )  # fmt: skip
    return first, second
