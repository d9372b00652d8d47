"""The table of predictions: appended, torn, damaged, read by others."""

import resource
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lens_site.errors import OutputError
from lens_site.results import predictions as table
from lens_site.results.predictions import (
    ROW,
    UNKNOWN,
    UNREADABLE,
    Predictions,
    Segment,
    identities,
    read_predictions,
)

KEYS = tuple(f"class {i % 7}/{i:05d}.jpg" for i in range(1000))


def images(keys: Sequence[str] = KEYS, stamp: str = "1") -> np.ndarray:
    return identities(keys, [stamp] * len(keys))


def rows(of: np.ndarray, classes: int = 5, first: int = 0) -> np.ndarray:
    made = np.zeros(len(of), ROW)
    made["image"] = of
    made["digest"] = np.random.default_rng(first).integers(0, 256, (len(of), 32))
    made["predicted"] = (np.arange(len(of)) + first) % classes
    made["probability"] = np.arange(len(of)) / max(1, len(of))
    made["logit"] = -1.5 * np.arange(len(of))
    return made


def append(folder: Path, *batches: np.ndarray, reasons: Sequence[str] = ()) -> None:
    with Segment(folder) as segment:
        for batch in batches:
            segment.append(batch, reasons)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def same(found: Predictions, at: slice | np.ndarray, wanted: np.ndarray) -> bool:
    names = ("predicted", "digest", "probability", "logit", "image")
    return all(bool((getattr(found, name)[at] == wanted[name]).all()) for name in names)


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    made = rows(images())
    append(tmp_path / "all", made[:300], made[300:301], made[301:])
    found = read_predictions(tmp_path, images())
    assert same(found, slice(None), made)
    assert len(found.unknown) == 0
    assert found.hexadecimal(5) == bytes(made["digest"][5]).hex()
    assert size(tmp_path) == ROW.itemsize * 1000


def test_an_absent_table_knows_nothing(tmp_path: Path) -> None:
    found = read_predictions(tmp_path / "absent", images())
    assert (found.predicted == UNKNOWN).all()
    assert found.unknown.tolist() == list(range(1000))
    assert len(read_predictions(tmp_path, images(()))) == 0


def test_the_order_and_number_of_images_may_change(tmp_path: Path) -> None:
    made = rows(images())
    append(tmp_path / "all", made)
    kept = np.random.default_rng(0).permutation(1000)[:400]
    found = read_predictions(tmp_path, images([*(KEYS[i] for i in kept), "new.jpg"]))
    assert same(found, slice(400), made[kept])
    assert found.unknown.tolist() == [400]


def test_a_changed_picture_has_a_new_row_and_the_old_one_stays(tmp_path: Path) -> None:
    made = rows(images())
    append(tmp_path / "all", made)
    changed = images().copy()
    changed[7] = images(KEYS[7:8], "2")
    assert read_predictions(tmp_path, changed).unknown.tolist() == [7]
    new = rows(changed[7:8], first=3)
    append(tmp_path / "all", new)
    assert same(read_predictions(tmp_path, changed), slice(7, 8), new)
    assert same(read_predictions(tmp_path, images()), slice(None), made)
    assert size(tmp_path) == ROW.itemsize * 1001


def test_all_segments_are_read_and_the_later_row_wins(tmp_path: Path) -> None:
    made = rows(images())
    for part in range(3):
        append(tmp_path / f"{part + 1}-of-3", made[part::3])
    assert same(read_predictions(tmp_path, images()), slice(None), made)
    again = rows(images()[:10], first=9)
    append(tmp_path / "1-of-3", rows(images()[:10], first=5), again)
    assert same(read_predictions(tmp_path, images()), slice(0, 10, 3), again[::3])


def test_reasons_come_with_the_unreadable(tmp_path: Path) -> None:
    made = rows(images())
    made["predicted"][[3, 8]] = UNREADABLE
    append(tmp_path / "all", made, reasons=["empty file (0 bytes)", "a\nline »ü«"])
    found = read_predictions(tmp_path, images())
    assert found.reasons == {3: "empty file (0 bytes)", 8: "a\nline »ü«"}
    path = tmp_path / "all" / table.REASONS
    path.write_bytes(path.read_bytes()[:-5])  # torn
    assert read_predictions(tmp_path, images()).unknown.tolist() == [8]


@pytest.mark.parametrize("name", ROW.names or ())
@pytest.mark.parametrize("lost", [1, 30, 64])
def test_a_torn_row_is_cut_off(tmp_path: Path, name: str, lost: int) -> None:
    made = rows(images())
    append(tmp_path / "all", made[:500])
    path = tmp_path / "all" / f"{name}.bin"
    path.write_bytes(path.read_bytes()[:-lost])
    left = 500 - -(-lost // ROW[name].itemsize)
    assert read_predictions(tmp_path, images()).unknown.tolist() == list(range(left, 1000))
    append(tmp_path / "all", made[left:])
    assert same(read_predictions(tmp_path, images()), slice(None), made)
    assert size(tmp_path) == ROW.itemsize * 1000


@pytest.mark.parametrize("name", ROW.names or ())
def test_every_flipped_bit_is_found(tmp_path: Path, name: str) -> None:
    made = rows(images())
    append(tmp_path / "all", made)
    path, whole = tmp_path / "all" / f"{name}.bin", 8 * ROW[name].itemsize
    for bit in range(0, whole, max(1, whole // 32)):
        data = bytearray(path.read_bytes())
        data[500 * ROW[name].itemsize + bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        assert read_predictions(tmp_path, images()).unknown.tolist() == [500]
        data[500 * ROW[name].itemsize + bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)


def test_what_is_no_table_is_passed_over_or_refused(tmp_path: Path) -> None:
    made = rows(images())
    append(tmp_path / "good", made[:10])
    append(tmp_path / "odd", made[10:])
    column = tmp_path / "odd" / "logit.bin"
    column.unlink()
    assert len(read_predictions(tmp_path, images()).unknown) == 990
    column.mkdir()
    assert len(read_predictions(tmp_path, images()).unknown) == 990
    with pytest.raises(OutputError, match=r"odd: cannot be written \(Is a directory\)"):
        Segment(tmp_path / "odd")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="file"):
        Segment(tmp_path / "file")
    (tmp_path / "good" / table.REASONS).write_bytes(b'[1]\n{"a": 2}\n["zz", 3]\n\xff\n\n')
    assert len(read_predictions(tmp_path, images()).unknown) == 990


def test_a_disk_that_fills_up_keeps_what_was_appended(tmp_path: Path) -> None:
    made = rows(images())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Segment(tmp_path / "all") as segment:
        segment.append(made[:100])
        resource.setrlimit(resource.RLIMIT_FSIZE, (150 * 16, hard))
        try:
            with pytest.raises(OutputError, match="cannot be written"):
                segment.append(made[100:])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    found = read_predictions(tmp_path, images())
    assert same(found, slice(100), made[:100])
    append(tmp_path / "all", made[100:])
    assert same(read_predictions(tmp_path, images()), slice(None), made)


def test_identities_tell_key_and_stamp_apart() -> None:
    named = identities(["a", "a", "ab", "\udcff", ""], ["b", "c", "", "é", "ab"])
    assert len(np.unique(named, axis=0)) == 5
    assert (identities(["a"], ["b"]) == named[0]).all()
