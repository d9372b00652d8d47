"""A copy of a run with smaller pictures, or with none that one could recognize, to be published.

Results keep what was computed; a site or an archive is made from such a copy where pictures may
not be shown, or would weigh too much. Pictures that gradients drew from noise stay as they are.
"""

import io
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from lens_site.atomic import MARK, SIGNATURE, write_tree
from lens_site.errors import ResultError, first_line
from lens_site.results import store
from lens_site.results.comparison import COMPARISONS
from lens_site.results.schema import ClassResult, RunResult, ShownPictures

MOST_PIXELS = 50_000_000
"""Pixels of one file; results are not trusted to be small."""


@dataclass(frozen=True)
class Detail:
    """How much of the pictures is left."""

    name: ShownPictures
    side: int
    """Pixels of the side of a picture, at most."""
    thumbnail: int
    """Pixels of the side of one of the thumbnails of all images, at most."""
    quality: int
    """Of WebP, 0 to 100; pictures of one flat color are lossless."""
    flat: bool = False
    """Whether each picture becomes its mean color, and a lit one those of its places."""


THUMBNAILS = Detail("thumbnails", side=48, thumbnail=48, quality=60)
NONE = Detail("none", side=14, thumbnail=14, quality=100, flat=True)
LIT_PLACES = 7
"""A flat lit picture keeps so many mean colors a side: where the light is, not what is there."""

SMALLER = tuple(
    Detail("smaller", side, thumbnail, quality)
    for side, thumbnail, quality in (
        (224, 40, 35), (160, 40, 40), (128, 40, 45), (112, 40, 45), (112, 36, 40), (96, 36, 40),
        (80, 32, 35), (64, 28, 30), (48, 24, 30),
    )
)  # fmt: skip
"""Ways to make a site lighter, the gentlest first. Of the 427 kB of a large class's pictures 370,
323, 305, 270, 244, 207, 150, 104 and 71 are left: thumbnails give way with the others."""


def lighten(run_dir: Path, into: Path, detail: Detail) -> Path:
    """Write a copy of a run with lighter pictures to ``into``, and return its folder.

    Checksums are those of the new files, ``run.json`` says what was done to the pictures.

    Raises
    ------
    ResultError
        When a class result is missing or damaged.
    OutputError
        When the copy cannot be written.
    """
    run = store.read_run(run_dir)
    folder = into / run_dir.resolve().name

    def fill(new: Path) -> None:
        for path in _of_run(run_dir):
            shutil.copyfile(path, new / path.name)
        told = run.model_copy(update={"pictures": detail.name})
        (new / store.RUN).write_bytes(store.to_json(told))
        for one in _built(run):
            _class(run_dir / one, new / one, store.read_class(run_dir, one), detail)

    into.mkdir(parents=True, exist_ok=True)
    write_tree(folder, fill)
    return folder


def weight(run_dir: Path, slugs: Iterable[str], detail: Detail | None = None) -> int:
    """Return the bytes of the pictures of some classes, as they are or as they would be.

    Raises
    ------
    ResultError
        When a class result is missing or damaged.
    """
    total = 0
    for slug in slugs:
        for name, cell in _cells(store.read_class(run_dir, slug, verify=False)).items():
            data = store.file_bytes(run_dir / slug / name)
            total += len(data if detail is None else _picture(data, cell, detail, name)[0])
    return total


def _built(run: RunResult) -> list[str]:
    return [one.slug for one in run.classes if one.status == "built"]


def _of_run(run_dir: Path) -> Iterable[Path]:
    names = (store.MODEL, store.NAMES, store.IDENTITY, store.NETWORK)
    yield from (run_dir / name for name in names if (run_dir / name).is_file())
    yield from sorted((*run_dir.glob(COMPARISONS), *run_dir.glob(store.PAIRS)))


