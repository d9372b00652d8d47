"""Tar shards as they are found: webdataset's, of class folders, of tars, damaged, replaced."""

import json
import os
import pickle
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from lens_site.errors import SourceError, UnreadableImage
from lens_site.images import shards
from lens_site.images.source import ImageSource, open_source
from lens_site.images.sources.folder import FolderSource

TENCH, GOLDFISH = "n01440764", "n01443537"
Member = tuple[str, bytes]


def picture(shade: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def tar(path: Path, members: Sequence[Member], form: int = tarfile.USTAR_FORMAT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=form) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
    return path


def opened(path: Path | str, tmp_path: Path) -> ImageSource:
    return open_source(str(path), cache=tmp_path / "cache")


def groups(source: ImageSource) -> dict[str, str | None]:
    return {key: source.group(i) for i, key in enumerate(source.keys)}


def test_members_of_one_base_name_label_their_picture(tmp_path: Path) -> None:
    tar(
        tmp_path / "set" / "000.tar",
        [
            ("a.cls", b"7\n"), ("a.json", b'{"label": 8}'), ("a.jpg", picture(1)),
            ("b.webp", picture(2)), ("b.json", b'{"label": 9, "width": 4, "wnid": "n01443537"}'),
            ("c.png", picture(3)), ("c.txt", b"goldfish"),
            ("f.2020.jpg", picture(6)), ("f.2020.cls", b"6"),
            ("g.x.jpg", picture(7)), ("g.cls", b"7"),
            ("d.JPEG", picture(4)), ("d.json", b'{"caption": "a fish"}'),
            ("e.jpg", picture(5)), ("e.json", b"{not json"), ("e.txt", b"x" * 200),
        ],
    )  # fmt: skip
    source = opened(tmp_path / "set", tmp_path)
    assert isinstance(source, ImageSource)
    assert groups(source) == {
        "a.jpg": "7", "b.webp": GOLDFISH, "c.png": "goldfish", "f.2020.jpg": "6", "g.x.jpg": "7",
        "d.JPEG": None, "e.jpg": None,
    }  # fmt: skip
    assert source.found == (
        "7 pictures in 1 tar file, 4 classes, labels from cls members and json members and "
        "txt members, 2 without a label"
    )
    assert source.description == "7 pictures in 1 tar file of set."
    assert [source.read(i) for i in range(7)] == [picture(i) for i in (1, 2, 3, 6, 7, 4, 5)]
    assert source.open(2, None).getpixel((0, 0)) == (3, 3, 3)


def test_class_folders_in_a_tar(tmp_path: Path) -> None:
    path = tar(
        tmp_path / "set.tar",
        [
            (f"./{TENCH}/1.JPEG", picture(1)),
            (f"imagenette/train/{GOLDFISH}/2.JPEG", picture(2)),
            ("train/cat/new/3.png", picture(3)),
            (f"{TENCH}_4.JPEG", picture(4)),
            ("5.png", picture(5)),
            (f"{TENCH}/._1.JPEG", b"hidden"),
        ],
    )
    source = opened(path, tmp_path)
    assert source.name == "set"
    assert groups(source) == {
        f"{TENCH}/1.JPEG": TENCH,
        f"imagenette/train/{GOLDFISH}/2.JPEG": GOLDFISH,
        "train/cat/new/3.png": "cat",
        f"{TENCH}_4.JPEG": TENCH,
        "5.png": None,
    }


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_of_tars_as_imagenet_comes(tmp_path: Path, form: int) -> None:
    inner = {
        wordnet: tar(
            tmp_path / "synsets" / f"{wordnet}.tar",
            [(f"{wordnet}_{i}.JPEG", picture(10 * k + i)) for i in (1, 2)],
            form,
        ).read_bytes()
        for k, wordnet in enumerate((TENCH, GOLDFISH))
    }
    outer = [(f"{name}.tar", data) for name, data in inner.items()]
    path = tar(tmp_path / "down" / "ILSVRC2012_img_train.tar", outer, form)
    for data in (path, path.parent, f"{path.parent}:train"):
        source = opened(data, tmp_path)
        assert groups(source) == {
            f"{wordnet}/{wordnet}_{i}.JPEG": wordnet for wordnet in inner for i in (1, 2)
        }
        assert [source.read(i) for i in range(4)] == [picture(p) for p in (1, 2, 11, 12)]


def test_imagenets_downloads_are_two_parts(tmp_path: Path) -> None:
    one = tar(tmp_path / f"{TENCH}.tar", [(f"{TENCH}_1.JPEG", picture(1))]).read_bytes()
    folder = tmp_path / "ilsvrc"
    tar(folder / "ILSVRC2012_img_train.tar", [(f"{TENCH}.tar", one)])
    tar(folder / "ILSVRC2012_img_val.tar", [("val/ILSVRC2012_val_00000001.JPEG", picture(2))])
    (folder / "LOC_val_solution.csv").write_text(
        f"ImageId,PredictionString\nILSVRC2012_val_00000001,{GOLDFISH} 1 1 2 2\n"
    )
    source = opened(folder, tmp_path)
    assert source.name == "ilsvrc-val"
    assert groups(source) == {"val/ILSVRC2012_val_00000001.JPEG": GOLDFISH}
    assert source.found == (
        "1 picture in 1 tar file, 1 class, labels from LOC_val_solution.csv, "
        f"part val (there is {folder}:train too)"
    )


def test_patterns_and_what_is_missing_of_them(tmp_path: Path) -> None:
    for i in range(12):
        tar(tmp_path / "set" / f"s-{i:03d}.tar", [(f"{i:02d}.png", picture(i))])
    assert len(opened(f"{tmp_path}/set/s-{{008..011}}.tar", tmp_path).keys) == 4
    assert opened(f"{tmp_path}/set/s-{{000,011}}.tar", tmp_path).keys == ("00.png", "11.png")
    source = opened(f"{tmp_path}/set/s-01?.tar", tmp_path)
    assert (source.keys, source.name) == (("10.png", "11.png"), "set")
    with pytest.raises(SourceError, match=r"no file .*s-012\.tar, of the pattern"):
        opened(f"{tmp_path}/set/s-{{010..013}}.tar", tmp_path)


def test_parts_by_names_of_files(tmp_path: Path) -> None:
    for part in ("train", "validation"):
        tar(tmp_path / "set" / f"x-{part}-00.tar", [(f"{part}.png", picture(1))])
    tar(tmp_path / "set" / "extra.tar", [("extra.png", picture(1))])
    source = opened(tmp_path / "set", tmp_path)
    assert (source.keys, source.name) == (("validation.png",), "set-val")
    assert source.found.endswith(
        f"part val (there is {tmp_path}/set:train too), left out extra.tar"
    )
    assert opened(f"{tmp_path}/set:train", tmp_path).keys == ("train.png",)
    with pytest.raises(SourceError, match="has no part 'test'"):
        opened(f"{tmp_path}/set:test", tmp_path)


def test_names_in_two_shards_and_twice_in_one(tmp_path: Path) -> None:
    tar(tmp_path / "set" / "a.tar", [("1.png", picture(1)), ("2.png", picture(2))])
    tar(tmp_path / "set" / "b.tar", [("1.png", picture(3)), ("1.png", picture(4))])
    source = opened(tmp_path / "set", tmp_path)
    assert source.keys == ("a/1.png", "a/2.png", "b/1.png")
    assert source.read(2) == picture(4), "the later member counts"
    for folder in ("x", "y"):
        tar(tmp_path / "more" / folder / "a.tar", [("1.png", picture(1))])
    source = opened(f"{tmp_path}/more/{{x,y}}/a.tar", tmp_path)
    assert (source.keys, source.name) == (("00000-a/1.png", "00001-a/1.png"), "more")


def test_a_truncated_shard_gives_what_is_whole_and_is_named(tmp_path: Path) -> None:
    members = [(f"{i}.png", picture(i)) for i in range(4)]
    path = tar(tmp_path / "set" / "000.tar", members)
    with tarfile.open(path) as archive:
        third = archive.getmember("3.png")
    tar(tmp_path / "set" / "001.tar", [("9.png", picture(9))])
    (tmp_path / "set" / "002.tar").write_bytes(b"no tar" * 200)
    os.truncate(path, third.offset_data + 10)
    source = opened(tmp_path / "set", tmp_path)
    assert source.keys == ("0.png", "1.png", "2.png", "9.png")
    assert source.found.endswith(
        "000.tar is damaged after 3 members (it ends within 3.png), "
        "002.tar is no tar file, or a compressed one"
    )
    for size in (third.offset - 100, third.offset):
        os.truncate(path, size)
        source = opened(tmp_path / "set", tmp_path)
        assert "000.tar is damaged after " in source.found
        assert source.keys[-1] == "9.png"


@pytest.mark.parametrize("inner", [False, True])
def test_damage_between_members_is_no_end(tmp_path: Path, inner: bool) -> None:
    path = tar(tmp_path / f"{TENCH}.tar", [(f"{i}.png", picture(i)) for i in range(4)])
    with tarfile.open(path) as archive:
        at = archive.getmember("2.png").offset
    data = bytearray(path.read_bytes())
    data[at : at + 100] = b"\xff" * 100
    path.write_bytes(data)
    if inner:
        path = tar(tmp_path / "outer.tar", [(path.name, bytes(data)), ("9.png", picture(9))])
    source = opened(path, tmp_path)
    assert len(source.keys) == (3 if inner else 2)
    where = f"outer.tar, {TENCH}/" if inner else f"{TENCH}.tar"
    assert f"{where} is damaged after 2 members (no header and no end at byte" in source.found


def test_nothing_to_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "bad.tar").write_bytes(b"\x1f\x8b" * 600)
    with pytest.raises(SourceError, match=r"bad\.tar is no tar file, or a compressed one"):
        opened(tmp_path / "bad.tar", tmp_path)
    with tarfile.open(tmp_path / "x.tar.gz", "w:gz"):
        pass
    with pytest.raises(SourceError, match=r"x\.tar\.gz is compressed; wanted a plain tar"):
        opened(tmp_path / "x.tar.gz", tmp_path)


