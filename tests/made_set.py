"""Write one set of pictures as a folder, as tar shards and as Parquet: same keys, same bytes.

Pictures are random crops (seeded, scale 0.2 to 1) of photographs in class folders, each of which
may hold as little as one. From the repository:

    python tests/made_set.py ../shared/data/imagenet-samples /tmp/made --classes 200 --pictures 500

writes ``/tmp/made/{folder,tar,parquet}/made``, each of which is a ``--data`` of the same name.
"""

import argparse
import json
import sys
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

SHARD, GROUP = 1_000, 100
"""Pictures a tar shard or Parquet file, and a row group."""

SCALE, RATIO, LONGEST = (0.2, 1.0), (3 / 4, 4 / 3), 320
"""Share of a photograph's area, width over height, and pixels of a longer side."""


class Made(NamedTuple):
    """One picture: its key, the number of its class, its file's bytes."""

    key: str
    number: int
    data: bytes


def pictures(origin: Path, numbers: Mapping[str, int], each: int, seed: int) -> Iterator[Made]:
    """Draw ``each`` crops a class, in the order of the keys; ``numbers`` gives folders numbers."""
    for folder in sorted(numbers):
        photographs = [_open(path) for path in sorted((origin / folder).iterdir())]
        for i in range(each):
            generator = np.random.default_rng([seed, numbers[folder], i])
            photograph = photographs[int(generator.integers(len(photographs)))]
            yield Made(f"{folder}/{i:05d}.jpg", numbers[folder], _crop(photograph, generator))


def write(out: Path, made: Iterator[Made], names: list[str]) -> dict[str, Path]:
    """Write a set three times, a shard at a time; return the three places."""
    places = {kind: out / kind / "made" for kind in ("folder", "tar", "parquet")}
    for place in places.values():
        place.mkdir(parents=True)
    number = 0
    while part := list(islice(made, SHARD)):
        for picture in part:
            path = places["folder"] / picture.key
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture.data)
        _write_tar(places["tar"] / f"made-{number:06d}.tar", part)
        _write_parquet(places["parquet"] / f"made-{number:06d}.parquet", part, names)
        number += 1
    return places


def _write_tar(path: Path, part: list[Made]) -> None:
    with tarfile.open(path, "w") as archive:
        for picture in part:
            base = picture.key.removesuffix(".jpg")
            for name, data in (
                (f"{base}.cls", str(picture.number).encode()),
                (picture.key, picture.data),
            ):
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, BytesIO(data))


def _write_parquet(path: Path, part: list[Made], names: list[str]) -> None:
    import pyarrow as pa  # an extra
    from pyarrow import parquet

    table = pa.table(
        {
            "image": [{"bytes": picture.data, "path": picture.key} for picture in part],
            "label": pa.array([picture.number for picture in part], pa.int64()),
        }
    )
    label = {"_type": "ClassLabel", "names": names}
    features = {"image": {"_type": "Image"}, "label": label}
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    parquet.write_table(table.replace_schema_metadata(told), path, row_group_size=GROUP)


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _crop(photograph: Image.Image, generator: np.random.Generator) -> bytes:
    width, height = photograph.size
    area = width * height * generator.uniform(*SCALE)
    ratio = np.exp(generator.uniform(*np.log(RATIO)))
    w, h = min(width, round((area * ratio) ** 0.5)), min(height, round((area / ratio) ** 0.5))
    left, top = (int(generator.integers(0, n, endpoint=True)) for n in (width - w, height - h))
    crop = photograph.crop((left, top, left + w, top + h))
    crop.thumbnail((LONGEST, LONGEST))
    file = BytesIO()
    crop.save(file, "JPEG", quality=90)
    return file.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("origin", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--classes", type=int, default=200)
    parser.add_argument("--pictures", type=int, default=500, help="of each class")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    names = sorted(path.name for path in asked.origin.iterdir() if path.is_dir())
    generator = np.random.default_rng(asked.seed)
    drawn = np.sort(generator.choice(len(names), size=asked.classes, replace=False)).tolist()
    numbers = {names[i]: i for i in drawn}
    made = pictures(asked.origin, numbers, asked.pictures, asked.seed)
    for place in write(asked.out, made, names).values():
        sys.stdout.write(f"{place}\n")


if __name__ == "__main__":
    main()
