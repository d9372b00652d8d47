"""Which classes will have enough images, guessed on the way."""

import numpy as np

from lens_site.activations.predict import PredictedBatch
from lens_site.classifier.labels import plain_labels
from lens_site.config import load_config
from lens_site.engine.events import Expected
from lens_site.engine.expecting import Expecting
from lens_site.results.predictions import identities, nothing_known

NAMES = plain_labels(["red", "green", "blue"])


def expecting(folders: str, known: str = "", **options: object) -> Expecting:
    """Images of folders r, g, b or none; the first of them are known to be predicted so."""
    config = load_config({"min_images": 3, **options})
    keys = tuple(f"{folder}/{i}" for i, folder in enumerate(folders))
    table = nothing_known(identities(keys, keys))
    table.predicted[: len(known)] = ["rgb".index(c) for c in known]
    return Expecting(table, np.array(["rgb".find(f) for f in folders]), NAMES, config)


def batch(first: int, predicted: str) -> PredictedBatch:
    """Images from a position on, predicted as classes r, g, b, or unreadable (-)."""
    of = list(enumerate(predicted, first))
    read, failed = [i for i, c in of if c != "-"], [(i, "empty") for i, c in of if c == "-"]
    classes, some = np.array(["rgb".index(predicted[i - first]) for i in read], np.int64), read[:0]
    none = np.array(some, np.float32)
    return PredictedBatch(read, [], [], classes, none, none, None, failed)


def test_images_to_come_count_as_labeled() -> None:
    expect = expecting("rrrrggggbb")
    assert expect(batch(0, "rr")) == Expected(2, 8)
    assert expect(batch(2, "gg")) == Expected(1, 6)  # two red ones are too few
    assert expect(batch(4, "-ggb")) == Expected(2, 7)
    assert expect(batch(8, "bb")) == Expected(2, 7)


def test_images_without_a_label_are_spread_as_those_that_are_predicted() -> None:
    expect = expecting("." * 12)
    assert expect(batch(0, "rrrg")) == Expected(2, 12)
    assert expect(batch(4, "rrrr")) == Expected(1, 10)  # of one green one 1.5 will be


def test_known_images_count_and_only_what_is_asked_for() -> None:
    assert expecting("rrrrrrrggg", "rrrrr")(batch(5, "gg")) == Expected(2, 10)
    only = expecting("rrrrrrrggg", "rrrrr", classes="red", max_images=4)
    assert only(batch(5, "gg")) == Expected(1, 4)
