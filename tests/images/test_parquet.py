"""Parquet files of pictures: Hugging Face's schema and plainer ones, read row by row."""

import builtins
import json
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lens_site.classifier.labels import imagenet_labels
from lens_site.errors import SourceError, UnreadableImage
from lens_site.images import rows
from lens_site.images.source import ImageSource, open_source

pa = pytest.importorskip("pyarrow", reason="pip install 'lens-site[parquet]'")
parquet = pytest.importorskip("pyarrow.parquet")

TENCH, GOLDFISH = "n01440764", "n01443537"


def picture(shade: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def put(path: Path, columns: dict[str, Any], features: object = None, group: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(columns)
    if features is not None:
        told = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(told)
    parquet.write_table(table, path, row_group_size=group)
    return path


def imagenet(path: Path, paths: list[str], labels: list[int], names: list[str]) -> Path:
    """The schema in which Hugging Face publishes ImageNet."""
    images = [{"bytes": picture(i), "path": name} for i, name in enumerate(paths)]
    return put(
        path,
        {"image": images, "label": pa.array(labels, pa.int64())},
        {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": names}},
    )


def groups(source: ImageSource) -> dict[str, str | None]:
    return {key: source.group(i) for i, key in enumerate(source.keys)}


def held(source: ImageSource) -> list[bytes]:
    return [source.read(i) for i in range(len(source.keys))]


def test_imagenet_as_hugging_face_publishes_it(tmp_path: Path) -> None:
    data = tmp_path / "imagenet-1k" / "data"
    names = ["tench, Tinca tinca", "goldfish, Carassius auratus"]
    for part, stem in (("train", TENCH), ("validation", "ILSVRC2012_val_00000001")):
        for shard in (0, 1):
            paths = [f"{stem}_{shard}{i}_{w}.JPEG" for i, w in enumerate((TENCH, GOLDFISH) * 2)]
            imagenet(data / f"{part}-0000{shard}-of-00002.parquet", paths, [0, 1, 0, 1], names)
    test = [f"ILSVRC2012_test_{i:08d}.JPEG" for i in range(4)]
    imagenet(data / "test-00000-of-00001.parquet", test, [-1] * 4, names)
    root = data.parent
    source = open_source(str(root))
    assert isinstance(source, ImageSource)
    assert (source.name, len(source.keys)) == ("imagenet-1k-val", 8)
    assert source.found == (
        "8 pictures in 2 Parquet files, 2 classes, labels from the WordNet ids in file names, "
        f"part val (there is {root}:train and {root}:test too)"
    )
    assert [source.group(i) for i in range(8)] == [TENCH, GOLDFISH] * 4
    assert held(source) == [picture(i) for i in (0, 1, 2, 3)] * 2
    assert open_source(f"{root}:train").keys[0].startswith(TENCH)
    assert set(groups(open_source(f"{root}:test")).values()) == {None}


def test_names_of_the_labels_where_paths_say_nothing(tmp_path: Path) -> None:
    names = ["tench, Tinca tinca", "goldfish, Carassius auratus", "crane2"]
    path = imagenet(tmp_path / "x.parquet", ["a.jpg", "b.jpg", "c.jpg"], [1, 0, 7], names)
    source = open_source(str(path))
    assert groups(source) == {"a.jpg": names[1], "b.jpg": names[0], "c.jpg": "7"}
    assert source.found.endswith("3 classes, labels from the column label")
    labels = imagenet_labels()
    assert [labels.match(str(source.group(i))) for i in range(3)] == [1, 0, 7]


def test_a_label_whose_pictures_carry_two_ids_keeps_its_name(tmp_path: Path) -> None:
    paths = [f"{TENCH}_1.JPEG", f"{GOLDFISH}_2.JPEG", f"{GOLDFISH}_3.JPEG"]
    source = open_source(str(imagenet(tmp_path / "x.parquet", paths, [0, 0, 1], ["fish", "gold"])))
    assert list(groups(source).values()) == ["fish", "fish", GOLDFISH]


def test_plain_columns(tmp_path: Path) -> None:
    columns = {
        "id": [5, 6, 7], "class": ["cat", None, "dog"], "jpg": [picture(i) for i in range(3)],
    }  # fmt: skip
    source = open_source(str(put(tmp_path / "photos.parquet", columns)))
    assert groups(source) == {
        "photos/000000": "cat", "photos/000001": None, "photos/000002": "dog",
    }  # fmt: skip
    assert source.found == (
        "3 pictures in 1 Parquet file, 2 classes, labels from the column class, 1 without a label"
    )


def test_paths_that_are_alike_in_two_files_stand_below_the_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        imagenet(tmp_path / "set" / f"{name}.parquet", ["1.jpg", "2.jpg"], [0, 0], ["cat"])
    keys = open_source(str(tmp_path / "set")).keys
    assert keys == ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg")


@pytest.mark.parametrize("compression", ["snappy", "zstd", "none"])
def test_slices_of_large_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
) -> None:
    """Any order of reading gives the same bytes, and few slices are kept."""
    data = [bytes([i % 251]) * (200 + i) for i in range(300)]
    parquet.write_table(
        pa.table({"jpg": data}), tmp_path / "x.parquet", row_group_size=120,
        compression=compression, data_page_size=1_000, use_dictionary=False,
    )  # fmt: skip
    from lens_site.images import tables

    monkeypatch.setattr(tables, "SLICE", 3_000)
    monkeypatch.setattr(rows, "KEPT", 10_000)
    source = open_source(str(tmp_path / "x.parquet"))
    assert held(source) == data
    order = [(7 * i) % 300 for i in range(300)]
    assert [source.read(i) for i in order] == [data[i] for i in order]
    state = source._rows._states[os.getpid()]  # type: ignore[attr-defined]
    assert 2 <= len(state.kept) <= 5
    assert len(state.cursors) <= 2
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(source.read, range(300))) == data
        assert list(pool.map(pickle.loads(pickle.dumps(source)).read, order)) == [
            data[i] for i in order
        ]


def test_reading_in_order_reads_every_row_group_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "x.parquet", {"jpg": [picture(i) for i in range(30)]}, group=10)
    source = open_source(str(tmp_path / "x.parquet"))
    reads = []
    batches = rows.Rows._batches
    monkeypatch.setattr(
        rows.Rows,
        "_batches",
        lambda self, group: reads.append(group.number) or batches(self, group),
    )
    assert held(source) == [picture(i) for i in range(30)]
    assert reads == [0, 1, 2]


