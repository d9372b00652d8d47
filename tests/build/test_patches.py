"""Crops and sub-concepts through the whole command, on pictures that a test paints."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import Lens

from lens_site.classes import recursion
from lens_site.images import crops
from lens_site.results import latest_run, read_class, read_run
from lens_site.results.schema import ClassResult

NET = ("--model", "tiny_model:net", "--min-images", "5", "-k", "2")


def built(lens: Lens, photos: Path, out: Path, *options: str) -> ClassResult:
    done = lens("build", "--data", photos, "--out", out, *NET, "--classes", "red", *options)
    assert done.exit_code == 0, done.output
    return read_class(latest_run(out), "0000-red")


def test_crops_are_the_patches(lens: Lens, photos: Path, tmp_path: Path) -> None:
    result = built(lens, photos, tmp_path, "--patches", "crops")
    assert result.extraction.patches == "crops"
    assert result.grid == (4, 4)
    assert result.extraction.rows == 16 * len(result.images)
    tile = result.concepts[0].tiles[0]
    left, top, right, _ = tile.box
    assert right - left == pytest.approx(18 / 64)  # 64 of 224, of an input of 64 pixels
    assert (left, top) == pytest.approx((tile.column * 14 / 64, tile.row * 14 / 64))
    # the strongest crop of the concept of red pictures is red
    strip = np.asarray(Image.open(latest_run(tmp_path) / "0000-red" / "tiles-01.webp"))
    assert strip[:, :128].mean(axis=(0, 1)).argmax() == 0
    assert result.metrics.explained_logit > 0.5
    for tile in result.concepts[0].tiles:  # each tile is the reddest crop of its picture
        picture = np.asarray(Image.open(photos / result.images[tile.image].key))[..., 0] / 255
        boxes = np.rint(crops.boxes(64) * 64).astype(int).reshape(-1, 4)
        red = [picture[t:b, x:r].mean() for x, t, r, b in boxes]
        assert red[4 * tile.row + tile.column] == pytest.approx(max(red), abs=0.02)


def test_a_picture_is_explained_by_crops_too(lens: Lens, photos: Path, tmp_path: Path) -> None:
    result = built(lens, photos, tmp_path, "--patches", "crops")
    picture = photos / "red" / "00.png"
    shown = lens("explain", picture, "--class", "red", "--out", tmp_path)
    assert shown.exit_code == 0, shown.output
    phi = next(i for i in result.images if i.key == "red/00.png").importance
    assert f"{phi[0]:.2f}" in shown.output


def test_a_layer_without_an_earlier_one(lens: Lens, photos: Path, tmp_path: Path) -> None:
    done = lens("build", "--data", photos, "--out", tmp_path, *NET, "--recursive")
    assert done.exit_code == 2
    assert "recursive: no layer before" in done.output.strip().splitlines()[-1]


def test_sub_concepts_are_stored_and_shown(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pictures of one color have no parts: here they are shown however little they explain
    monkeypatch.setattr(recursion, "GAIN", -9.0)
    options = ("--model", "tiny_model:deep", "--recursive")
    result = built(lens, photos, tmp_path, *options)
    assert result.recursion is not None
    assert result.recursion.grid == (16, 16)
    shown = [c for c in result.concepts if c.parts]
    assert [c.important for c in shown] == [True] * len(shown) != []
    for concept in shown:
        assert concept.parts_file in result.files
        assert sum(p.weight for p in concept.parts) == pytest.approx(1, abs=1e-4)
    page = tmp_path / "site" / "classes" / "0000-red"
    assert (page / shown[0].parts_file).exists()
    assert result.recursion.layer in (page / "index.html").read_text()
    assert json.loads((page / "class.json").read_text())["recursion"]["grid"] == [16, 16]
    assert read_run(latest_run(tmp_path)).config["recursive"] is True
