"""Shards of one build, killed at any moment: nothing is lost, nothing is done twice."""

from pathlib import Path

import pytest
from attacks import snapshot
from fleet import COLORS, Fleet, fleet, kill_at_random

from lens_site.results import latest_run, read_run


def same_as(hues_alone: Path, shards: Fleet) -> None:
    for part in ("results", "site"):
        assert snapshot(shards.out / part) == snapshot(hues_alone / part)
    assert not list(shards.out.glob("results/**/*lens-partial*"))
    run = read_run(latest_run(shards.out))
    assert [one.status for one in run.classes] == ["built"] * COLORS


@pytest.mark.parametrize("of", [2, 4])
def test_shards_build_what_one_builds(
    of: int, hues: Path, hues_alone: Path, tmp_path: Path
) -> None:
    with fleet(hues, tmp_path / "out", of) as shards:
        shards.wait()
    same_as(hues_alone, shards)
    assert shards.built() == dict.fromkeys((one.slug for one in classes(hues_alone)), 1)
    assert shards.said().count("another one joins") == of - 1


def classes(out: Path) -> list:
    return list(read_run(latest_run(out)).classes)


def test_killed_shards_that_come_back(hues: Path, hues_alone: Path, tmp_path: Path) -> None:
    with fleet(hues, tmp_path / "out", 3) as shards:
        killed = kill_at_random(0, shards, kills=6, pause=1.2)
        shards.wait()
    assert killed >= 3
    same_as(hues_alone, shards)
    assert max(shards.built().values()) == 1, "a class was computed twice"
