"""Shards of one build, killed at any moment: nothing is lost, nothing is done twice."""

from pathlib import Path

import pytest
from attacks import snapshot
from fleet import COLORS, OPTIONS, Fleet, fleet, kill_at_random, paint_hues
from support import Lens

from lens_site.results import latest_run, read_run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return paint_hues(tmp_path_factory.mktemp("hues") / "pictures")


@pytest.fixture(scope="module")
def alone(pictures: Path) -> Path:
    """What one undisturbed build makes."""
    from click.testing import CliRunner
    from support import TESTS

    from lens_site.cli import main

    out = pictures.parent / "alone"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TESTS)
        done = CliRunner().invoke(
            main, ["build", "--data", str(pictures), "--out", str(out), *OPTIONS]
        )
    assert done.exit_code == 0, done.output
    assert f"{COLORS} classes to compute" in done.output
    return out


def same_as(alone: Path, shards: Fleet) -> None:
    for part in ("results", "site"):
        assert snapshot(shards.out / part) == snapshot(alone / part)
    assert not list(shards.out.glob("results/**/*lens-partial*"))
    run = read_run(latest_run(shards.out))
    assert [one.status for one in run.classes] == ["built"] * COLORS


@pytest.mark.parametrize("of", [2, 4])
def test_shards_build_what_one_builds(of: int, pictures: Path, alone: Path, tmp_path: Path) -> None:
    with fleet(pictures, tmp_path / "out", of) as shards:
        shards.wait()
    same_as(alone, shards)
    assert shards.built() == dict.fromkeys((one.slug for one in classes(alone)), 1)
    assert shards.said().count("another one joins") == of - 1


def classes(out: Path) -> list:
    return list(read_run(latest_run(out)).classes)


def test_killed_shards_that_come_back(pictures: Path, alone: Path, tmp_path: Path) -> None:
    with fleet(pictures, tmp_path / "out", 3) as shards:
        killed = kill_at_random(0, shards, kills=6, pause=1.2)
        shards.wait()
    assert killed >= 3
    same_as(alone, shards)
    assert max(shards.built().values()) == 1, "a class was computed twice"
