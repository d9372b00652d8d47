"""A build uses kept activations, and its results are the same bytes with and without."""

import os
import shutil
from pathlib import Path

import pytest
from attacks import snapshot
from support import TINY, Lens

from lens_site.activations import encode
from lens_site.engine import predicting


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the images of every pass through the encoder."""
    passes: list[int] = []
    for name in ("encode", "encode_and_classify"):
        inner = getattr(encode, name)

        def counted(classifier, images, batch_size, inner=inner):
            passes.append(len(images))
            return inner(classifier, images, batch_size)

        for room in ("encode", "patches", "predict"):
            monkeypatch.setattr(f"lens_site.activations.{room}.{name}", counted, raising=False)
    return passes


def build(lens: Lens, photos: Path, out: Path, *options: object) -> None:
    done = lens("build", "--data", photos, "--out", out, *TINY, *options)
    assert done.exit_code == 0, done.output


def test_no_picture_is_encoded_twice(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path, encoded: list[int]
) -> None:
    out = tmp_path / "out"
    build(lens, same_photos, out)
    assert sum(encoded) == 36
    assert snapshot(out / "results") == snapshot(tiny_build / "results")
    build(lens, same_photos, out, "-k", "2")
    assert sum(encoded) == 36, "a build of other concepts takes what the first one kept"
    build(lens, same_photos, out, "--force")
    assert sum(encoded) == 72


def test_without_a_cache_results_are_the_same(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path, encoded: list[int]
) -> None:
    out = tmp_path / "out"
    build(lens, same_photos, out, "--cache-size", "0")
    assert sum(encoded) == 72
    assert not list((out / "cache").glob("activations-*/*"))
    assert snapshot(out / "results") == snapshot(tiny_build / "results")


def test_half_of_a_cache_is_used(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path, encoded: list[int]
) -> None:
    out = Path(shutil.copytree(tiny_build, tmp_path / "out"))
    shutil.rmtree(out / "results")
    (index,) = out.glob("cache/activations-*/all/index.bin")
    os.truncate(index, index.stat().st_size // 2)
    build(lens, same_photos, out)
    assert sum(encoded) == 18
    assert snapshot(out / "results") == snapshot(tiny_build / "results")


def test_only_images_that_may_be_chosen_are_kept(
    lens: Lens, same_photos: Path, tmp_path: Path, encoded: list[int]
) -> None:
    out = tmp_path / "out"
    build(lens, same_photos, out, "--max-images", "8", "--classes", "red,green")
    assert sum(encoded) == 36
    (blocks,) = out.glob("cache/activations-*/all/blocks.bin")
    assert blocks.stat().st_size <= 16 * 4096
    again = tmp_path / "again"
    options = ("--max-images", "8", "--classes", "red,green", "--cache-size", "0")
    build(lens, same_photos, again, *options)
    assert snapshot(out / "results") == snapshot(again / "results")


def test_an_interrupted_pass_goes_on_from_there(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path, encoded: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    out, whole = tmp_path / "out", predicting.predict

    def interrupted(*given):
        batches = whole(*given)
        yield next(batches)
        batches.close()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(predicting, "predict", interrupted)
        done = lens("build", "--data", same_photos, "--out", out, *TINY)
        assert done.exit_code == 130
    encoded.clear()
    build(lens, same_photos, out)
    assert sum(encoded) == 20, "16 images of the first batch are known and kept"
    assert snapshot(out / "results") == snapshot(tiny_build / "results")
