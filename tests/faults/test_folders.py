"""Folders of the user are never replaced, swept or read as pictures."""

import subprocess
import sys
from pathlib import Path

import pytest
from attacks import snapshot
from support import TINY, Lens, paint_photos

from lens_site import lease, lock
from lens_site.results import latest_run, read_run


def precious(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("ten years")
    return folder


def test_a_site_of_the_users_is_left_alone(lens: Lens, photos: Path, tmp_path: Path) -> None:
    site = precious(tmp_path / "out" / "site")
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert done.exit_code == 1
    assert f"{site}: was not made by lens" in done.output.splitlines()[-1]
    assert snapshot(site) == {"thesis.txt": b"ten years"}
    assert not list(tmp_path.glob("out/results/*/*/")), "refused before the work"


def test_a_linked_site_is_left_alone(lens: Lens, photos: Path, tmp_path: Path) -> None:
    real = precious(tmp_path / "elsewhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "site").symlink_to(real)
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert done.exit_code == 1
    assert "a link" in done.output.splitlines()[-1]
    assert (tmp_path / "out" / "site").is_symlink()


@pytest.mark.parametrize("where", ["site", "results", "cache", "explained/deep", "."])
def test_pictures_where_results_go_are_refused(lens: Lens, tmp_path: Path, where: str) -> None:
    out = tmp_path / "out"
    data = paint_photos(out / where if where != "." else out)
    before = snapshot(data)
    done = lens("build", "--data", data, "--out", out, *TINY)
    assert done.exit_code in (1, 2), done.output
    assert "give another --out" in done.output or "was not made by lens" in done.output
    assert {k: v for k, v in snapshot(data).items() if not k.startswith(".lens")} == before


def test_results_inside_the_pictures_are_no_pictures(lens: Lens, photos: Path) -> None:
    for _ in range(2):
        done = lens("build", "--data", photos, "--out", photos / "build", *TINY)
        assert done.exit_code == 0, done.output
        assert read_run(latest_run(photos / "build")).data.images == 36
    assert "0 classes to compute, 3 unchanged" in done.output


def test_files_with_names_like_ours_are_not_swept(lens: Lens, photos: Path, tmp_path: Path) -> None:
    out = precious(tmp_path / "out")
    for name in (".mine.partial", ".site.partial-x", ".a.lens-partial-mine"):
        (out / name).write_text("mine")
    assert lens("build", "--data", photos, "--out", out, *TINY).exit_code == 0
    kept = snapshot(out, but=("results", "site", "cache"))
    assert {".mine.partial", ".site.partial-x", ".a.lens-partial-mine", "thesis.txt"} <= set(kept)


def test_a_failed_build_leaves_the_good_site(lens: Lens, built: Path, same_photos: Path) -> None:
    before = snapshot(built / "site")
    done = lens("build", "--data", same_photos, "--out", built, *TINY, "-k", "5000")
    assert done.exit_code == 2
    assert "the largest class has" in done.output.splitlines()[-1]
    failing = ("--extraction", "pca", "-k", "50")  # more concepts than channels
    done = lens("build", "--data", same_photos, "--out", built, *TINY, *failing)
    assert done.exit_code == 1
    assert "is left as it was" in done.output
    assert snapshot(built / "site") == before
    assert latest_run(built) == latest_run(built)


def test_a_class_that_is_too_rare_now_goes(lens: Lens, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert lens("build", "--data", photos, "--out", out, *TINY).exit_code == 0
    for path in sorted((photos / "green").iterdir())[:9]:
        path.unlink()
    assert lens("build", "--data", photos, "--out", out, *TINY).exit_code == 0
    assert not (latest_run(out) / "0001-green").exists()
    assert not (out / "site" / "classes" / "0001-green").exists()


HOLD = """
import sys, time
from pathlib import Path
from lens_site import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(120)
"""


def test_two_builders_in_one_folder(lens: Lens, photos: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout
            assert other.stdout.readline() == "held\n"
            for words in (("build", "--data", photos, *TINY), ("render",)):
                done = lens(*words, "--out", tmp_path / "out")
                assert done.exit_code == 1
                assert f"process {other.pid} on" in done.output.splitlines()[-1]
            owner = lease.owner(tmp_path / "out" / lock.HOLDERS, lock.ALONE)
            assert owner is not None
            assert owner.pid == other.pid
        finally:
            other.kill()  # its lock goes with it
    assert lens("build", "--data", photos, "--out", tmp_path / "out", *TINY).exit_code == 0
