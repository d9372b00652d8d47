"""The rule of names: chosen on one half, judged on the other, chance is a half."""

import numpy as np
import pytest

from lens_site.naming.choose import LEAST, THRESHOLD, choose


def unit(rows: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def noise(n: int, seed: int, d: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def test_a_planted_term_is_found_and_is_sure() -> None:
    terms = unit(noise(500, 0))
    tiles, low = unit(noise(20, 1) + 6 * terms[123]), unit(noise(30, 2))
    chosen = choose(tiles, low, terms)
    assert chosen is not None
    assert (chosen.term, chosen.is_name) == (123, True)


def test_chance_among_many_terms_is_no_name() -> None:
    terms = unit(noise(5_000, 0))
    chosen = [choose(unit(noise(20, s)), unit(noise(20, 900 + s)), terms) for s in range(1, 61)]
    scores = [c.score for c in chosen if c]
    assert np.mean(scores) == pytest.approx(0.5, abs=0.06), "the held-out half had no say"
    assert np.mean([s >= THRESHOLD for s in scores]) <= 0.05


def test_the_score_is_the_area_under_the_curve_of_the_held_out_half() -> None:
    terms = unit(noise(40, 3))
    tiles, low = unit(noise(17, 4) + terms[7]), unit(noise(12, 5))
    chosen = choose(tiles, low, terms)
    assert chosen is not None
    word = terms[chosen.term]
    wins = [
        1.0 if t @ word > f @ word else 0.5 if t @ word == f @ word else 0.0
        for t in tiles[1::2]
        for f in low[1::2]
    ]
    assert chosen.score == pytest.approx(sum(wins) / len(wins), abs=1e-12)


def test_ties_count_half() -> None:
    same = unit(np.ones((LEAST, 4)))
    chosen = choose(same, same, same[:2])
    assert chosen is not None
    assert chosen.score == 0.5


@pytest.mark.parametrize(("tiles", "low"), [(LEAST - 1, 20), (20, LEAST - 1), (0, 20)])
def test_too_few_tiles_of_either_kind_choose_nothing(tiles: int, low: int) -> None:
    assert choose(unit(noise(tiles, 1)), unit(noise(low, 2)), unit(noise(5, 3))) is None
