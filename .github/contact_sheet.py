"""Draw the README's sheet of visualizations from the results of a build.

Run ``lens-build``, then ``python .github/contact_sheet.py build/results/RUN concepts.webp``.
A pair of rows a class: pictures from noise, on the ground of a page, and under them accentuated
tiles. A small red mark is on those that the network does not rank first for their concept.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from lens_site.results import read_class, read_run
from lens_site.results.schema import Sprite

CLASSES = ("0967-espresso", "0285-egyptian-cat", "0872-tripod", "0657-missile")
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


def main(run_dir: Path, target: Path) -> None:
    """Write the sheet of the first concepts of the classes."""
    built = {c.slug for c in read_run(run_dir).classes if c.status == "built"}
    slugs = [slug for slug in CLASSES if slug in built] or sorted(built)[: len(CLASSES)]
    height = SIDE + TILE + 2 * GAP
    page = Image.new("RGB", (CONCEPTS * (SIDE + GAP) + GAP, len(slugs) * height + GAP), GROUND)
    draw = ImageDraw.Draw(page)
    for row, slug in enumerate(slugs):
        result, top = read_class(run_dir, slug), row * height + GAP
        made = result.visualizations
        if made is None:
            continue
        large = cells(run_dir / slug, made.drawn, SIDE)
        small = cells(run_dir / slug, made.accentuated, TILE)
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
    main(Path(sys.argv[1]), Path(sys.argv[2]))
