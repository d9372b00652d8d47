"""Folders as they are found on real disks."""

import os
from pathlib import Path

import pytest
from PIL import Image

from lens_site.atomic import mark
from lens_site.errors import SourceError, UnreadableImage
from lens_site.images.source import ImageSource, open_source
from lens_site.images.sources.folder import FolderSource

FOLDER = "lens_site.images.sources.folder"


def put(path: Path, color: str = "red", size: tuple[int, int] = (6, 4)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)
    return path


def test_finds_pictures_by_extension_sorted_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.PNG", "b/10.png", "a/deep/er/x.JpEg", "top.webp", "c/y.bmp", "B/z.jpg"):
        put(tmp_path / name)
    for name in (".hidden.png", "b/._2.png", ".git/x.png"):
        put(tmp_path / name)
    (tmp_path / "b" / "notes.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.png").mkdir()
    source = FolderSource(tmp_path)
    assert isinstance(source, ImageSource)
    assert source.keys == (
        "B/z.jpg",
        "a/deep/er/x.JpEg",
        "b/10.png",
        "b/2.PNG",
        "c/y.bmp",
        "top.webp",
    )
    groups = [source.group(i) for i in range(len(source.keys))]
    assert groups == ["B", "a", "b", "b", "c", None]
    assert source.description == f"6 pictures in 4 folders of {tmp_path.name}."
    assert (source.name, source.views_of_few, source.credits) == (tmp_path.name, False, ())


def test_name_and_description_of_a_flat_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "cats" / "1.png")
    monkeypatch.chdir(tmp_path / "cats")
    source = open_source(".")
    assert (source.name, source.description) == ("cats", "1 picture of the folder cats.")


def test_unicode_and_undecodable_names(tmp_path: Path) -> None:
    put(tmp_path / "café ☕" / "日本 1.png")
    os.rename(put(tmp_path / "x.png"), os.fsencode(tmp_path) + b"/\xff.png")  # noqa: PTH104
    source = FolderSource(tmp_path)
    assert sorted(source.keys) == ["\\xff.png", "café ☕/日本 1.png"]
    assert [source.open(i, None).size for i in (0, 1)] == [(6, 4), (6, 4)]
    assert "".join(source.keys).encode()


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    real = tmp_path / "real"
    put(real / "in" / "1.png")
    root = tmp_path / "root"
    put(root / "own.png")
    (root / "linked").symlink_to(real)
    (root / "file.png").symlink_to(real / "in" / "1.png")
    (real / "in" / "back").symlink_to(root)
    (real / "self").symlink_to(real)
    assert FolderSource(root).keys == ("file.png", "linked/in/1.png", "own.png")
    assert FolderSource(root / "linked").name == "linked"


def test_many_links_to_one_folder_list_it_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for i in range(9):  # each linked to all: listed again at every turn, 9! folders
        put(root / str(i) / "1.png")
        for j in range(9):
            (root / str(i) / f"to{j}").symlink_to(root / str(j))
    assert FolderSource(root).keys == tuple(f"{i}/1.png" for i in range(9))


def test_a_real_folder_wins_over_a_link_to_it(tmp_path: Path) -> None:
    put(tmp_path / "root" / "z" / "1.png")
    (tmp_path / "root" / "a").symlink_to(tmp_path / "root" / "z")
    assert FolderSource(tmp_path / "root").keys == ("z/1.png",)


def test_a_link_to_itself_is_one_unreadable_picture(tmp_path: Path) -> None:
    put(tmp_path / "1.png")
    (tmp_path / "2.png").symlink_to("2.png")
    source = FolderSource(tmp_path)
    assert source.keys == ("1.png", "2.png")
    with pytest.raises(UnreadableImage, match="cannot be read"):
        source.read(1)


def test_bytes_and_text_that_read_alike_keep_two_keys(tmp_path: Path) -> None:
    put(tmp_path / "\\xff.png", "blue")
    os.rename(put(tmp_path / "x.png"), os.fsencode(tmp_path) + b"/\xff.png")  # noqa: PTH104
    source = FolderSource(tmp_path)
    assert sorted(source.keys) == ["\\xff.png", "\\xff.png (2)"]
    assert len({source.read(0), source.read(1)}) == 2


def test_what_lens_made_is_no_input(tmp_path: Path) -> None:
    put(tmp_path / "cats" / "1.png")
    mark(tmp_path / "build" / "site")
    put(tmp_path / "build" / "site" / "2.png")
    assert FolderSource(tmp_path).keys == ("cats/1.png",)


@pytest.mark.parametrize("data", ["", "a\0b", "x" * 6000, "~nobody-of-this-name/x"])
def test_names_that_no_folder_can_have(data: str) -> None:
    with pytest.raises(SourceError, match="data: no folder or file"):
        open_source(data)


def test_stamp_changes_with_the_file_and_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "1.png")
    source = FolderSource(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(f"{FOLDER}.open", lambda *_: pytest.fail("stamp read"), raising=False)
        before = source.stamp(0)
        assert source.stamp(0) == before
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
        touched = source.stamp(0)
    path.write_bytes(path.read_bytes() + b"\0")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    path_gone = source.stamp(0)
    path.unlink()
    assert len({before, touched, path_gone, source.stamp(0)}) == 4


def test_read_is_the_file_and_open_its_pixels(tmp_path: Path) -> None:
    path = put(tmp_path / "1.png", "blue")
    source = FolderSource(tmp_path)
    assert source.read(0) == path.read_bytes()
    assert source.open(0, None).getpixel((0, 0)) == (0, 0, 255)


def test_what_cannot_be_read_stays_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1-gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "2-pipe.png")
    put(tmp_path / "3-locked.png")
    source = FolderSource(tmp_path)
    assert source.keys == ("1-gone.png", "2-pipe.png", "3-locked.png")
    with pytest.raises(UnreadableImage, match=r"^cannot be read \(No such file or directory\)$"):
        source.open(0, None)
    with pytest.raises(UnreadableImage, match=r"^not a regular file$"):
        source.open(1, None)

    def locked(path: bytes, mode: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(f"{FOLDER}.open", locked, raising=False)
    with pytest.raises(UnreadableImage, match=r"^cannot be read \(Permission denied\)$"):
        source.read(2)


def test_folder_without_pictures_names_the_extensions(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(SourceError, match=r"no picture in .*\.bmp, \.jpeg, \.jpg, \.png, \.webp"):
        open_source(str(tmp_path))


def test_file_in_place_of_a_folder(tmp_path: Path) -> None:
    path = put(tmp_path / "1.png")
    with pytest.raises(SourceError, match=r"1\.png is a file; wanted a folder"):
        open_source(str(path))


def test_missing_folder_names_the_built_in_sources(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"wanted demo, .* a folder of pictures"):
        open_source(str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="did you mean 'imagenette'"):
        open_source("imagenete")


def test_folder_that_cannot_be_listed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a" / "1.png")
    put(tmp_path / "locked" / "2.png")
    listing = os.scandir

    def scandir(folder: Path) -> object:
        if folder.name == "locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr("lens_site.images.sources.folder.os.scandir", scandir)
    with pytest.raises(SourceError, match=r"locked cannot be listed \(Permission denied\)"):
        FolderSource(tmp_path)
