import errno
import os
from pathlib import Path

import pytest

from lens_site import atomic
from lens_site.errors import OutputError


def test_replaces_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    atomic.write_bytes(path, b"old")
    atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


def test_replaces_a_tree_whole(tmp_path: Path) -> None:
    tree = tmp_path / "site"
    atomic.write_tree(tree, lambda folder: (folder / "a").touch())
    atomic.write_tree(tree, lambda folder: (folder / "b").touch())
    assert sorted(p.name for p in tree.iterdir()) == [atomic.MARK, "b"]
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_tree_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    tree = tmp_path / "site"
    atomic.write_tree(tree, lambda folder: (folder / "a").touch())

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("bad result")

    with pytest.raises(ValueError, match="bad result"):
        atomic.write_tree(tree, fail)
    assert sorted(p.name for p in tree.iterdir()) == [atomic.MARK, "a"]
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    atomic.write_bytes(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"No space left on device.*free some space"):
        atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="choose another --out"):
        atomic.write_bytes(tmp_path / "out" / "x", b"")


def test_sweep_removes_only_what_a_killed_writer_left(tmp_path: Path) -> None:
    token = "0123456789ab"
    (tmp_path / f".a.lens-partial-{token}").touch()
    tree = tmp_path / f".b.lens-partial-{token}"
    atomic.mark(tree)
    (tree / "deep").mkdir()
    kept = [
        ".a.partial", ".b.lens-partial-short", ".mine.partial", "keep",
        f".theirs.lens-partial-{token}", ".c.lens-old",
    ]  # fmt: skip
    for name in kept[:4]:
        (tmp_path / name).touch()
    for name in kept[4:]:  # folders without the mark
        (tmp_path / name).mkdir()
    atomic.sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(kept)


def foreign(path: Path, what: str) -> None:
    """Put something of the user's at ``path``."""
    other = path.with_name("other")
    if what == "a folder":
        path.mkdir()
        (path / "mine.txt").write_text("precious")
    elif what == "a file":
        path.write_text("precious")
    elif what == "a marked folder behind a link":
        atomic.mark(other)
        (other / "mine.txt").write_text("precious")
        path.symlink_to(other, target_is_directory=True)
    else:
        path.symlink_to(other)


@pytest.mark.parametrize(
    "what", ["a folder", "a file", "a marked folder behind a link", "a broken link"]
)
def test_what_is_not_ours_is_left_alone(tmp_path: Path, what: str) -> None:
    path = tmp_path / "site"
    foreign(path, what)
    before = sorted((str(p), p.is_symlink()) for p in tmp_path.rglob("*"))
    asked: list[Path] = []
    with pytest.raises(OutputError, match=f"{path}: was not made by lens .* move it away"):
        atomic.write_tree(path, asked.append)
    assert asked == [], "refused before the work"
    assert sorted((str(p), p.is_symlink()) for p in tmp_path.rglob("*")) == before


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    atomic.write_tree(tmp_path / "site", lambda folder: (folder / "a").touch())
    assert (tmp_path / "site" / "a").exists()


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to put a tree in place."""
    if request.param == "two renames":
        monkeypatch.setattr(atomic, "_exchanged", lambda one, other: False)
    return str(request.param)


def test_a_rename_that_fails_loses_nothing(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "site"
    atomic.write_tree(tree, lambda folder: (folder / "a").touch())
    rename, calls = Path.rename, []

    def failing(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    if way == "exchange":
        atomic.write_tree(tree, lambda folder: (folder / "b").touch())
        assert not calls, "an exchange needs no rename"
        return
    with pytest.raises(OutputError, match="Input/output error"):
        atomic.write_tree(tree, lambda folder: (folder / "b").touch())
    assert (tree / "a").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_killed_between_two_renames_the_old_tree_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path / "site"
    atomic.write_tree(tree, lambda folder: (folder / "a").touch())
    tree.rename(tmp_path / ".site.lens-old")
    atomic.recover(tree)
    assert (tree / "a").exists()


@pytest.mark.parametrize("what", ["device", "folder"])
def test_only_regular_files_are_replaced(tmp_path: Path, what: str) -> None:
    path = tmp_path / "target"
    if what == "device":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(OutputError, match="is no regular file"):
        atomic.write_bytes(path, b"data")
    assert not path.is_file()


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    atomic.write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_folder_whose_maker_was_killed_gets_its_mark(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / atomic.MARK).touch()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    for name in ("empty", "half", "full"):
        atomic.mark(tmp_path / name)
    assert atomic.is_ours(tmp_path / "empty")
    assert atomic.is_ours(tmp_path / "half")
    assert not atomic.is_ours(tmp_path / "full")
