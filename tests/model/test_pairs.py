"""Two runs compared from their results alone: what is joined, matched and counted."""

from pathlib import Path

import numpy as np
import pytest
from two_runs import CUP, ESPRESSO, coded, codes, write_side, write_two

from lens_site.errors import UsageError
from lens_site.model import pairs
from lens_site.results import pack, store
from lens_site.results.schema import PairResult


def compared(first: Path, second: Path) -> PairResult:
    return pairs.compare(pairs.read(first), pairs.read(second))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> PairResult:
    return compared(*write_two(tmp_path_factory.mktemp("two")))


def test_the_planted_concept_is_matched_and_the_others_are_alone(pair: PairResult) -> None:
    espresso = pair.classes[0]
    assert [(m.first, m.second) for m in espresso.matches] == [(2, 1)]
    assert espresso.matches[0].correlation > 0.99
    assert espresso.matches[0].chance < 0.6
    assert [a.concept for a in espresso.first_alone] == [1, 3]
    assert [a.concept for a in espresso.second_alone] == [2, 3]
    assert all(a.correlation < 0.2 for a in (*espresso.first_alone, *espresso.second_alone))


def test_an_unmatched_concept_is_held_to_what_chance_gave_it_and_its_nearest(
    pair: PairResult,
) -> None:
    espresso = pair.classes[0]
    theirs = {a.concept: a for a in espresso.second_alone}
    mutual = [(a, theirs[a.nearest]) for a in espresso.first_alone if a.nearest in theirs]
    mutual = [(a, b) for a, b in mutual if b.nearest == a.concept]
    assert mutual
    for a, b in mutual:
        assert a.correlation == b.correlation
        assert a.chance == b.chance >= a.correlation


def test_agreement_is_counted_over_images_that_both_explain(pair: PairResult) -> None:
    assert (pair.images, pair.agree) == (80, 70)
    assert [c.slug for c in pair.classes] == ["0967-espresso", "0968-cup"]
    cup = pair.classes[1]
    assert (cup.first_said.images, cup.first_said.same) == (40, 30)
    assert [(c.name, c.count) for c in cup.first_said.instead] == [("eggnog", 10)]
    assert (cup.second_said.images, cup.second_said.same) == (30, 30)
    assert cup.images == 30


def test_images_are_joined_by_name_and_not_by_their_order(tmp_path: Path) -> None:
    one, order = codes(2, seed=1), np.random.default_rng(0).permutation(40)
    first = write_side(tmp_path, "net-a", coded(ESPRESSO, one, range(40)))
    second = write_side(tmp_path, "net-b", coded(ESPRESSO, one[order], order.tolist()))
    found = compared(first, second).classes[0]
    assert sorted((m.first, m.second) for m in found.matches) == [(1, 1), (2, 2)]
    assert all(m.correlation > 0.999 for m in found.matches)


def test_a_network_that_sees_more_in_a_finer_grid_is_brought_to_the_other(tmp_path: Path) -> None:
    """The first sees the middle half of a side in 3 × 3 places, the second all of it in 12 × 12."""
    draw = np.random.default_rng(1)
    near, wide = draw.gamma(1.0, size=(40, 3, 3, 2)), draw.gamma(1.0, size=(40, 12, 12, 2))
    wide[:, 3:9, 3:9] = near.repeat(2, axis=1).repeat(2, axis=2)
    sees = [{"preprocessing": {"resize": resize, "crop": 100}} for resize in (200, 100)]
    first = write_side(tmp_path, "net-a", coded(ESPRESSO, near, range(40)), facts=sees[0])
    second = write_side(tmp_path, "net-b", coded(ESPRESSO, wide, range(40)), facts=sees[1])
    found = compared(first, second).classes[0]
    assert found.grid == (3, 3)
    assert sorted((m.first, m.second) for m in found.matches) == [(1, 1), (2, 2)]
    assert all(m.correlation > 0.999 for m in found.matches)


def test_too_few_common_images_are_not_compared(tmp_path: Path) -> None:
    first = write_side(tmp_path, "net-a", coded(ESPRESSO, codes(2, seed=1, images=12), range(12)))
    second = write_side(
        tmp_path, "net-b", coded(ESPRESSO, codes(2, seed=1, images=12), range(3, 15))
    )
    found = compared(first, second).classes[0]
    assert found.images == 9
    assert "9 common images are too few" in found.reason
    assert found.matches == found.first_alone == ()


def test_the_two_sides_can_be_turned_around(tmp_path: Path) -> None:
    first, second = write_two(tmp_path)
    there, back = compared(first, second), compared(second, first)
    assert there.runs == back.runs[::-1]
    for one, other in zip(there.classes, back.classes, strict=True):
        assert [(m.first, m.second) for m in one.matches] == [
            (m.second, m.first) for m in other.matches
        ]
        assert one.first_said == other.second_said


def test_other_images_are_refused(tmp_path: Path) -> None:
    first = write_side(tmp_path, "net-a", coded(ESPRESSO, codes(1, seed=1), range(40)))
    second = write_side(tmp_path, "net-b", coded(CUP, codes(1, seed=1), range(50, 90)))
    with pytest.raises(UsageError, match="0 image names are the same; wanted two runs of the same"):
        compared(first, second)


def test_the_same_runs_give_the_same_bytes_and_another_key_when_one_changes(tmp_path: Path) -> None:
    first, second = write_two(tmp_path)
    once, again = compared(first, second), compared(first, second)
    assert store.to_json(once) == store.to_json(again)
    result, files = coded(CUP, codes(2, seed=9, images=30), range(100, 130), key="another")
    store.write_class(second, result, files)
    assert pairs.key_of(pairs.read(first), pairs.read(second)) != once.key


def test_it_travels_with_the_first_run(tmp_path: Path) -> None:
    first, second = write_two(tmp_path / "runs")
    store.write_pair(first, compared(first, second))
    archive = tmp_path / pack.archive_name("net-a")
    pack.pack(first, archive, ["0967-espresso", "0968-cup"])
    unpacked = pack.unpack(archive, tmp_path / "elsewhere")
    assert store.load_pair(unpacked, "net-b") == compared(first, second)
    assert store.load_pair(unpacked, "net-c") is None
