"""Pictures of the site to try: one of each of its first classes, inside a script.

Inside, for a page opened from a disk may show a picture file, but not look at its pixels.
"""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from lens_site.results.schema import ClassResult
from lens_site.site.cards import featured
from lens_site.site.pictures import picture
from lens_site.site.records import Site

FILE = "examples.js"
QUALITY = 90


def examples(site: Site) -> bytes:
    """Return ``lensExamples = [{name, picture}, …]``, the pictures as base64 of WebP."""
    told = [{"name": name, "picture": text} for name, text in _pictures(site)]
    return f"globalThis.lensExamples = {json.dumps(told, ensure_ascii=False)};\n".encode()


def _pictures(site: Site) -> Iterator[tuple[str, str]]:
    if site.run.pictures != "own":  # the network would not see what it saw
        return
    for card in site.once(featured):
        result = site.result(card.slug, verify=False)
        yield result.name.name, base64.b64encode(_cut(result, site.folder(result))).decode()


def _cut(result: ClassResult, folder: Path) -> bytes:
    """Cut a typical image of the class out of its sheet."""
    cell = picture(result, _typical(result), "")
    with Image.open(folder / cell.file) as sheet:
        left, top = cell.column * cell.size, cell.row * cell.size
        image = sheet.convert("RGB").crop((left, top, left + cell.size, top + cell.size))
    written = io.BytesIO()
    image.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()


def _typical(result: ClassResult) -> int:
    """Return a typical image of the largest group, one that is there larger if any is."""
    groups = (*result.strategies, *result.groups)
    typical = [i for group in groups for i in group.prototypes]
    sharp = result.sharp.images if result.sharp else ()
    return next((i for i in typical if i in sharp), (*sharp, *typical, 0)[0])
