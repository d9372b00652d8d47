"""Chromium, and a site served under a sub-path: what tests of some folders look through."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lens_site.site.publish.serve import open_server

ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@contextmanager
def served(site: Path, above: Path) -> Iterator[str]:
    """Serve a site under a sub-path, as GitHub Pages does; give its address."""
    (above / "lens").symlink_to(site.resolve(), target_is_directory=True)
    with open_server(above, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/lens/"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one named by ``LENS_CHROMIUM``, or Playwright's own."""
    path = os.environ.get("LENS_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@contextmanager
def watched(context: BrowserContext, address: str) -> Iterator[Page]:
    """Open a page that fails its test on a console error or a request to another server."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    host = address.split("/lens/")[0]
    opened.on(
        "request",
        lambda r: (
            None
            if r.url.startswith((host, "file:", "data:", "blob:"))
            else complaints.append(f"request: {r.url}")
        ),
    )
    yield opened
    assert complaints == [], "; ".join(complaints)