def test_a_shard_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    path = tar(tmp_path / "set" / "000.tar", [("1.png", picture(1)), ("2.png", picture(2))])
    source = opened(tmp_path / "set", tmp_path)
    before = source.stamp(0)
    assert before == source.stamp(0) != source.stamp(1)
    tar(path, [("2.png", picture(2)), ("1.png", picture(3)), ("3.png", picture(3))])
    assert source.stamp(0) != before
    with pytest.raises(UnreadableImage, match=r"000\.tar changed since it was opened"):
        source.read(0)
    again = opened(tmp_path / "set", tmp_path)
    assert again.keys == ("2.png", "1.png", "3.png")
    path.unlink()
    with pytest.raises(UnreadableImage):
        again.read(0)


def test_the_index_is_kept_and_a_damaged_one_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [("a.cls", b"3"), ("a.png", picture(1)), ("ü.png", picture(2))]
    tar(tmp_path / "set" / "000.tar", members)
    first = opened(tmp_path / "set", tmp_path)
    made = []
    make = shards.make_index
    monkeypatch.setattr(shards, "make_index", lambda file: made.append(file) or make(file))
    again = opened(tmp_path / "set", tmp_path)
    assert made == []
    assert (again.found, groups(again)) == (first.found, groups(first))
    assert [again.read(i) for i in (0, 1)] == [picture(1), picture(2)]
    (kept,) = (tmp_path / "cache" / "tar").iterdir()
    kept.write_bytes(kept.read_bytes()[:-40])
    assert groups(opened(tmp_path / "set", tmp_path)) == groups(first)
    assert len(made) == 1


