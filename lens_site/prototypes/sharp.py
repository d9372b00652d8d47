"""Larger pictures of the images that deserve it most, on a few sheets: as many as bytes allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from lens_site.prototypes.budget import webp

LARGER_SIDE = 224
"""Pixels of a larger picture: what most networks see."""

LARGER_COLUMNS, LARGER_ROWS = 5, 4
"""Pictures of a full sheet; whoever wants one of them loads its sheet."""

MOST = 100
"""Pictures of a class: five sheets."""

QUALITIES = (50, 35, 25)
"""A lower one is taken where the one before leaves out pictures that are shown by name."""


@dataclass(frozen=True)
class Larger:
    """Which images should be larger, the most wanted first; the first ``named`` by name."""

    order: Sequence[int]
    named: int


@dataclass(frozen=True)
class Sheets:
    """The files by name, in their order, and how many pictures they hold."""

    files: dict[str, bytes]
    count: int


def file_of(sheet: int) -> str:
    """Name of a sheet; sheets count from 0 here, from 1 in names."""
    return f"sharp-{sheet + 1}.webp"


def larger(view: Image.Image) -> Image.Image:
    """Scale a view to the side of a larger picture."""
    return view.resize((LARGER_SIDE, LARGER_SIDE), Image.Resampling.LANCZOS)


def fill(pictures: Sequence[Image.Image], named: int, most: int) -> Sheets:
    """Write as many of the pictures as ``most`` bytes hold, the first ones first."""
    sheets = Sheets({}, 0)
    for quality in QUALITIES:
        sheets = _filled(pictures, most, quality)
        if sheets.count >= min(named, len(pictures)):
            break
    return sheets


def _filled(pictures: Sequence[Image.Image], most: int, quality: int) -> Sheets:
    files: dict[str, bytes] = {}
    left, count, full = most, 0, LARGER_COLUMNS * LARGER_ROWS
    for start in range(0, len(pictures), full):
        part = pictures[start : start + full]
        data = _sheet(part, quality)
        while part and len(data) > left:
            # Fewer by as much as this sheet is too heavy, and by one at least.
            part = part[: min(len(part) - 1, len(part) * left // len(data))]
            data = _sheet(part, quality)
        if part:
            files[file_of(len(files))] = data
        left, count = left - len(data), count + len(part)
        if len(part) < full:
            break
    return Sheets(files, count)


def _sheet(pictures: Sequence[Image.Image], quality: int) -> bytes:
    if not pictures:
        return b""
    sheet = Image.new(
        "RGB",
        (LARGER_SIDE * LARGER_COLUMNS, LARGER_SIDE * -(-len(pictures) // LARGER_COLUMNS)),
        "gray",
    )
    for position, picture in enumerate(pictures):
        sheet.paste(
            picture,
            (position % LARGER_COLUMNS * LARGER_SIDE, position // LARGER_COLUMNS * LARGER_SIDE),
        )
    return webp(sheet, quality)
