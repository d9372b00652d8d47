"""The search index: Pagefind over the names, synonyms and definitions of the class pages."""

import asyncio
import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pagefind.index import IndexConfig, PagefindIndex

from lens_site.errors import OutputError

ENTRY = "pagefind-entry.json"

ATTEMPTS = 3
"""On a busy machine pagefind may end before its last file is written; it is asked again then."""


def index(site: Path, classes: int) -> int:
    """Write ``pagefind/`` into the site folder and return the number of pages in it.

    Only what templates mark with ``data-pagefind-body`` is indexed, page after page by name, so
    that nothing depends on the order in which a disk lists them.

    Raises
    ------
    OutputError
        When the index is not whole, as on a full disk: its program says nothing then.
    """
    folder = site / "pagefind"
    for _ in range(ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        # A thread of its own, as the caller may live inside an event loop (a notebook does).
        with ThreadPoolExecutor(max_workers=1) as thread:
            pages = thread.submit(lambda: asyncio.run(_index(site))).result()
        if pages >= classes and _is_whole(folder):
            return pages
    raise OutputError(
        f"{folder}: the search index could not be written whole ({pages} of {classes} pages); "
        "free some space or choose another --out; finished classes are kept"
    )


def _is_whole(folder: Path) -> bool:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return (folder / ENTRY).is_file() and all(path.stat().st_size for path in files)


async def _index(site: Path) -> int:
    logging.getLogger("pagefind").setLevel(logging.ERROR)
    config = IndexConfig(output_path=str(site / "pagefind"), keep_index_url=True)
    pages = 0
    async with PagefindIndex(config=config) as built:
        for page in sorted(site.glob("classes/*/index.html")):
            address = page.relative_to(site).as_posix()
            content = page.read_text(encoding="utf-8")
            await built.add_html_file(content=content, source_path=address)
            pages += 1
    return pages
