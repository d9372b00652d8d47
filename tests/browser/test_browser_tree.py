"""The tree of classes: opened by hand, by key, by address; read by anyone."""

from pathlib import Path
from typing import Any

import pytest
from measures import SHIFTS, violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

DOG = "n02084071"


def test_levels_open_one_in_the_other(kinds_address: str, kinds_page: Page) -> None:
    page = kinds_page
    page.add_init_script(SHIFTS)
    page.goto(f"{kinds_address}tree/index.html")
    dog = page.locator(f"#{DOG} > summary")
    expect(dog).to_be_hidden()
    page.locator("summary", has_text="vertebrate").click()
    page.locator("summary", has_text="mammal").focus()
    page.keyboard.press("Enter")
    expect(dog).to_contain_text("3 classes")
    expect(page.get_by_role("link", name="tabby")).to_be_visible()
    dog.click()
    picture = page.get_by_role("link", name="Chihuahua").locator("img")
    page.wait_for_function("e => e.naturalWidth > 0", arg=picture.element_handle())
    assert page.evaluate("shifts") == []
    page.get_by_role("link", name="Chihuahua").click()
    page.wait_for_url("**/classes/0151-chihuahua/index.html")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_trail_of_a_class_leads_to_its_level(
    scheme: str, script: bool, chromium: Browser, kinds_site: Path, kinds_address: str
) -> None:
    root = kinds_address if scheme == "http" else f"{kinds_site.resolve().as_uri()}/"
    opened = chromium.new_context(java_script_enabled=script)
    page = opened.new_page()
    page.goto(f"{root}classes/0151-chihuahua/index.html")
    trail = page.get_by_role("navigation", name="Classes", exact=True)
    expect(trail).to_contain_text("Classes › animal › dog › Chihuahua")
    trail.get_by_role("link", name="dog").click()
    page.wait_for_url(f"**/tree/index.html#{DOG}")
    expect(page.locator(f"#{DOG} > summary")).to_be_in_viewport()
    if script:
        expect(page.get_by_role("link", name="golden retriever")).to_be_visible()
    opened.close()


def test_without_javascript_levels_open(chromium: Browser, kinds_address: str) -> None:
    opened = chromium.new_context(java_script_enabled=False)
    page = opened.new_page()
    page.goto(f"{kinds_address}tree/index.html")
    page.locator("summary", has_text="beverage").click()
    expect(page.get_by_role("link", name="espresso")).to_be_visible()
    opened.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_open_tree_fits_and_can_be_read(
    chromium: Browser, kinds_address: str, theme: Any, width: int
) -> None:
    opened = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 800})
    page = opened.new_page()
    page.goto(f"{kinds_address}tree/index.html")
    page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert violations(page) == []
    opened.close()
