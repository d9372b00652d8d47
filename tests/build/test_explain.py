"""``lens explain``: the stored dictionary explains a picture as the build did."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import TINY, Lens

from lens_site.classifier import Classifier
from lens_site.classifier.runtimes import run_on
from lens_site.explain import draw, explain_picture, explanation
from lens_site.results import latest_run, read_class
from lens_site.results.schema import Runtime


@pytest.mark.parametrize("extraction", ["nmf", "pca", "sae"])
def test_a_picture_of_the_build_gets_the_importance_of_the_build(
    lens: Lens, photos: Path, tmp_path: Path, extraction: str
) -> None:
    done = lens("build", "--data", photos, "--out", tmp_path, "--extraction", extraction, *TINY)
    assert done.exit_code == 0, done.output
    run_dir = latest_run(tmp_path)
    red = read_class(run_dir, "0000-red")
    image = red.images[4]
    answer = explain_picture(photos / image.key, "red", run_dir, model=None, weights=None)
    assert np.allclose(answer.phi, image.importance, rtol=1e-3, atol=1e-4)
    assert answer.logit == pytest.approx(image.logit, rel=1e-4)
    assert answer.predicted == "red"
    assert draw(answer).startswith(b"\x89PNG")


def test_the_table_and_the_picture(lens: Lens, photos: Path, tmp_path: Path) -> None:
    assert lens("build", "--data", photos, "--out", tmp_path, *TINY).exit_code == 0
    done = lens("explain", photos / "blue" / "03.png", "--class", "red", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert "predicted blue" in done.output
    path = tmp_path / "explained" / "03-0000-red.png"
    assert done.output.rstrip().endswith(path.name)
    with Image.open(path) as sheet:
        assert sheet.width > 800
        pixels = np.asarray(sheet.convert("RGB"), dtype=int)
    strip = latest_run(tmp_path) / "0000-red" / "tiles-01.webp"
    with Image.open(strip) as tiles:
        first = np.asarray(tiles.convert("RGB").crop((0, 0, 128, 128)), dtype=int)
    places = np.lib.stride_tricks.sliding_window_view(pixels[:, 260, 0], 128)
    found = [top for top in range(len(places))
             if np.abs(pixels[top : top + 128, 260:388] - first).mean() < 1]  # fmt: skip
    assert found, "the first tile of the first concept stands in its row"
    rows = [line.split() for line in done.output.splitlines()[2:-1]]
    assert sorted(int(row[0]) for row in rows) == [1, 2, 3]
    sizes = [abs(float(row[1].rstrip("%"))) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_it_encodes_as_the_run_does(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package, reason=f"the extra 'onnx' is not installed ({package})")
    options = (*TINY, "--classes", "red", "--visualization", "off", "--runtime", "onnxruntime")
    assert lens("build", "--data", photos, "--out", tmp_path, *options).exit_code == 0
    asked: list[str] = []

    def heard(classifier: Classifier, runtime: Runtime, batch_size: int) -> Classifier:
        asked.append(runtime.name)
        return run_on(classifier, runtime, batch_size)

    monkeypatch.setattr(explanation, "run_on", heard)
    command = ("explain", photos / "red" / "03.png", "--class", "red", "--out", tmp_path)
    done = lens(*command)
    assert (done.exit_code, asked) == (0, ["onnxruntime"]), done.output
    assert "encoded" not in done.output
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    without = lens(*command)
    assert without.exit_code == 0, without.output
    assert without.output.splitlines()[1] == (
        "encoded by torch on cpu, the run by onnxruntime on cpu (onnxruntime is not installed; pip "
        "install 'lens-site[onnx]'): figures differ from the run's by rounding"
    )


def test_errors_say_the_way_out(lens: Lens, photos: Path, tmp_path: Path) -> None:
    picture = photos / "red" / "01.png"
    none = lens("explain", picture, "--class", "red", "--out", tmp_path)
    assert (none.exit_code, "run lens-build" in none.output) == (1, True)
    lens("build", "--data", photos, "--out", tmp_path, *TINY, "--classes", "red")
    cases = {
        "no result in run": (picture, "--class", "green"),
        "no class 'rad'": (picture, "--class", "rad"),
        "not a picture": (Path(__file__), "--class", "red"),
        "cannot be read": (tmp_path / "absent.png", "--class", "red"),
        "explains": (picture, "--class", "red", "--model", "tiny_model:signed"),
    }
    for message, arguments in cases.items():
        done = lens("explain", *arguments, "--out", tmp_path)
        assert done.exit_code > 0
        assert message in done.output
