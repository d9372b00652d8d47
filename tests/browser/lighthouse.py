"""Lighthouse on home and a class page: ``python tests/browser/lighthouse.py SITE [SLUG]``.

Fetches Lighthouse through npx, so Node is needed. Prints the scores of four categories, on a
simulated phone; exits with 1 where one is under 95 on the home page, or 98 on the class page.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lens_site.site.publish.serve import open_server

LIGHTHOUSE = "lighthouse@12.6.1"
HOME, CLASS = 0.95, 0.98
"""The least score on the home page, which shows every class, and on a class page."""

FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking"


def scores(address: str) -> dict[str, float]:
    """Return the score of each category, from 0 to 1."""
    chrome = os.environ.get("LENS_CHROMIUM") or shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json",
             f"--output-path={report}", f"--chrome-flags={FLAGS}"],
            check=True, env={**os.environ, "CHROME_PATH": chrome},
        )  # fmt: skip
        found = json.loads(report.read_text())["categories"]
    return {name: category["score"] for name, category in found.items()}


def main(site: Path, slug: str = "") -> int:
    """Serve the site, measure both pages, say what they score."""
    slug = slug or min(p.parent.name for p in site.glob("classes/*/index.html"))
    server = open_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worse = False
    try:
        for page, least in (("index.html", HOME), (f"classes/{slug}/index.html", CLASS)):
            sys.stdout.write(f"{page}\n")
            found = scores(f"http://127.0.0.1:{server.server_port}/{page}")
            for name, score in found.items():
                sys.stdout.write(f"  {name}: {100 * score:.0f}\n")
            worse |= min(found.values()) < least
    finally:
        server.shutdown()
    return int(worse)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