def test_a_cache_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    path = tar(tmp_path / "set.tar", [("1.png", picture(1))])
    (tmp_path / "cache").write_text("a file where a folder should be")
    assert opened(path, tmp_path).keys == ("1.png",)


def test_threads_and_pickles_read_the_same(tmp_path: Path) -> None:
    tar(tmp_path / "set.tar", [(f"{i:03d}.png", picture(i)) for i in range(200)])
    source = opened(tmp_path / "set.tar", tmp_path)
    other = pickle.loads(pickle.dumps(source))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(other.read, range(200))) == [picture(i) for i in range(200)]
    assert other.keys == source.keys


def test_pictures_beside_a_stray_tar_stay_a_folder(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        (tmp_path / "photos" / name / "1.png").write_bytes(picture(1))
    tar(tmp_path / "photos" / "all.tar", [("cat/1.png", picture(1))])
    assert type(opened(tmp_path / "photos", tmp_path)) is FolderSource


def test_json_of_odd_shapes_labels_nothing(tmp_path: Path) -> None:
    odd = [[1], "cat", {"label": [1]}, {"label": True}, {"label": ""}, {"label": None}, {}]
    members = [(f"{i}.json", json.dumps(value).encode()) for i, value in enumerate(odd)]
    members += [(f"{i}.png", picture(i)) for i in range(len(odd))]
    source = opened(tar(tmp_path / "set.tar", members), tmp_path)
    assert set(groups(source).values()) == {None}
    assert source.found == "7 pictures in 1 tar file, no labels"
