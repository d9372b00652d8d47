"""Pictures that may not be shown, and pictures that must weigh less."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image
from support import TINY as TINY_OPTIONS
from support import Lens, paint_photos

from lens_site.results import latest_run, lighter, pack, store
from lens_site.results.schema import ClassResult
from lens_site.site.publish import fit
from lens_site.site.publish.render import render


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with real results of a tiny network, drawn concepts too."""
    from click.testing import CliRunner
    from support import TESTS

    from lens_site.cli import main

    out, photos = tmp_path_factory.mktemp("out"), paint_photos(tmp_path_factory.mktemp("photos"))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(TESTS)
        options = ["--data", photos, "--out", out, "--visualization", "preview", *TINY_OPTIONS]
        done = CliRunner().invoke(main, ["build", *map(str, options)])
    assert done.exit_code == 0, done.output
    return out


def photographs(result: ClassResult) -> set[str]:
    """The files that show photographs, found by their names alone."""
    shown = {n for n in result.files if n.endswith(".webp")}
    return shown - {result.visualizations.drawn.file if result.visualizations else ""}


def colors(path: Path, side: int) -> int:
    """The most colors in any one picture of a sheet."""
    with Image.open(path) as sheet:
        rgb = sheet.convert("RGB")
    corners = ((x, y) for y in range(0, rgb.height, side) for x in range(0, rgb.width, side))
    boxes = ((x, y, x + side, y + side) for x, y in corners)
    return max(len(rgb.crop(box).getcolors(side * side) or ()) for box in boxes)


def test_no_photograph_is_left_and_every_file_has_its_checksum(built: Path, tmp_path: Path) -> None:
    run_dir = latest_run(built)
    copy = lighter.lighten(run_dir, tmp_path, lighter.NONE)
    run = store.verify_run(copy)
    assert run.pictures == "none"
    for one in run.classes:
        result = store.read_class(copy, one.slug)
        assert len(photographs(result)) > 5
        lit = {c.heat_file for c in result.concepts}
        for name in photographs(result):
            most = lighter.LIT_PLACES**2 if name in lit else 1
            assert colors(copy / one.slug / name, lighter.NONE.side) <= most, name
            assert colors(run_dir / one.slug / name, lighter.NONE.side) > 1, name
        assert result.sprite.size == lighter.NONE.side
        drawn = result.visualizations
        assert drawn is not None
        assert store.file_bytes(copy / one.slug / drawn.drawn.file) == store.file_bytes(
            run_dir / one.slug / drawn.drawn.file
        )


def test_thumbnails_are_small_and_keep_their_grids(built: Path, tmp_path: Path) -> None:
    run_dir = latest_run(built)
    copy = lighter.lighten(run_dir, tmp_path, lighter.THUMBNAILS)
    for one in store.verify_run(copy).classes:
        before, after = (store.read_class(d, one.slug) for d in (run_dir, copy))
        for name in photographs(before):
            with (
                Image.open(run_dir / one.slug / name) as old,
                Image.open(copy / one.slug / name) as new,
            ):
                assert new.width / new.height == pytest.approx(old.width / old.height, rel=1e-6)
        for concept in after.concepts:
            with Image.open(copy / one.slug / concept.tiles_file) as strip:
                assert strip.height <= lighter.THUMBNAILS.side


def test_thumbnails_give_way_with_the_others(built: Path, tmp_path: Path) -> None:
    run_dir = latest_run(built)
    slugs = [one.slug for one in store.read_run(run_dir).classes]
    weights = [lighter.weight(run_dir, slugs, detail) for detail in lighter.SMALLER]
    assert weights == sorted(weights, reverse=True)
    last = lighter.SMALLER[-1]
    copy = lighter.lighten(run_dir, tmp_path, last)
    for one in store.verify_run(copy).classes:
        result = store.read_class(copy, one.slug)
        assert result.sprite.size == last.thumbnail
        with Image.open(copy / one.slug / result.concepts[0].tiles_file) as strip:
            assert strip.height == last.side


def test_a_site_is_made_to_fit_and_says_how(built: Path, tmp_path: Path) -> None:
    run_dir = latest_run(built)

    def rendered(most: int) -> fit.SiteReport:
        """A budget finer than the megabytes of the option."""
        wanted = SimpleNamespace(out=tmp_path, images="own", max_size=most / 1_000_000)
        return fit.render_within(lambda runs: render(runs[0], tmp_path / "site"), [run_dir], wanted)

    whole = rendered(10**9)
    assert whole.notes == rendered(whole.bytes).notes
    slugs = [one.slug for one in store.read_run(run_dir).classes]
    spare = lighter.weight(run_dir, slugs) - lighter.weight(run_dir, slugs, lighter.SMALLER[3])
    fitted = rendered(whole.bytes - spare)
    assert fitted.bytes <= whole.bytes - spare
    assert re.search(r"pixels wide, thumbnails \d+, in quality", fitted.notes[-1])
    assert "more than 1 MB" in rendered(1_000_000).notes[-1]
    assert not list((tmp_path / "cache").glob("*"))


def test_what_the_build_was_told_holds_for_site_and_archive(lens: Lens, tmp_path: Path) -> None:
    photos, out = paint_photos(tmp_path / "photos"), tmp_path / "out"
    done = lens("build", "--data", photos, "--out", out, "--images", "none", *TINY_OPTIONS)
    assert done.exit_code == 0, done.output
    assert "The photographs may not be shown" in (out / "site/index.html").read_text()
    assert not (out / "site" / "play").exists()
    assert store.read_run(latest_run(out)).pictures == "own", "results keep what was computed"
    assert lens("render", "--out", out).exit_code == 0
    assert "The photographs may not be shown" in (out / "site/index.html").read_text()
    assert lens("pack", "--out", out, "--archive", tmp_path / "a.tar.gz").exit_code == 0
    shown = pack.unpack(tmp_path / "a.tar.gz", tmp_path / "unpacked")
    assert store.verify_run(shown).pictures == "none"
    assert lens("check", "--out", out).output.endswith("no problem found\n")
    assert lens("render", "--out", out, "--images", "own").exit_code == 0
    assert "may not be shown" not in (out / "site/index.html").read_text()
