"""Pictures go while a build reads them: one line names them, and what is done stays."""

import os
import shutil
import tarfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from attacks import snapshot
from moments import PREDICTING, Ended, Moment, aside, bring_back, build, rows, take_away

PLANNED = Moment("*/cache/work-*/.keys.json.lens-partial-*")
"""All is predicted, no class is begun."""

BEGUN = Moment("*/cache/predictions-*/all/reasons.jsonl")
"""The first picture will be read now, by whatever library."""

FIRST, SECOND = range(72), range(72, 144)


@pytest.fixture
def pictures(hues: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(hues, tmp_path / "pictures"))


def tars(hues: Path, folder: Path) -> Path:
    """Write the pictures as two tar shards; return the second."""
    for name, part in (("a.tar", FIRST), ("b.tar", SECOND)):
        with tarfile.open(folder / name, "w") as archive:
            for i in part:
                archive.add(hues / f"{i:04d}.png", f"{i:04d}.png")
    return folder / "b.tar"


def parquet(hues: Path, folder: Path) -> Path:
    """Write the pictures as two Parquet files; return the second."""
    pa = pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    from pyarrow.parquet import write_table

    for name, part in (("a.parquet", FIRST), ("b.parquet", SECOND)):
        names = [f"{i:04d}.png" for i in part]
        held = [{"bytes": (hues / name).read_bytes(), "path": name} for name in names]
        write_table(pa.table({"image": held, "label": [""] * len(held)}), folder / name)
    return folder / "b.parquet"


def truncate(path: Path) -> None:
    """Cut a file in half, and keep the whole one aside."""
    shutil.copy2(path, aside(path))
    os.truncate(path, path.stat().st_size // 2)


def stopped(ended: Ended, out: Path, *words: str) -> None:
    """See that a build told of lost pictures in its last line, and kept what it predicted."""
    assert ended.code == 1, ended.said
    assert "Traceback" not in ended.said
    assert ended.last.startswith("lens: data: pictures of pictures went away while they were read")
    for word in (*words, "bring them back", "the same command goes on from there"):
        assert word in ended.last
    assert 16 <= rows(out) < 144
    assert not list(out.glob("results/*/[0-9]*")), "no class is built of half of the pictures"


def same_classes(out: Path, few_hues: Path) -> None:
    for name in ("0000-hue-0", "0001-hue-30", "0002-hue-60", "0003-hue-90"):
        (ours,), (theirs,) = (where.glob(f"results/*/{name}") for where in (out, few_hues))
        assert snapshot(ours) == snapshot(theirs)


def test_a_folder_goes_while_it_is_predicted(
    pictures: Path, few_hues: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ended = build(pictures, out, at=PREDICTING, do=partial(take_away, pictures))
    stopped(ended, out, ".png: cannot be read (No such file or directory)")
    bring_back(pictures)
    done = build(pictures, out)
    assert done.code == 0, done.said
    assert snapshot(out / "results") == snapshot(few_hues / "results")


@pytest.mark.parametrize(
    ("write", "moment", "lose"),
    [
        (tars, Moment("*/b.tar", 40), take_away),
        (tars, Moment("*/b.tar", 40), truncate),
        (parquet, BEGUN, take_away),
        (parquet, BEGUN, truncate),
    ],
)
def test_a_large_file_goes_while_it_is_predicted(
    hues: Path, few_hues: Path, tmp_path: Path,
    write: Callable[[Path, Path], Path], moment: Moment, lose: Callable[[Path], None],
) -> None:  # fmt: skip
    data, out = tmp_path / "pictures", tmp_path / "out"
    data.mkdir()
    lost = write(hues, data)
    ended = build(data, out, at=moment, do=partial(lose, lost))
    stopped(ended, out, f"{lost.name} changed since it was opened")
    bring_back(lost)
    done = build(data, out)
    assert done.code == 0, done.said
    same_classes(out, few_hues)


def test_single_pictures_that_go_are_skipped(
    pictures: Path, few_hues: Path, tmp_path: Path
) -> None:
    out, last = tmp_path / "out", pictures / "0143.png"
    ended = build(pictures, out, at=PREDICTING, do=partial(take_away, last))
    assert ended.code == 0, ended.said
    assert "\nskipped 0143.png: cannot be read (No such file or directory)\n" in ended.said
    assert "1 images unreadable" in ended.said
    bring_back(last)
    done = build(pictures, out)
    assert done.code == 0, done.said
    assert snapshot(out / "results") == snapshot(few_hues / "results")


@pytest.mark.parametrize("cache", ["10", "0"])
def test_a_chosen_picture_goes_before_its_class(
    pictures: Path, few_hues: Path, tmp_path: Path, cache: str
) -> None:
    out, chosen = tmp_path / "out", pictures / "0013.png"
    options = ("--cache-size", cache)
    ended = build(pictures, out, *options, at=PLANNED, do=partial(take_away, chosen))
    assert ended.code == 1, ended.said
    assert "Traceback" not in ended.said
    assert (
        "\nfailed 0001-hue-30: 0013.png: cannot be read (No such file or directory); it changed "
        "during the build: start again\n"
    ) in ended.said
    assert "\n3 classes built, 1 failed, 0 images unreadable, " in ended.said
    bring_back(chosen)
    done = build(pictures, out, *options)
    assert done.code == 0, done.said
    assert "1 classes to compute, 3 unchanged" in done.said
    assert snapshot(out / "results") == snapshot(few_hues / "results")