def test_a_row_without_bytes_is_one_unreadable_picture(tmp_path: Path) -> None:
    images = [{"bytes": picture(0), "path": "0.png"}, {"bytes": None, "path": "1.png"}, None]
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    source = open_source(str(put(tmp_path / "x.parquet", {"image": pa.array(images, kind)})))
    assert source.read(0) == picture(0)
    for i in (1, 2):
        with pytest.raises(UnreadableImage, match=f"no bytes in row {i}"):
            source.open(i, None)


def test_damaged_files_are_named_and_left_out(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        imagenet(tmp_path / "set" / f"{name}.parquet", [f"{name}.jpg"], [0], ["cat"])
    os.truncate(tmp_path / "set" / "a.parquet", 50)
    put(tmp_path / "set" / "c.parquet", {"text": ["no picture"]})
    source = open_source(str(tmp_path / "set"))
    assert source.keys == ("b.jpg",)
    assert "a.parquet cannot be read (" in source.found
    assert "c.parquet cannot be read (" in source.found


def test_damage_within_a_row_group_is_the_failure_of_its_pictures(tmp_path: Path) -> None:
    data = [os.urandom(5_000) for _ in range(20)]
    path = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"jpg": data}), path, row_group_size=10, use_dictionary=False)
    raw = bytearray(path.read_bytes())
    start = parquet.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    raw[start : start + 4_000] = b"\xff" * 4_000
    path.write_bytes(raw)
    source = open_source(str(path))
    assert source.read(3) == data[3]
    with pytest.raises(UnreadableImage, match=r"row group 1 of x\.parquet cannot be read"):
        source.read(13)
    assert source.read(4) == data[4]


def test_a_file_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    path = put(tmp_path / "x.parquet", {"jpg": [picture(0), picture(1)]})
    source = open_source(str(path))
    before = source.stamp(0)
    assert source.read(0) == picture(0)
    assert before != source.stamp(1)
    put(path, {"jpg": [picture(1), picture(0), picture(2)]})
    assert source.stamp(0) != before
    with pytest.raises(UnreadableImage, match="changed since it was opened"):
        source.read(0)


def test_files_without_pictures_say_what_is_there(tmp_path: Path) -> None:
    path = put(tmp_path / "x.parquet", {"text": ["a"], "label": [0]})
    with pytest.raises(SourceError, match="no column of pictures among text, label; wanted bytes"):
        open_source(str(path))


def test_without_pyarrow_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "x.parquet", {"jpg": [picture(0)]})
    wanted = builtins.__import__

    def absent(name: str, *arguments: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return wanted(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(SourceError, match=r"pip install 'lens-site\[parquet\]'$"):
        open_source(str(path))
