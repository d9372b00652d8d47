"""Shards of one build, killed at any moment: nothing is lost, nothing is done twice."""

import shutil
import time
from functools import partial
from pathlib import Path

import pytest
from attacks import snapshot
from fleet import BUILT, COLORS, GRACE, Fleet, fleet, kill_at_random
from moments import Moment, build, follow_owners
from support import Lens

from lens_site.engine.work import works
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


def test_a_shard_that_was_taken_for_gone_gives_its_class_up(
    hues: Path, few_hues: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    reading = Moment("*/0012.png", 3)  # twice while it is predicted, then for the first class
    done = build(hues, out, "--shard", "1/1", at=reading, do=partial(follow_owners, out))
    assert done.code == 0, done.said
    built = BUILT.findall(done.said)
    assert sorted(built) == [one.slug for one in classes(few_hues) if one.status == "built"]
    assert built[-1] == "0000-hue-0", "begun first, given up, and done again"
    assert snapshot(out / "results") == snapshot(few_hues / "results")


def test_what_status_says_and_one_shard_alone_ends_it(
    hues: Path, hues_alone: Path, tmp_path: Path, lens: Lens
) -> None:
    out = tmp_path / "out"
    with fleet(hues, out, 2) as shards:
        end = time.monotonic() + GRACE
        while len(list(out.glob("results/*/[0-9]*/result.json"))) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
        under_way = lens("status", "--out", out)
        for process in shards.running.values():
            process.kill()
            process.join()
        stopped = lens("status", "--out", out)
        unjoined = lens("render", "--out", out)
        shards.running.clear()
        shards.start(2)
        shards.wait()
    assert under_way.exit_code == 3, under_way.output
    assert "images: 144 of 144 predicted" in under_way.output
    assert "at work: shard 1-of-2: process" in under_way.output
    assert stopped.exit_code == 4, stopped.output
    assert " left of 12\n" in stopped.output
    assert "time left: about " in stopped.output
    assert "more for the classes left" in stopped.output
    assert "start the same command again" in stopped.output
    assert unjoined.exit_code == 1
    assert "not all of it is computed" in unjoined.output
    same_as(hues_alone, shards)
    assert max(shards.built().values()) == 1
    done = lens("status", "--out", out)
    assert done.exit_code == 0, done.output
    assert "12 built, 0 failed, 0 left of 12" in done.output


def test_render_joins_what_shards_left(hues_alone: Path, tmp_path: Path, lens: Lens) -> None:
    out = Path(shutil.copytree(hues_alone, tmp_path / "out"))
    (work,) = works(out)
    for path in (work.folder / "joined", work.run_dir / "run.json", work.run_dir / "model.json"):
        path.unlink()
    shutil.rmtree(out / "site")
    assert lens("status", "--out", out).exit_code == 4
    done = lens("render", "--out", out)
    assert done.exit_code == 0, done.output
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(hues_alone / part)


def test_shards_that_do_not_fit_are_refused(hues: Path, tmp_path: Path, lens: Lens) -> None:
    for options, message in (
        (("--shard", "0/4"), "shard: '0/4', wanted one of"),
        (("--shard", "5/4"), "shard: '5/4', wanted one of"),
        (("--shard", "1/2", "--force"), "neither --force nor another --engine"),
    ):
        done = lens("build", "--data", hues, "--out", tmp_path, *options)
        assert done.exit_code == 2
        assert message in done.output.splitlines()[-1]