def _class(old: Path, new: Path, result: ClassResult, detail: Detail) -> None:
    """Write the files of one class, its pictures made lighter, and its result that says so."""
    new.mkdir()
    (new / MARK).write_bytes(SIGNATURE)
    cells, sides, digests = _cells(result), dict[str, int](), dict[str, str]()
    for name in result.files:
        data = store.file_bytes(old / name)
        if name in cells:
            data, sides[name] = _picture(data, cells[name], detail, name)
        (new / name).write_bytes(data)
        digests[name] = store.sha256(data)
    (new / store.RESULT).write_bytes(store.to_json(_told(result, sides, digests)))


class _Cells(NamedTuple):
    """What one file of pictures holds."""

    rows: int
    colors: int = 1
    """A side of a picture that is flat."""
    thumbnails: bool = False


def _cells(result: ClassResult) -> dict[str, _Cells]:
    """Return the files that show photographs."""
    sprite = _Cells(-(-len(result.images) // result.sprite.columns), thumbnails=True)
    lit = {c.heat_file: _Cells(1, LIT_PLACES) for c in result.concepts if c.tiles}
    others = {name: _Cells(rows) for name, rows in _rows(result).items()}
    return {**others, result.sprite.file: sprite, **lit}


def _rows(result: ClassResult) -> dict[str, int]:
    """Rows of pictures of tiles, sub-concepts, larger pictures and what gradients drove further."""
    strips = {c.tiles_file: 1 for c in result.concepts if c.tiles}
    parts = {c.parts_file: len(c.parts) for c in result.concepts if c.parts_file}
    sharp = dict[str, int]()
    if result.sharp:
        full, left = result.sharp.columns * result.sharp.rows, len(result.sharp.images)
        for name in result.sharp.files:
            sharp[name] = -(-min(full, left) // result.sharp.columns)
            left -= full
    accentuated = dict[str, int]()
    if made := result.visualizations:
        drawn = sum(c.visualization is not None for c in result.concepts)
        accentuated = {made.accentuated.file: -(-drawn // made.accentuated.columns)}
    return {**strips, **parts, **sharp, **accentuated}


def _told(result: ClassResult, sides: dict[str, int], digests: dict[str, str]) -> ClassResult:
    """Return the result with the new checksums, and the new sizes of pictures on sheets."""
    update: dict[str, object] = {"files": {**result.files, **digests}}
    update["sprite"] = result.sprite.model_copy(update={"size": sides[result.sprite.file]})
    if result.sharp:
        update["sharp"] = result.sharp.model_copy(update={"size": sides[result.sharp.files[0]]})
    if made := result.visualizations:
        size = sides[made.accentuated.file]
        accentuated = made.accentuated.model_copy(update={"size": size})
        update["visualizations"] = made.model_copy(update={"accentuated": accentuated})
    return result.model_copy(update=update)


def _picture(data: bytes, cells: _Cells, detail: Detail, name: str) -> tuple[bytes, int]:
    """Return one file of pictures, lighter if it is to be, and the side of its pictures."""
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError(f"{opened.width} × {opened.height} pixels")
            picture = opened.convert("RGBA" if opened.mode == "RGBA" else "RGB")
    except Exception as error:  # Pillow's decoders raise a dozen types for damaged files
        raise ResultError(f"{name}: is no picture ({first_line(error)}); {store.AGAIN}") from error
    before = picture.height // cells.rows
    side = min(before, detail.thumbnail if cells.thumbnails else detail.side)
    columns = picture.width // before
    if detail.flat:
        picture = picture.resize(
            (columns * cells.colors, cells.rows * cells.colors), Image.Resampling.BOX
        )
    method = Image.Resampling.NEAREST if detail.flat else Image.Resampling.LANCZOS
    picture = picture.resize((columns * side, cells.rows * side), method)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=detail.quality, lossless=detail.flat, method=4)
    lighter = file.getvalue()
    return (data, before) if side == before and len(lighter) >= len(data) else (lighter, side)
