"""``model.json``: written at the end of a build, left where nothing changed, whole or not there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from support import TESTS, TINY, Lens

from lens_site.errors import ResultError
from lens_site.model import concepts
from lens_site.results import latest_run, pack, read_class, read_run, store
from lens_site.results.schema import ModelResult, model_key


def load(out: Path) -> ModelResult:
    model = store.load_model(latest_run(out))
    assert model is not None
    return model


def test_a_build_compares_its_classes(tiny_build: Path) -> None:
    run_dir, model = latest_run(tiny_build), load(tiny_build)
    classes = [read_class(run_dir, c.slug) for c in read_run(run_dir).classes]
    assert model.classes == (0, 1, 2)
    assert model.key == model_key({c.name.index: c.key for c in classes})
    shown = [(c.name.index, i.number) for c in classes for i in c.concepts if i.tiles]
    assert [(p.index, p.concept) for p in model.points] == shown
    rows = {
        c.name.index: load_file(run_dir / c.name.slug / store.ARRAYS)["dictionary"] for c in classes
    }
    for point in model.points:
        one = rows[point.index][point.concept - 1]
        for near in point.neighbors:
            other = rows[near.index][near.concept - 1]
            cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            assert near.cosine == pytest.approx(cosine, abs=1e-5)


def test_the_share_in_the_ring_is_that_of_the_codes(tiny_build: Path) -> None:
    run_dir = latest_run(tiny_build)
    result = read_class(run_dir, "0000-red")
    codes = load_file(run_dir / "0000-red" / store.ARRAYS)["codes"].astype(np.float64)
    seen = concepts.read(run_dir, result)
    inner = codes[:, 1:-1, 1:-1].sum(axis=(0, 1, 2)) / codes.sum(axis=(0, 1, 2))
    assert codes.shape[1] < 14, "one ring"
    assert [share for share, _ in seen.outside] == pytest.approx(1 - inner, abs=1e-4)
    draws = np.random.default_rng(0).integers(0, len(codes), (2000, len(codes)))
    resampled = codes[draws].sum(axis=1)
    inside = resampled[:, 1:-1, 1:-1].sum(axis=(1, 2)) / resampled.sum(axis=(1, 2))
    assert [error for _, error in seen.outside] == pytest.approx(inside.std(axis=0), rel=0.35)


def test_the_second_run_leaves_it(lens: Lens, same_photos: Path, built: Path) -> None:
    path = latest_run(built) / store.MODEL
    before = path.read_bytes(), path.stat().st_mtime_ns
    again = lens("build", "--data", same_photos, "--out", built, *TINY)
    assert "comparing" not in again.output
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_other_classes_are_compared_anew(lens: Lens, same_photos: Path, built: Path) -> None:
    whole = (latest_run(built) / store.MODEL).read_bytes()
    fewer = lens("build", "--data", same_photos, "--out", built, *TINY, "--classes", "red,2")
    assert "comparing the concepts of 2 classes" in fewer.output
    assert load(built).classes == (0, 2)
    assert lens("build", "--data", same_photos, "--out", built, *TINY).exit_code == 0
    assert (latest_run(built) / store.MODEL).read_bytes() == whole


@pytest.mark.parametrize("damage", [b"{", b'{"schema_version": 0}', b""])
def test_a_damaged_one_is_named_and_made_anew(
    damage: bytes, lens: Lens, same_photos: Path, built: Path
) -> None:
    path = latest_run(built) / store.MODEL
    whole = path.read_bytes()
    path.write_bytes(damage)
    with pytest.raises(ResultError, match="lens-build again"):
        store.load_model(path.parent)
    refused = lens("pack", "--out", built, "--archive", built / "a.tar.gz")
    assert refused.exit_code == 1
    assert "model.json" in refused.output.splitlines()[-1]
    assert lens("build", "--data", same_photos, "--out", built, *TINY).exit_code == 0
    assert path.read_bytes() == whole


def test_it_travels_with_the_results(tiny_build: Path, tmp_path: Path) -> None:
    run_dir = latest_run(tiny_build)
    archive = tmp_path / pack.archive_name("r")
    pack.pack(run_dir, archive, [c.slug for c in read_run(run_dir).classes])
    unpacked = pack.unpack(archive, tmp_path / "elsewhere")
    assert (unpacked / store.MODEL).read_bytes() == (run_dir / store.MODEL).read_bytes()


def test_killed_while_comparing(same_photos: Path, built: Path, lens: Lens) -> None:
    """Whatever moment it is killed at, the file is the old one, the new one or none."""
    path = latest_run(built) / store.MODEL
    whole = path.read_bytes()
    command = [
        sys.executable, "-m", "lens_site", "build", "--data", str(same_photos),
        "--out", str(built), *TINY,
    ]  # fmt: skip
    path.unlink()
    process = subprocess.Popen(command, cwd=TESTS, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("comparing"):
            break
    time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert not path.exists() or path.read_bytes() == whole
    assert lens("build", "--data", same_photos, "--out", built, *TINY).exit_code == 0
    assert path.read_bytes() == whole
    assert not list(built.rglob("*lens-partial*"))
