"""Lighthouse on the kinds of pages: ``python tests/browser/lighthouse.py SITE [SLUG] [TIMES]``.

Fetches Lighthouse through npx, so Node is needed. Prints for each page the scores of four
categories on a simulated phone, the median of some runs, for performance depends on what else the
machine does; exits with 1 where one is under 95. ``thousand.py`` makes a site whose home page shows
a thousand classes.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lens_site.site.publish.serve import open_server

LIGHTHOUSE = "lighthouse@12.6.1"
LEAST = 95
"""The least score on any page."""

PAGES = (
    "", "classes/{slug}/", "classes/{slug}/concepts/01/", "data/", "compare/",
    "compare/*--*/", "compare/*--*/{slug}/",
)  # fmt: skip
"""The last two are there where the site has several runs."""

FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking"


def pages(site: Path, slug: str) -> list[str]:
    """Return the addresses of the pages to measure, one a kind."""
    found = (sorted(site.glob(f"{page.format(slug=slug)}index.html"))[:1] for page in PAGES)
    return [p.parent.relative_to(site).as_posix() + "/" for one in found for p in one]


def scores(address: str) -> dict[str, int]:
    """Return the score of each category, from 0 to 100."""
    chrome = os.environ.get("LENS_CHROMIUM") or shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json",
             f"--output-path={report}", f"--chrome-flags={FLAGS}"],
            check=True, env={**os.environ, "CHROME_PATH": chrome},
        )  # fmt: skip
        found = json.loads(report.read_text())["categories"]
    return {name: round(100 * category["score"]) for name, category in found.items()}


def main(site: Path, slug: str = "", times: int = 3) -> int:
    """Serve the site, measure its pages, say what they score."""
    slug = slug or min(p.parent.name for p in site.glob("classes/*/index.html"))
    server = open_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worse = False
    try:
        for page in pages(site, slug):
            found = [scores(f"http://127.0.0.1:{server.server_port}/{page}") for _ in range(times)]
            medians = {name: statistics.median_low(f[name] for f in found) for name in found[0]}
            told = ", ".join(f"{name} {score}" for name, score in medians.items())
            sys.stdout.write(f"{page}: {told}\n")
            sys.stdout.flush()
            worse |= min(medians.values()) < LEAST
    finally:
        server.shutdown()
    return int(worse)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:4])))
