"""The page of a concept in a browser: by keyboard, on a phone, in both themes, without a script."""

import re
from pathlib import Path
from typing import Any

import pytest
from measures import violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

LOADED = "all => all.every(i => i.complete && i.naturalWidth > 0)"


@pytest.fixture(scope="session")
def concept(result: dict[str, Any]) -> dict[str, Any]:
    """The concept of the class with most to see that shows most pictures."""
    chosen: dict[str, Any] = max(result["concepts"], key=lambda c: len(c["tiles"]))
    return chosen


@pytest.fixture(scope="session")
def place(result: dict[str, Any], concept: dict[str, Any]) -> str:
    """Address of its page in the site."""
    return f"classes/{result['name']['slug']}/concepts/{concept['number']:02d}/index.html"


def settle(page: Page) -> None:
    """Load what is lazy, and wait for it."""
    page.locator("img").evaluate_all("all => all.forEach(i => { i.loading = 'eager' })")
    page.wait_for_load_state("networkidle")


def test_the_card_leads_to_the_page_and_the_trail_back(
    page: Page, address: str, result: dict[str, Any], concept: dict[str, Any], place: str
) -> None:
    number, slug = concept["number"], result["name"]["slug"]
    page.goto(f"{address}classes/{slug}/index.html")
    page.locator(f"#concept-{number} h3 a").click()
    page.wait_for_url(f"{address}{place}")
    expect(page.locator("h1")).to_contain_text(f"Concept {number} of {result['name']['name']}")
    page.locator(".trail a", has_text=result["name"]["name"]).click()
    page.wait_for_url(f"{address}classes/{slug}/index.html#concept-{number}")


def test_neighbors_lead_on_and_back(page: Page, address: str, place: str) -> None:
    page.goto(address + place)
    before = page.url
    page.locator("[rel=next], [rel=prev]").last.click()
    page.wait_for_url(lambda url: url != before)
    back = page.locator("[rel=next], [rel=prev]")
    assert before in back.evaluate_all("all => all.map(a => a.href)")


def test_a_prototype_of_the_second_row_opens_with_its_light_by_keyboard(
    page: Page, address: str, concept: dict[str, Any], place: str
) -> None:
    total = len(concept["tiles"])
    if total <= 10:
        pytest.skip("no concept of this site has a second row")
    page.goto(address + place)
    buttons = page.locator(".pairs__open").nth(1).locator("button")
    expect(buttons).to_have_count(total - 10)
    buttons.first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text(f"picture 11 of {total}")
    pictures = dialog.locator(".crop")
    expect(pictures).to_have_count(2)
    assert pictures.evaluate_all("all => all.map(e => e.style.getPropertyValue('--x'))") == [
        "10", "10",
    ]  # fmt: skip
    page.keyboard.press("ArrowLeft")
    expect(dialog).to_contain_text(f"picture 10 of {total}")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(buttons.first).to_be_focused()


def test_the_rows_show_different_cells_of_one_strip(
    page: Page, address: str, concept: dict[str, Any], place: str
) -> None:
    if len(concept["tiles"]) != 20:
        pytest.skip("no concept of this site has twenty tiles")
    page.goto(address + place)
    settle(page)
    for row, frame in enumerate(page.locator(".strip--tiles").all()[:2]):
        outer, inner = frame.bounding_box(), frame.locator("img").bounding_box()
        assert outer
        assert inner
        assert inner["width"] == pytest.approx(2 * outer["width"], abs=1)
        assert outer["x"] - inner["x"] == pytest.approx(row * outer["width"], abs=1)
        assert outer["width"] == pytest.approx(10 * outer["height"], abs=2)


def test_a_weak_image_leads_to_the_image_on_the_page_of_its_class(
    page: Page, address: str, concept: dict[str, Any], place: str
) -> None:
    if not concept["weak"]:
        pytest.skip("the concept is present in too few images")
    page.goto(address + place)
    number = concept["weak"][0]["image"] + 1
    link = page.locator(".frames").nth(1).locator("a").first
    assert (link.get_attribute("href") or "").endswith(f"#image={number}")
    frame, picture = link.bounding_box(), link.locator("img").bounding_box()
    assert frame
    assert picture
    assert frame["width"] == pytest.approx(frame["height"], abs=1)
    assert (frame["x"] - picture["x"]) / frame["width"] == pytest.approx((number - 1) % 20, abs=0.1)
    link.click()
    expect(page.locator(".graph__pin img").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(chromium: Browser, address: str, place: str, theme: Any) -> None:
    opened = chromium.new_context(color_scheme=theme, reduced_motion="reduce")
    page = opened.new_page()
    page.goto(address + place)
    page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
    found = violations(page)
    opened.close()
    assert found == []


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_scrolls_sideways_but_the_strips(
    chromium: Browser, address: str, place: str, width: int
) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 800})
    page = opened.new_page()
    page.goto(address + place)
    page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    within = page.locator(".pairs").first.evaluate("e => e.scrollWidth / e.clientWidth")
    opened.close()
    assert (within > 1.5) == (width == 360), "on a phone tiles stay large"


def test_it_reads_without_javascript(
    chromium: Browser, address: str, concept: dict[str, Any], place: str
) -> None:
    quiet = chromium.new_context(java_script_enabled=False)
    page = quiet.new_page()
    page.goto(address + place)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".strip--heat").first).to_be_visible()
    expect(page.locator(".columns svg")).to_be_visible()
    expect(page.locator(".place")).to_have_attribute("aria-label", re.compile("^strongest at the"))
    assert page.locator("button:visible").count() == 0
    quiet.close()


def test_it_works_from_the_file_system(page: Page, built_site: Path, place: str) -> None:
    page.goto((built_site / place).resolve().as_uri())
    settle(page)
    assert page.locator("img").evaluate_all(LOADED)
    page.locator(".pairs__open button").first.click()
    expect(page.locator("dialog[open] .crop")).to_have_count(2)


def test_it_prints_on_two_sheets(page: Page, address: str, place: str) -> None:
    page.goto(address + place)
    settle(page)
    paper = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
    printed = page.pdf(format="A4", margin=paper)
    assert len(re.findall(rb"/Type /Page\b", printed)) <= 2
