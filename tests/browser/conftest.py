"""A real Chromium over a really built site, from a local server and from the file system."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from lens_site.site.serve import open_server

ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def built_site(request: pytest.FixtureRequest) -> Path:
    """The folder of a built site: ``LENS_SITE`` where set, else the demo."""
    if "LENS_SITE" in os.environ:
        return Path(os.environ["LENS_SITE"])
    demo: Path = request.getfixturevalue("built_demo")
    return demo / "site"


@pytest.fixture(scope="session")
def address(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served: under a sub-path, as GitHub Pages does."""
    above = tmp_path_factory.mktemp("served")
    (above / "lens").symlink_to(built_site.resolve(), target_is_directory=True)
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


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page that fails its test on a console error or a request to another server."""
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
    assert complaints == []
