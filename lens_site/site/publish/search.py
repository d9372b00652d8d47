"""The search index: Pagefind over the names, synonyms and definitions of the class pages."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pagefind.index import IndexConfig, PagefindIndex


def index(site: Path) -> int:
    """Write ``pagefind/`` into the site folder and return the number of pages found.

    Only what templates mark with ``data-pagefind-body`` is indexed.
    """
    # A thread of its own, as the caller may live inside an event loop (a notebook does).
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(_index(site))).result()


async def _index(site: Path) -> int:
    logging.getLogger("pagefind").setLevel(logging.ERROR)
    config = IndexConfig(output_path=str(site / "pagefind"), keep_index_url=True)
    async with PagefindIndex(config=config) as built:
        answer = await built.add_directory(str(site), glob="classes/*/index.html")
    return int(answer["page_count"])
