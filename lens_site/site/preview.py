"""The picture that stands for a page where its link is shared: 1200 × 630, as a PNG.

It is written only where the site has a public address, for only then is it asked for.
"""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from lens_site.results.schema import ClassResult
from lens_site.site.cards import first_tile
from lens_site.site.palette import GROUND

WIDTH, HEIGHT = 1200, 630
TILES, TILE, GAP, EDGE = 4, 264, 16, 48
"""Tiles at most; pixels of one, between them, and to the left."""

COLORS = 32
"""A palette of so many weighs 60 KB, true colors three times that."""

INK, MUTED = "#1d1e20", "#5f5d58"


def of_class(result: ClassResult, folder: Path, title: str) -> bytes:
    """Return the name of a class over the best tiles of its first concepts."""
    tiles = [first_tile(folder / c.tiles_file) for c in result.concepts[:TILES] if c.tiles]
    return _drawn(result.name.name, title, tiles)


def _drawn(heading: str, line: str, tiles: list[Image.Image]) -> bytes:
    sheet = Image.new("RGB", (WIDTH, HEIGHT), GROUND["light"])
    brush = ImageDraw.Draw(sheet)
    room = WIDTH - 2 * EDGE
    font = next(f for size in range(84, 19, -4) if _fits(f := _font(size), heading, room))
    brush.text((EDGE, 190), heading, INK, font, "ls")
    brush.text((EDGE, HEIGHT - 50), line, MUTED, _font(28), "ls")
    for place, tile in enumerate(tiles):
        wide = tile.resize((TILE, TILE), Image.Resampling.LANCZOS)
        sheet.paste(wide, (EDGE + place * (TILE + GAP), 240))
    file = io.BytesIO()
    sheet.quantize(COLORS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _fits(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str, room: int) -> bool:
    return font.getlength(text) <= room or getattr(font, "size", 0) <= 20


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
