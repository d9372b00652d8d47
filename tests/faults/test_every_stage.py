"""Ended, or without a place to write, in every stage: one line, and what is done stays.

The stages of a test are those of one build, disturbed in one after the other.
"""

import shutil
from functools import partial
from pathlib import Path

import pytest
from attacks import snapshot
from moments import (
    CLASSES,
    PREDICTING,
    RENDERING,
    STAGES,
    Ended,
    Moment,
    allow,
    bring_back,
    build,
    fill_disk,
    forbid,
    half_done,
    in_its_place,
    rows,
    take_away,
    terminate,
)

KEPT = "finished classes are kept, the same command goes on"

RENDERED = Moment("*/cache/work-*/.joined.lens-partial-*")
"""The site is there, and all but a note is written."""


def classes(out: Path) -> dict[str, int]:
    """Classes that are there, and when each was written."""
    found = sorted(out.glob("results/*/[0-9]*/result.json"))
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def cannot_write(ended: Ended, what: str, why: str) -> None:
    """See that a build said in its last line what cannot be written, why, and the way out."""
    assert ended.code == 1, ended.said
    assert "Traceback" not in ended.said
    assert ended.last.startswith("lens: /")
    assert what in ended.last.split(": cannot be written")[0], ended.last
    assert f": cannot be written ({why}); free some space or choose another --out" in ended.last
    assert KEPT in ended.last


def finish(hues: Path, out: Path, few_hues: Path) -> None:
    """Build undisturbed: nothing that was done is done again, and the end is the same."""
    before = classes(out)
    done = build(hues, out)
    assert done.code == 0, done.said
    assert rows(out) == 144, "no picture is predicted twice"
    assert before.items() <= classes(out).items(), "no class is computed twice"
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(few_hues / part)


@pytest.mark.parametrize("how", [(), ("--workers", "2"), ("--shard", "1/1")])
def test_sigterm(how: tuple[str, ...], hues: Path, few_hues: Path, tmp_path: Path) -> None:
    out, before = tmp_path / "out", -1
    for moment in STAGES.values():
        ended = build(hues, out, *how, at=moment, do=terminate)
        assert ended.code == 143, ended.said
        assert ended.last == f"lens: ended; {KEPT}"
        assert "Traceback" not in ended.said
        assert half_done(out) == []
        assert not (out / "site").exists()
        done = rows(out) + len(classes(out))
        assert done >= before
        before = done
    assert before == 144 + 4
    finish(hues, out, few_hues)


def test_a_full_disk(hues: Path, few_hues: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for moment, what in (
        (PREDICTING, "/out/cache/predictions-"),
        (CLASSES, "/out/"),  # whatever is written next, by this thread or another
        (STAGES["across"], "/model.json"),
        (RENDERING, "/out/site"),
        (RENDERED, "/joined"),
    ):
        ended = build(hues, out, at=moment, do=fill_disk)
        cannot_write(ended, what, "File too large")
        assert half_done(out) == []
        assert (out / "site").exists() == (moment is RENDERED)
    finish(hues, out, few_hues)


def test_an_output_folder_that_is_taken_away(hues: Path, few_hues: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for stage, take, why in (
        ("predicting", take_away, "No such file or directory"),
        ("classes", in_its_place, "Not a directory"),
        ("across", take_away, "No such file or directory"),
        ("rendering", in_its_place, "Not a directory"),
    ):
        ended = build(hues, out, at=STAGES[stage], do=partial(take, out))
        cannot_write(ended, "/out/", why)
        assert not out.is_dir(), "nothing is made in its place"
        bring_back(out)
    finish(hues, out, few_hues)


def test_an_output_folder_that_is_deleted(hues: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for moment in (PREDICTING, CLASSES):
        ended = build(hues, out, at=moment, do=partial(shutil.rmtree, out))
        cannot_write(ended, "/out/", "No such file or directory")
        assert not out.exists(), "nothing is made in its place"


def test_permission_taken_away(hues: Path, few_hues: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for moment, what in ((PREDICTING, "/out/"), (CLASSES, "/out/"), (RENDERING, "/out/site")):
        ended = build(hues, out, at=moment, do=partial(forbid, out))
        cannot_write(ended, what, "Permission denied")
        allow(out)
    finish(hues, out, few_hues)
