"""Activations kept on disk: the same bits come back, or none."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from lens_site.activations import Activations
from lens_site.activations.packing import pack, unpack
from lens_site.engine.cache import BLOCK, BLOCKS, ENTRY, INDEX, Keeping, KeptOnDisk
from lens_site.results.predictions import identities

H, W, P, T = 5, 7, 60, 2
DENSE = (H * W + T) * P * 4
IMAGES = identities([f"{i}.jpg" for i in range(40)], ["1"] * 40)
SHAPE = (H, W, T, P)


def one(seed: int, share: float = 0.3) -> Activations:
    """Activations of one image, of which about this share is not zero."""
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randn(1, H * W + T, P, generator=draw)
    rows[torch.rand(rows.shape, generator=draw) >= share] = 0
    return Activations(rows[:, : H * W].reshape(1, H, W, P), rows[:, H * W :])


def bits(of: Activations) -> bytes:
    return of.patches.numpy().tobytes() + of.context.numpy().tobytes()


def read(folder: Path) -> KeptOnDisk:
    return KeptOnDisk(folder, IMAGES, SHAPE)


def found(folder: Path, share: float = 0.3) -> list[int]:
    """Images that come back, each the same bits as were kept."""
    kept, there = read(folder), []
    for i in range(len(IMAGES)):
        got = kept.get(i)
        if got is not None:
            assert bits(got) == bits(one(i, share)), i
            there.append(i)
    return there


def keep(folder: Path, *images: int, limit: int = 10**9, share: float = 0.3) -> None:
    with Keeping(folder / "all", IMAGES, limit) as cache:
        for i in images:
            cache.put(i, one(i, share))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.09, 0.5, 0.99, 1.0])
def test_packed_activations_are_the_same_bits(share: float) -> None:
    given = one(3, share)
    given.patches[0, 0, 0, :3] = torch.tensor([-0.0, float("nan"), float("inf")])
    packed = pack(given)
    assert bits(unpack(packed, SHAPE)) == bits(given)
    wanted = min(DENSE, DENSE // 32 + round(share * DENSE))
    assert len(packed) == pytest.approx(wanted, abs=0.02 * DENSE)
    for wrong in (packed[:-1], packed[:-4], packed + b"0000"):
        if len(wrong) != DENSE:
            with pytest.raises(ValueError):
                unpack(wrong, SHAPE)


def test_what_was_kept_comes_back_now_and_later(tmp_path: Path) -> None:
    assert found(tmp_path) == []
    keep(tmp_path, 3, 5, 8)
    assert found(tmp_path) == [3, 5, 8]
    keep(tmp_path, 1)
    assert found(tmp_path) == [1, 3, 5, 8]
    with Keeping(tmp_path / "all", IMAGES, 10**9) as cache:
        assert cache.kept.tolist() == [1, 3, 5, 8]


def test_all_writers_are_read(tmp_path: Path) -> None:
    keep(tmp_path, 1, 2)
    with Keeping(tmp_path / "2-of-2", IMAGES, 10**9) as cache:
        cache.put(3, one(3))
    assert found(tmp_path) == [1, 2, 3]


def test_a_changed_picture_is_not_found(tmp_path: Path) -> None:
    keep(tmp_path, 1, 2)
    changed = IMAGES.copy()
    changed[2] += 1
    kept = KeptOnDisk(tmp_path, changed, SHAPE)
    assert kept.get(1) is not None
    assert kept.get(2) is None


def test_blocks_are_used_again_within_the_limit(tmp_path: Path) -> None:
    """Room for three images of one to three blocks; every fourth takes the place of one."""
    limit, held = 9 * BLOCK, list[int]()
    with Keeping(tmp_path / "all", IMAGES, limit) as cache:
        for i in range(40):
            if len(held) == 3:
                cache.drop(held.pop(i % 2))
            cache.put(i, one(i, (0.3, 0.6, 1.0)[i % 3]))
            held.append(i)
    assert (tmp_path / "all" / BLOCKS).stat().st_size <= limit
    kept = read(tmp_path)
    for i in range(40):
        got = kept.get(i)
        assert got is None or bits(got) == bits(one(i, (0.3, 0.6, 1.0)[i % 3]))
    assert all(kept.get(i) is not None for i in held)
    with Keeping(tmp_path / "all", IMAGES, limit) as cache:
        assert set(held) <= set(cache.kept.tolist())
        assert (tmp_path / "all" / INDEX).stat().st_size > 25 * ENTRY.itemsize


def test_no_room_keeps_the_first(tmp_path: Path) -> None:
    keep(tmp_path, *range(10), limit=3 * BLOCK)
    assert found(tmp_path) == [0, 1, 2]  # of one block each
    keep(tmp_path, *range(10), limit=0)
    assert found(tmp_path) == []
    assert not (tmp_path / "all").exists()


def test_a_smaller_limit_begins_anew(tmp_path: Path) -> None:
    keep(tmp_path, *range(10))
    keep(tmp_path, 20, limit=7 * BLOCK)
    assert found(tmp_path) == [20]


@pytest.mark.parametrize("name", [BLOCKS, INDEX])
def test_torn_files_lose_their_last_image(tmp_path: Path, name: str) -> None:
    keep(tmp_path, 0, 1, 2)
    path = tmp_path / "all" / name
    os.truncate(path, path.stat().st_size - 5)
    assert found(tmp_path) == [0, 1]
    keep(tmp_path, 2, 3)
    assert found(tmp_path) == [0, 1, 2, 3]


def test_data_without_its_row_is_not_taken_for_another_image(tmp_path: Path) -> None:
    """Killed between the data and the row: the blocks of image 1 hold image 9, as many bytes."""
    keep(tmp_path, 0, 1, 2, share=1.0)
    with Keeping(tmp_path / "all", IMAGES, 10**9) as cache:
        cache.drop(1)
        cache.put(9, one(9, 1.0))
    index = tmp_path / "all" / INDEX
    os.truncate(index, index.stat().st_size - ENTRY.itemsize)
    assert found(tmp_path, 1.0) == [0, 2]


@pytest.mark.parametrize("name", [BLOCKS, INDEX])
def test_flipped_bits_are_found(tmp_path: Path, name: str) -> None:
    keep(tmp_path, *range(6))
    path = tmp_path / "all" / name
    draw, good = np.random.default_rng(0), path.read_bytes()
    for _ in range(60):
        data = bytearray(good)
        data[draw.integers(len(data))] ^= 1 << draw.integers(8)
        path.write_bytes(data)
        assert len(found(tmp_path)) >= 5
    path.write_bytes(b"")
    assert found(tmp_path) == []
    path.unlink()
    assert found(tmp_path) == []


def test_a_full_disk_gives_its_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Keeping(tmp_path / "all", IMAGES, 10**9) as cache:
        cache.put(0, one(0))
        full = os.open("/dev/full", os.O_RDWR)
        os.dup2(full, cache._blocks.fileno())
        cache.put(1, one(1))
        assert not (tmp_path / "all").exists()
        cache.put(2, one(2))
        cache.drop(0)
        os.close(full)
    assert found(tmp_path) == []
    (tmp_path / "file").write_bytes(b"")
    with Keeping(tmp_path / "file", IMAGES, 10**9) as cache:
        cache.put(0, one(0))
    assert (tmp_path / "file").exists()
