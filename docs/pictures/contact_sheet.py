"""Draw the sheet of visualizations in docs/methods.md from classes of a build.

Run ``lens-build``, then ``python docs/pictures/contact_sheet.py concepts.webp RUN/CLASS ...``.
A pair of rows a class: pictures from noise, on the ground of a page, and under them accentuated
tiles. A small red mark is on those that the network does not rank first for their concept.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from lens_site.results import read_class
from lens_site.results.schema import Sprite

CONCEPTS, SIDE, TILE, GAP = 8, 128, 72, 10
GROUND, MARK = "#fbfaf6", "#b3261e"


def cells(folder: Path, sheet: Sprite, side: int) -> list[Image.Image]:
    """Cut a sheet into its pictures, row by row."""
    with Image.open(folder / sheet.file) as opened:
        whole = opened.convert("RGBA")
    size = sheet.size
    return [
        whole.crop((x, y, x + size, y + size)).resize((side, side), Image.Resampling.LANCZOS)
        for y in range(0, whole.height, size)
        for x in range(0, whole.width, size)
    ]


def main(target: Path, folders: Sequence[Path]) -> None:
    """Write the sheet of the first concepts of the classes."""
    height = SIDE + TILE + 2 * GAP
    page = Image.new("RGB", (CONCEPTS * (SIDE + GAP) + GAP, len(folders) * height + GAP), GROUND)
    draw = ImageDraw.Draw(page)
    for row, folder in enumerate(folders):
        result, top = read_class(folder.parent, folder.name), row * height + GAP
        made = result.visualizations
        if made is None:
            continue
        large = cells(folder, made.drawn, SIDE)
        small = cells(folder, made.accentuated, TILE)
        shown = [c.visualization for c in result.concepts if c.visualization][:CONCEPTS]
        for column, one in enumerate(shown):
            left, below = GAP + column * (SIDE + GAP), top + SIDE
            middle = left + (SIDE - TILE) // 2
            page.paste(large[one.cell], (left, top), large[one.cell])
            page.paste(small[one.cell], (middle, below))
            for check, x, y in (
                (one.drawn, left + SIDE - 10, top),
                (one.accentuated, middle + TILE + 4, below),
            ):
                if not check.is_right:
                    draw.ellipse((x, y, x + 8, y + 8), fill=MARK)
    page.save(target, "WEBP", quality=60, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
