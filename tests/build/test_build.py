"""A tiny network and real files, from the command to results and pages."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file
from support import TESTS, TINY, Lens, paint

from lens_site.browser import export
from lens_site.classifier import Classifier
from lens_site.results import latest_run, read_class, read_run


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def times(folder: Path) -> dict[str, int]:
    return {p.parent.name: p.stat().st_mtime_ns for p in folder.rglob("result.json")}


def test_results_and_site(tiny_build: Path) -> None:
    run_dir = latest_run(tiny_build)
    run = read_run(run_dir)
    assert [c.slug for c in run.classes] == ["0000-red", "0001-green", "0002-blue"]
    assert run.accuracy == 1.0
    assert (run.data.images, run.data.labeled) == (36, 36)
    red = read_class(run_dir, "0000-red")
    assert [c.number for c in red.concepts] == [1, 2, 3]
    assert abs(red.concepts[0].share) == max(abs(c.share) for c in red.concepts)
    assert red.concepts[0].aligned[0].name == "red"
    assert sum(c.prevalence for c in red.concepts) == pytest.approx(1, abs=1e-5)
    assert {i.label_name for i in red.images} == {"red"}
    assert red.metrics.explained_logit > 0.9
    assert (red.importance_method, red.adds_up, red.maps_file in red.files) == (
        "gradient-input", True, True,
    )  # fmt: skip
    page = tiny_build / "site" / "classes" / "0000-red"
    assert json.loads((page / "class.json").read_text())["name"]["name"] == "red"
    assert (page / "index.html").exists()


def test_shares_add_up_to_the_logit(tiny_build: Path) -> None:
    run_dir = latest_run(tiny_build)
    red = read_class(run_dir, "0000-red")
    arrays = load_file(run_dir / "0000-red" / "arrays.safetensors")
    phi = np.array([i.importance for i in red.images])
    assert np.allclose(phi, arrays["importance"], rtol=1e-4, atol=1e-5)
    shares = phi.sum(axis=0) / np.abs(phi).sum()
    assert np.allclose(shares, [c.share for c in red.concepts], atol=1e-4)
    weights = 4 * np.array([1, 0, 0, 0.5, 0, 0.5]) - 1  # W_red of the tiny network
    means = arrays["codes"].astype(np.float64).mean(axis=(1, 2))
    assert np.allclose(means * (arrays["dictionary"] @ weights), phi, rtol=0.02, atol=0.01)


def test_what_the_browser_reads_gives_the_logits(tiny_build: Path) -> None:
    run_dir = latest_run(tiny_build)
    red = read_class(run_dir, "0000-red")
    folder = run_dir / "0000-red"
    arrays, table, atoms = (
        load_file(folder / f"{name}.safetensors") for name in ("arrays", "table", "atoms")
    )
    mixtures = np.array(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5]]
    )
    weights = 4 * mixtures.T - 1  # W of the tiny network, whose biases are zero
    np.testing.assert_allclose(table["gamma"], arrays["dictionary"] @ weights.T, atol=3e-3)
    np.testing.assert_allclose(atoms["dictionary"], arrays["dictionary"], atol=1e-3)
    assert not table["at_zero"].any()
    rest = np.zeros((len(red.images), 3))
    rest[:, table["rest_classes"]] = table["rest"]
    logits = table["codes"].astype(float) @ table["gamma"] + rest
    np.testing.assert_allclose(logits[:, 0], [i.logit for i in red.images], atol=3e-3)
    assert (logits.argmax(axis=1) == 0).all()


def test_what_the_browser_needs_can_be_left_out(lens: Lens, same_photos: Path, built: Path) -> None:
    site, run_dir = built / "site", latest_run(built)
    theirs = ["explain/network.js", *(f"classes/0000-red/{n}.js" for n in ("atoms", "table"))]
    assert all((site / name).is_file() for name in theirs)
    assert read_run(run_dir).browser.bytes == (run_dir / "network.safetensors").stat().st_size
    assert 'href="explain/index.html"' in (site / "index.html").read_text()
    shared = ("build", "--data", same_photos, "--out", built, *TINY)
    done = lens(*shared, "--no-browser")
    assert done.exit_code == 0 and "0 classes to compute" in done.output
    assert not any((site / name).exists() for name in (*theirs, "explain"))
    assert not (run_dir / "network.safetensors").exists()
    assert 'href="explain/index.html"' not in (site / "index.html").read_text()
    assert "0 classes to compute" in lens(*shared).output
    assert all((site / name).is_file() for name in theirs)


def test_the_network_for_the_browser_is_exported_once(
    lens: Lens, same_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = []

    def counted(classifier: Classifier, *, limit: int) -> bytes:
        exported.append(limit)
        return export(classifier, limit=limit)

    monkeypatch.setattr("lens_site.browser.export", counted)
    shared = ("build", "--data", same_photos, "--out", tmp_path, *TINY)

    def built(*more: str) -> int:
        exported.clear()
        assert lens(*shared, *more).exit_code == 0
        return len(exported)

    assert (built(), built()) == (1, 0)
    path = latest_run(tmp_path) / "network.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert built() == 1 and path.read_bytes() == whole, "a damaged one is made again"
    assert built("--force") == 1
    assert built("--no-browser") == 0 and not path.exists()
    assert built() == 1 and path.read_bytes() == whole


def test_a_network_that_no_browser_runs_is_told_of(
    lens: Lens, same_photos: Path, tmp_path: Path
) -> None:
    shared = ("build", "--data", same_photos, "--out", tmp_path, *TINY, "--extraction", "pca")
    done = lens(*shared, "--model", "tiny_model:curved")
    assert done.exit_code == 0, done.output
    sentence = "tiny_model:curved has a part that they have not (Tanh)."
    assert sentence in " ".join(done.output.split())
    page = (tmp_path / "site" / "explain" / "index.html").read_text()
    assert sentence in page and "<form" not in page.partition("<main")[2]
    assert not list((tmp_path / "site" / "explain").glob("*.js"))


def test_the_second_run_computes_nothing(lens: Lens, same_photos: Path, built: Path) -> None:
    before = times(built), (built / "site" / "index.html").stat().st_mtime_ns
    second = lens("build", "--data", same_photos, "--out", built, *TINY)
    assert "0 classes to compute, 3 unchanged" in second.output
    assert "(unchanged)" in second.output
    assert (times(built), (built / "site" / "index.html").stat().st_mtime_ns) == before


def test_a_fresh_folder_gets_the_same_bytes(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path
) -> None:
    assert lens("build", "--data", same_photos, "--out", tmp_path, *TINY).exit_code == 0
    one, two = (snapshot(out / "results") for out in (tiny_build, tmp_path))
    assert one == two
    assert len(one) > 20
    assert snapshot(tiny_build / "site") == snapshot(tmp_path / "site")


def test_a_changed_picture_recomputes_its_class_alone(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    before = times(tmp_path / "out")
    paint(photos / "green" / "03.png", 1, seed=99)
    again = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert "1 classes to compute, 2 unchanged" in again.output
    after = times(tmp_path / "out")
    assert {slug for slug in after if after[slug] != before[slug]} == {"0001-green"}


@pytest.mark.parametrize(
    ("change", "computed"),
    [
        (("-k", "2"), 3),
        (("--seed", "1"), 3),
        (("--extraction", "pca"), 3),
        (("--max-images", "6"), 3),
        (("--min-images", "2"), 0),
        (("--classes", "red"), 0),
        (("--batch-size", "3", "--workers", "1"), 0),
        (("--force",), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_parameter_recomputes_what_it_touches(
    lens: Lens, same_photos: Path, built: Path, change: tuple[str, ...], computed: int
) -> None:
    again = lens("build", "--data", same_photos, "--out", built, *TINY, *change)
    assert again.exit_code == 0, again.output
    assert f"{computed} classes to compute" in again.output


def test_only_the_classes_asked_for(lens: Lens, same_photos: Path, built: Path) -> None:
    done = lens("build", "--data", same_photos, "--out", built, *TINY, "--classes", "red,2")
    assert done.exit_code == 0, done.output
    pages = sorted(p.name for p in (built / "site" / "classes").iterdir() if p.is_dir())
    assert pages == ["0000-red", "0002-blue"]


def test_a_damaged_result_is_computed_again(lens: Lens, same_photos: Path, built: Path) -> None:
    run_dir = latest_run(built)
    good = snapshot(run_dir)
    (run_dir / "0001-green" / "tiles-01.webp").write_bytes(b"damaged")
    (run_dir / "0002-blue" / "result.json").write_text("{")
    again = lens("build", "--data", same_photos, "--out", built, *TINY)
    assert "2 classes to compute, 1 unchanged" in again.output
    assert snapshot(run_dir) == good


def test_an_unreadable_picture_is_named_and_skipped(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    whole = (photos / "red" / "00.png").read_bytes()
    (photos / "red" / "00.png").write_bytes(whole[: len(whole) // 2])
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert done.exit_code == 0, done.output
    assert "skipped red/00.png: cannot be decoded" in done.output
    run = read_run(latest_run(tmp_path / "out"))
    assert [u.key for u in run.unreadable] == ["red/00.png"]
    assert run.classes[0].images == 11


def test_unlabeled_and_large_pictures(lens: Lens, photos: Path, tmp_path: Path) -> None:
    (photos / "red").rename(photos / "nothing in particular")
    with Image.open(photos / "nothing in particular" / "00.png") as small:
        small.resize((900, 1400)).save(photos / "nothing in particular" / "big.jpg", quality=90)
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY, "--classes", "red")
    assert done.exit_code == 0, done.output
    red = read_class(latest_run(tmp_path / "out"), "0000-red")
    assert {i.label for i in red.images} == {None}
    assert all(c.reliability is None for c in red.concepts)
    assert len(red.images) == 13


@pytest.mark.parametrize("extraction", ["nmf", "kmeans", "pca"])
def test_one_image_one_concept(lens: Lens, photos: Path, tmp_path: Path, extraction: str) -> None:
    only = tmp_path / "only" / "red"
    only.mkdir(parents=True)
    shutil.copy(photos / "red" / "01.png", only)
    done = lens(
        "build", "--data", only.parent, "--out", tmp_path / "out", "--extraction", extraction,
        *TINY, "--min-images", "1", "-k", "1",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert len(read_class(latest_run(tmp_path / "out"), "0000-red").images) == 1


def test_killed_in_the_middle_and_started_again(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "lens_site", "build", "--data", str(photos), "--out", str(out),
        *TINY, "--workers", "1",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=TESTS, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(out.glob("results/*/[0-9]*/result.json")):
        assert process.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    finished = times(out)
    for slug in finished:
        read_class(next(out.glob("results/*/")), slug)  # whole, as its checksums say
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {s: t for s, t in times(out).items() if s in finished} == finished
    assert len(times(out)) == 3
    assert not list(out.rglob("*lens-partial*"))
