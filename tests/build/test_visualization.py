"""Visualizations from the command to results and pages, with the tiny network."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image
from support import TINY, Lens, paint

from lens_site.config import BuildConfig, load_config
from lens_site.results import latest_run, read_class
from lens_site.site.publish.check import check


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def drawn(same_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a build of one class with pictures; no test may change it."""
    from click.testing import CliRunner
    from support import TESTS

    from lens_site.cli import main

    out = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TESTS)
        done = CliRunner().invoke(main, ["build", *options(same_photos, out)])
    assert done.exit_code == 0, done.output
    return out


def options(photos: Path, out: Path) -> list[str]:
    return [
        "--data", str(photos), "--out", str(out), *TINY, "--classes", "red",
        "--visualization", "preview",
    ]  # fmt: skip


def test_every_concept_that_is_present_has_two_pictures(drawn: Path) -> None:
    run_dir = latest_run(drawn)
    red = read_class(run_dir, "0000-red")
    made = red.visualizations
    assert made is not None
    assert (made.level, made.photographs, made.layers) == ("preview", 0, ("0",))
    shown = [c for c in red.concepts if c.visualization is not None]
    assert shown == [c for c in red.concepts if c.tiles]
    assert [c.visualization.cell for c in shown if c.visualization] == list(range(len(shown)))
    for sheet, mode in ((made.drawn, "RGBA"), (made.accentuated, "RGB")):
        with Image.open(io.BytesIO((run_dir / "0000-red" / sheet.file).read_bytes())) as opened:
            assert (opened.mode, opened.format) == (mode, "WEBP")
            assert opened.size == (sheet.size * len(shown), sheet.size)
    first = shown[0].visualization
    assert first is not None
    assert first.accentuated.is_right
    assert first.accentuated.ratio > max(1.0, first.drawn.ratio), "its tile holds it already"
    assert first.accentuated.likeness[0] > first.likeness_of_others[0]


def test_they_stand_on_the_page(drawn: Path) -> None:
    page = (drawn / "site" / "classes" / "0000-red" / "index.html").read_text()
    assert "Made by the network’s own gradients, not a photograph." in page
    assert "drawn.webp" in page
    red = read_class(latest_run(drawn), "0000-red")
    made = [c.visualization for c in red.concepts if c.visualization]
    failed = [check for one in made for check in (one.drawn, one.accentuated) if not check.is_right]
    assert page.count("the network does not rank this picture first") == len(failed) > 0
    assert check(drawn / "site") == ()


def test_a_class_computed_again_has_the_same_bytes(
    lens: Lens, same_photos: Path, drawn: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(drawn, tmp_path / "out"))
    run_dir = latest_run(out)
    before = snapshot(run_dir)
    shutil.rmtree(run_dir / "0000-red")
    assert lens("build", *options(same_photos, out)).exit_code == 0
    assert snapshot(run_dir) == before
    assert lens("build", *options(same_photos, out), "--force").exit_code == 0
    assert snapshot(run_dir) == before


def test_a_run_goes_on_with_the_spectrum_it_began_with(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert lens("build", *options(photos, out)).exit_code == 0
    kept = latest_run(out) / "spectrum.safetensors"
    begun = kept.read_bytes()
    for i in range(12, 32):
        paint(photos / "red" / f"{i}.png", 0, seed=200 + i)
    assert lens("build", *options(photos, out)).exit_code == 0
    red = read_class(latest_run(out), "0000-red")
    assert (len(red.images), kept.read_bytes() == begun) == (32, True)
    assert red.visualizations is not None
    assert red.visualizations.photographs == 0
    kept.write_bytes(b"damaged")
    assert lens("build", *options(photos, out), "--force").exit_code == 0
    red = read_class(latest_run(out), "0000-red")
    assert red.visualizations is not None
    assert red.visualizations.photographs == 56, "now there are enough to measure"


def test_off_leaves_everything_as_it_was(
    lens: Lens, same_photos: Path, tiny_build: Path, tmp_path: Path
) -> None:
    told = ("--data", same_photos, "--out", tmp_path, *TINY, "--visualization", "off")
    assert lens("build", *told).exit_code == 0
    assert snapshot(tmp_path / "results") == snapshot(tiny_build / "results")
    red = read_class(latest_run(tmp_path), "0000-red")
    assert red.visualizations is None
    assert not [name for name in snapshot(tmp_path) if "spectrum" in name]
    assert "visualization" not in BuildConfig(data="photos").shaping()


def test_the_demo_has_them_and_nothing_else_unless_told() -> None:
    assert load_config({}).visualization == "preview"
    assert load_config({"data": "demo"}).visualization == "preview"
    assert load_config({"visualization": "off"}).visualization == "off"
    assert load_config({"data": "photos"}).visualization == "off"
    assert load_config({"data": "photos", "visualization": "full"}).visualization == "full"


def test_a_network_without_gradients_is_refused_before_the_work(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    told = options(photos, tmp_path / "out")
    told[told.index("tiny_model:net")] = "tiny_model:stepped"
    done = lens("build", *told)
    assert done.exit_code == 2
    assert "give --visualization off" in done.output.strip().splitlines()[-1]
