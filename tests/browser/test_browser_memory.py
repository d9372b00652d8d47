"""Explaining the largest picture that is read takes less memory than a phone has."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from browser_fixtures import ARGUMENTS
from PIL import Image
from playwright.sync_api import Browser, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from Linux's /proc"),
]

MOST = 600
"""MB (10⁶ bytes) of the page's own process at its peak, without what it maps of the program."""


def held(pid: int) -> float:
    """The most memory of its own that a process is known to have held, in MB.

    The kernel's peak can be late, so this is asked again and again.
    """
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in status if line.endswith(" kB")}
    most = max(int(sizes["VmHWM"]), int(sizes["VmRSS"]))
    return (most - int(sizes["RssFile"])) * 1024 / 1e6


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_of_44_million_pixels(
    chromium: Browser, address: str, tmp_path: Path, kind: str
) -> None:
    large = tmp_path / f"large.{kind.lower()}"  # a file: bytes would pass through the page's script
    Image.effect_noise((800, 550), 60).convert("RGB").resize((8000, 5500)).save(large, kind)
    path = os.environ.get("LENS_CHROMIUM") or shutil.which("chromium")
    alone = chromium.browser_type.launch(executable_path=path, args=ARGUMENTS)
    page = alone.new_page()
    page.goto(f"{address}explain/index.html")
    processes = alone.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [p["id"] for p in processes if p["type"] == "renderer"]
    page.locator(".own__choose input").set_input_files(large)
    most, until = 0.0, time.monotonic() + 120
    while not page.locator(".own__answers li").count() and time.monotonic() < until:
        most = max(most, *map(held, renderers))
    expect(page.locator(".own__answers li")).to_have_count(5)
    alone.close()
    assert 200 < most < MOST
