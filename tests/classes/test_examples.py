"""How much of a concept the images hold: the bins, and the images from the middle and the end."""

from itertools import pairwise

import numpy as np
import pytest

from lens_site.classes.examples import EXAMPLES, find_examples, histogram
from lens_site.prototypes import windows

BOXES = windows(2, 3)


def rising(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of one concept that rise from image to image, at row 1, column 2; φ is their sum."""
    codes = np.zeros((n, 2, 3, 2))
    codes[:, 1, 2, 0] = np.arange(n)
    codes[:, 0, 0, 1] = 1.0
    return codes, codes.sum(axis=(1, 2))


def test_weak_images_are_the_low_end_of_those_that_need_it() -> None:
    codes, phi = rising(40)
    found = find_examples(codes, phi, phi.argmax(1), BOXES)[0]
    assert [t.image for t in found.weak] == [1, 2, 3, 4, 5], "image 0 holds nothing of it"
    assert [t.image for t in found.typical] == [18, 19, 20, 21, 22]
    assert {(t.row, t.column) for t in (*found.weak, *found.typical)} == {(1, 2)}


def test_an_image_that_does_not_need_the_concept_is_no_weak_one() -> None:
    codes, phi = rising(40)
    phi[:10, 0] = 0.2 * phi[:10, 1]  # under 1/2k = 1/4 of all
    found = find_examples(codes, phi, phi.argmax(1), BOXES)[0]
    assert [t.image for t in found.weak] == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("n", [1, 3, 7, 16, 40])
def test_no_image_is_both_typical_and_weak(n: int) -> None:
    codes, phi = rising(n)
    for found in find_examples(codes, phi, phi.argmax(1), BOXES):
        typical, weak = ({t.image for t in tiles} for tiles in (found.typical, found.weak))
        assert not typical & weak
        assert len(typical) == len(weak) <= EXAMPLES


def test_a_concept_that_never_fires_shows_nothing() -> None:
    codes, phi = rising(20)
    codes[..., 0] = phi[:, 0] = 0.0
    found = find_examples(codes, phi, phi.argmax(1), BOXES)[0]
    assert (found.histogram, found.typical, found.weak) == (None, (), ())


def test_every_image_is_in_one_bin_and_the_led_ones_are_among_them() -> None:
    means = np.random.default_rng(0).random(300)
    leads = np.flatnonzero(means > 0.7)
    found = histogram(means, leads)
    assert found is not None
    assert len(found.counts) == 14, "2 n^⅓"
    assert (sum(found.counts), sum(found.leads)) == (300, len(leads))
    assert (found.low, found.high) == (0.0, pytest.approx(means.max(), rel=1e-5))
    edges = np.linspace(0, means.max(), 15)
    slow = [int(((means >= a) & (means < b)).sum()) for a, b in pairwise(edges)]
    slow[-1] += 1  # the largest stands on the last edge
    assert list(found.counts) == slow
    assert sum(found.leads[:9]) == 0


def test_codes_of_both_signs_begin_at_the_least_one() -> None:
    found = histogram(np.array([-2.0, 0.0, 1.0]), np.array([2]))
    assert found is not None
    assert (found.low, found.high, found.leads[-1]) == (-2.0, 1.0, 1)
    assert histogram(np.full(4, 2.0), np.array([0])) is None
