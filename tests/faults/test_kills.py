"""Killed, on a full disk, with flipped bits: nothing is lost, and the end is the same bytes."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attacks import flip, kill, snapshot
from support import TESTS, TINY, Lens

from lens_site.results import latest_run
from lens_site.site.publish.check import check


def test_killed_again_and_again_the_end_is_the_same(
    same_photos: Path, tiny_build: Path, tmp_path: Path, lens: Lens
) -> None:
    out = tmp_path / "out"
    outcomes = [kill(seed, out, 8.0, "--data", same_photos, *TINY) for seed in range(5)]
    assert "killed" in outcomes
    done = lens("build", "--data", same_photos, "--out", out, *TINY)
    assert done.exit_code == 0, done.output
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(tiny_build / part)
    assert not list(out.rglob("*lens-partial*"))


def test_a_flipped_bit_is_found_named_and_mended(
    same_photos: Path, tiny_build: Path, tmp_path: Path, lens: Lens
) -> None:
    out = Path(shutil.copytree(tiny_build, tmp_path / "out"))
    for seed in range(6):
        part = ("results", "site")[seed % 2]
        path = flip(seed, out / part)
        if part == "site":
            faults = [p for p in check(out / "site") if p.kind.startswith("file ")]
            assert len(faults) >= 1, f"{path} was not found"
        done = lens("build", "--data", same_photos, "--out", out, *TINY)
        assert done.exit_code == 0, done.output
        assert snapshot(out / part) == snapshot(tiny_build / part), f"{path} was not mended"


def test_an_edited_figure_is_not_published(built: Path, lens: Lens) -> None:
    path = latest_run(built) / "0000-red" / "result.json"
    path.write_bytes(path.read_bytes().replace(b'"probability":0.', b'"probability":1.', 1))
    for command in (("render",), ("pack", "--archive", built / "a.tar.gz")):
        done = lens(*command, "--out", built)
        assert done.exit_code == 1
        assert "its SHA-256 is not the one it begins with" in done.output.splitlines()[-1]


@pytest.mark.parametrize("limit", [200, 5_000, 300_000])
def test_a_file_that_cannot_grow_leaves_what_was(
    limit: int, built: Path, same_photos: Path
) -> None:
    """A limit on the size of files stands for a disk that fills up in the middle."""
    run_dir = latest_run(built)
    before = snapshot(built / "site"), snapshot(run_dir)
    command = [
        sys.executable, "-m", "lens_site", "build", "--data", str(same_photos), "--out", str(built),
        *TINY, "-k", "2", "--base-url", "https://example.org",
    ]  # fmt: skip

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        command, cwd=TESTS, capture_output=True, text=True, check=False, preexec_fn=small_files
    )
    assert done.returncode in (1, 2), (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("lens: ")
    assert "free some space" in last
    assert (snapshot(built / "site"), snapshot(run_dir)) == before
    assert check(built / "site") == ()
