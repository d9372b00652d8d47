"""Ended by a signal, without its folder or its pictures: one line, and what is done is kept."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks import snapshot
from fleet import COLORS, GRACE, building

from lens_site.results import store


def wait_for(is_there: Callable[[], object]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + GRACE
    while not is_there():
        assert time.monotonic() < end
        time.sleep(0.005)


def classes_in(out: Path) -> list[Path]:
    return sorted(path.parent for path in out.glob("results/*/[0-9]*/result.json"))


def finish(hues: Path, out: Path, alone: Path) -> None:
    """Build again, undisturbed: nothing that was done is done again, and the end is the same."""
    before = {path: (path / "result.json").stat().st_mtime_ns for path in classes_in(out)}
    with building(hues, out) as (process, log):
        process.join(GRACE)
        assert process.exitcode == 0, log.read_text()
    for path, then in before.items():
        assert (path / "result.json").stat().st_mtime_ns == then
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(alone / part)


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGTERM, 143, "ended"), (signal.SIGINT, 130, "interrupted")],
)
def test_a_signal_ends_a_build_and_the_next_goes_on(
    hues: Path, hues_alone: Path, tmp_path: Path, number: int, code: int, word: str
) -> None:
    out = tmp_path / "out"
    with building(hues, out) as (process, log):
        wait_for(lambda: classes_in(out))
        time.sleep(random.Random(number).uniform(0, 0.3))
        os.kill(process.pid or 0, number)
        process.join(GRACE)
        said = log.read_text()
    assert process.exitcode == code, said
    assert said.splitlines()[-1] == (
        f"lens: {word}; finished classes are kept, the same command goes on"
    )
    assert "Traceback" not in said
    assert not list(out.rglob("*lens-partial*")), "rolled back"
    assert 0 < len(classes_in(out)) < COLORS
    for path in classes_in(out):
        store.read_class(path.parent, path.name)
    finish(hues, out, hues_alone)


def last_line(log: Path) -> str:
    said = log.read_text()
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_permission_taken_away_in_the_middle(hues: Path, hues_alone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with building(hues, out) as (process, log):
        wait_for(lambda: classes_in(out))
        (run_dir,) = out.glob("results/*/")
        run_dir.chmod(0o555)
        process.join(GRACE)
    run_dir.chmod(0o755)
    assert process.exitcode == 1, log.read_text()
    assert "cannot be written (Permission denied); free some space or" in last_line(log)
    assert 0 < len(classes_in(out)) < COLORS
    finish(hues, out, hues_alone)


def test_an_output_folder_unplugged_in_the_middle(
    hues: Path, hues_alone: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with building(hues, out) as (process, log):
        wait_for(lambda: classes_in(out))
        out.rename(tmp_path / "unplugged")
        process.join(GRACE)
    assert process.exitcode == 1, log.read_text()
    assert "cannot be written (No such file or directory)" in last_line(log)
    assert not (out / "results").exists(), "nothing is written in its place"
    shutil.rmtree(out, ignore_errors=True)
    (tmp_path / "unplugged").rename(out)
    assert 0 < len(classes_in(out)) < COLORS
    finish(hues, out, hues_alone)


def test_pictures_that_vanish_in_the_middle(hues: Path, hues_alone: Path, tmp_path: Path) -> None:
    pictures, out = Path(shutil.copytree(hues, tmp_path / "pictures")), tmp_path / "out"
    with building(pictures, out) as (process, log):
        wait_for(lambda: classes_in(out))
        pictures.rename(tmp_path / "gone")
        process.join(GRACE)
    assert process.exitcode == 1, log.read_text()
    said = log.read_text()
    assert "Traceback" not in said
    assert "it changed during the build: start again" in said
    kept = len(classes_in(out))
    assert 0 < kept < COLORS
    assert f"{kept} classes built, {COLORS - kept} failed" in said
    (tmp_path / "gone").rename(pictures)
    finish(pictures, out, hues_alone)
