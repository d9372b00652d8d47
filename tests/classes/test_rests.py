"""What the concepts leave out: exact where it may matter, and probabilities kept elsewhere."""

import numpy as np
from scipy.special import softmax

from lens_site.classes.rests import LEAST, MOST, rests

N, CLASSES = 12, 400


def unpacked(table: dict[str, np.ndarray]) -> np.ndarray:
    rest = table["rest_mean"].astype(float) + table["rest_shift"].astype(float)[:, None]
    rest[:, table["rest_classes"]] = table["rest"]
    return rest


def subject() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    logits = generator.normal(scale=3, size=(N, CLASSES))
    return logits, logits - generator.normal(size=(N, CLASSES))


def test_before_any_edit_the_probabilities_of_kept_classes_are_exact() -> None:
    logits, rough = subject()
    table = rests(logits, rough, [])
    kept = table["rest_classes"]
    assert len(set(kept.tolist())) == MOST
    likely = np.argsort(-softmax(logits, axis=1).max(axis=0))[:MOST]
    assert set(kept.tolist()) == set(likely.tolist())
    wanted, got = softmax(logits, axis=1), softmax(rough + unpacked(table), axis=1)
    np.testing.assert_allclose(got[:, kept], wanted[:, kept], atol=2e-3)
    others = np.setdiff1d(np.arange(CLASSES), kept)
    assert np.abs(got - wanted)[:, others].max() > 2e-3, "the others are their mean"


def test_a_class_that_one_edit_makes_likely_is_kept() -> None:
    logits, rough = subject()
    unlikely = int(softmax(logits, axis=1).max(axis=0).argmin())
    edited = logits.copy()
    edited[3, unlikely] += 30
    assert unlikely not in rests(logits, rough, [])["rest_classes"]
    assert unlikely in rests(logits, rough, [edited])["rest_classes"]


def test_few_classes_are_all_exact() -> None:
    logits, rough = (each[:, :5] for each in subject())
    table = rests(logits, rough, [])
    np.testing.assert_allclose(unpacked(table), logits - rough, atol=2e-3)
    assert (table["rest_shift"] == 0).all()


def test_many_images_keep_fewer_classes() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(1000, 200))
    assert len(rests(logits, 0 * logits, [])["rest_classes"]) == LEAST
