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
    assert [p.name for p in tree.iterdir()] == ["b"]
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_tree_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    tree = tmp_path / "site"
    atomic.write_tree(tree, lambda folder: (folder / "a").touch())

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("bad result")

    with pytest.raises(ValueError, match="bad result"):
        atomic.write_tree(tree, fail)
    assert [p.name for p in tree.iterdir()] == ["a"]
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


def test_sweep_removes_only_what_is_half_written(tmp_path: Path) -> None:
    (tmp_path / ".a.partial").touch()
    (tmp_path / ".b.partial-xyz" / "new").mkdir(parents=True)
    (tmp_path / "keep").touch()
    atomic.sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["keep"]
