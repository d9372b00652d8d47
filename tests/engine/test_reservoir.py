from collections import Counter
from itertools import pairwise

import numpy as np

from lens_site.engine.reservoir import choose, ranks

KEYS = tuple(f"{i:04d}.jpg" for i in range(1000))


def test_choice_is_seeded_and_sorted() -> None:
    many = np.arange(0, 1000, 2)
    chosen = choose(many, 50, KEYS, 0)
    assert chosen == choose(many, 50, KEYS, 0)
    assert list(chosen) == sorted(set(chosen))
    assert set(chosen) <= set(many.tolist())
    assert len(chosen) == 50
    assert chosen != choose(many, 50, KEYS, 1)
    assert choose(many[:50], 50, KEYS, 0) == tuple(many[:50].tolist())


def test_every_image_and_every_pair_is_chosen_equally_often() -> None:
    """4 of 12, over 6,000 seeds: within five standard deviations of 1/3, and of 1/11 for pairs."""
    tries, alone, pairs = 6000, Counter[int](), Counter[tuple[int, int]]()
    for seed in range(tries):
        chosen = choose(np.arange(12), 4, KEYS, seed)
        alone.update(chosen)
        pairs.update((a, b) for a, b in pairwise(range(12)) if {a, b} <= set(chosen))
    for counted, share in ((alone, 4 / 12), (pairs, 4 * 3 / (12 * 11))):
        room = 5 * (tries * share * (1 - share)) ** 0.5
        assert all(abs(n - tries * share) < room for n in counted.values()), counted
    assert (len(alone), len(pairs)) == (12, 11)


def test_a_choice_does_not_depend_on_what_comes_when() -> None:
    few, all_keys = np.arange(300), set(choose(np.arange(1000), 50, KEYS, 0))
    turned = choose(np.arange(1000), 50, KEYS[::-1], 0)
    assert {KEYS[::-1][i] for i in turned} == {KEYS[i] for i in all_keys}
    of_part = set(choose(few, 50, KEYS, 0))
    assert {i for i in all_keys if i < 300} <= of_part, "a union's draw is of its parts' draws"


def test_ranks_are_64_bits_of_the_key_and_the_seed() -> None:
    drawn = ranks(KEYS, 3)
    assert (drawn == ranks(KEYS, 3)).all()
    assert (ranks(KEYS[5:6], 3) == drawn[5]).all()
    assert not (ranks(KEYS, 4) == drawn).any()
    assert abs(float((drawn / 2**64).mean()) - 0.5) < 0.05
