"""The files of a class beside its page: data, pictures, and the strip of its leading tiles."""

import json
import shutil
from pathlib import Path

from PIL import Image

from lens_site.results.schema import ClassResult

LEADING_TILES = 4
CARD_FILE = "card.webp"
CARD_SIDE = 128
MAPS, MAPS_SCRIPT = "maps.txt", "maps.js"


def text(path: Path, content: str) -> None:
    """Write a text file, and its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


def pictures(result: ClassResult, source: Path, page: Path) -> None:
    """Copy the pictures the page shows, and make the card of leading tiles."""
    page.mkdir(parents=True, exist_ok=True)
    shown = {result.sprite.file}
    shown |= {f for c in result.concepts if c.tiles for f in (c.tiles_file, c.heat_file)}
    shown |= {c.parts_file for c in result.concepts if c.parts_file}
    for name in sorted(shown):
        shutil.copyfile(source / name, page / name)
    card(result, source, page / CARD_FILE)


def maps(result: ClassResult, source: Path, page: Path) -> None:
    """Write the code maps as a script: a page opened from a folder may load nothing else."""
    if MAPS in result.files:
        lines = (source / MAPS).read_text(encoding="utf-8")
        text(page / MAPS_SCRIPT, f"globalThis.lensMaps = {json.dumps(lines)};\n")


def card(result: ClassResult, source: Path, path: Path) -> None:
    """Write the best tile of each of the first four concepts, side by side, as one picture."""
    strips = [source / c.tiles_file for c in result.concepts[:LEADING_TILES] if c.tiles]
    if not strips:
        return
    joined = Image.new("RGB", (CARD_SIDE * len(strips), CARD_SIDE))
    for position, strip in enumerate(strips):
        with Image.open(strip) as opened:
            side = opened.height
            tile = opened.convert("RGB").crop((0, 0, side, side))
        joined.paste(tile.resize((CARD_SIDE, CARD_SIDE)), (CARD_SIDE * position, 0))
    joined.save(path, "WEBP", quality=75, method=4)


def data(source: Path, page: Path) -> None:
    """Copy the class result to ``class.json``, byte for byte."""
    shutil.copyfile(source / "result.json", page / "class.json")
