"""Everyone can read the site: by screen reader, enlarged, on paper, in forced colors."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from measures import violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PLACES = (
    "index.html", "tree/index.html", "explain/index.html", "play/index.html",
    "atlas/index.html", "shared/index.html", "shared/001/index.html", "audit/index.html",
    "compare/index.html", "data/index.html", "CLASS/index.html", "CLASS/concepts/01/index.html",
    "CLASS/concepts/01/embed.html", "method/index.html", "methods/index.html", "about/index.html",
    "notes/index.html", "404.html",
)  # fmt: skip


def places(built_site: Path, result: dict[str, Any]) -> list[str]:
    """All kinds of pages that this site has."""
    found = [p.replace("CLASS", f"classes/{result['name']['slug']}") for p in PLACES]
    return [p for p in found if (built_site / p).is_file()]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(
    chromium: Browser,
    address: str,
    built_site: Path,
    result: dict[str, Any],
    theme: Any,
    width: int,
) -> None:
    opened = chromium.new_context(
        color_scheme=theme, reduced_motion="reduce", viewport={"width": width, "height": 844}
    )
    page = opened.new_page()
    found = []

    def look(what: str) -> None:
        found.extend((what, *told) for told in violations(page))

    class_page = f"classes/{result['name']['slug']}/index.html"
    for place in places(built_site, result):
        page.goto(address + place)
        if place.startswith("explain/"):
            look("one's own picture, before")
            page.locator(".own__examples button").first.click()
            page.wait_for_selector(".own__seen-as", timeout=60_000)
        if place.startswith("play/"):
            page.wait_for_selector(".play__image")
            look("the first image")
            while not page.locator(".play__spot").count():
                page.locator(".play__answer").first.click()
                page.locator(".play__truth .button").click()
            look("places")
            page.locator(".play__spot").first.click()
        if place == class_page:
            page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
            look("pictures")
            if page.locator(".what-if__ask").count():
                page.locator(".what-if__ask").click()
                page.wait_for_selector("#what-if[data-ready]")
                look("what if")
            page.locator(".pairs__open button").first.click()
            look("concept, larger")
            page.keyboard.press("Escape")
            page.locator(".strategies__pictures button").first.click()
            expect(page.locator("dialog .sight")).to_be_visible()
            look("image, larger")
            page.keyboard.press("Escape")
            page.get_by_text("groups and concepts").click()
            page.locator(".graph__field").focus()
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
        look(place)
    opened.close()
    assert found == []


@pytest.mark.parametrize(("width", "scale"), [(360, 1), (640, 2), (1024, 1), (1440, 1)])
def test_nothing_scrolls_sideways(
    chromium: Browser,
    address: str,
    built_site: Path,
    result: dict[str, Any],
    width: int,
    scale: int,
) -> None:
    """640 pixels at twice the scale are what a window of 1280 shows at 200 %."""
    opened = chromium.new_context(
        viewport={"width": width, "height": 800}, device_scale_factor=scale
    )
    page = opened.new_page()
    wide = []
    for place in places(built_site, result):
        page.goto(address + place)
        page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(place)
    opened.close()
    assert wide == []


def test_a_table_is_one_to_a_screen_reader_on_a_phone_too(ready: Page) -> None:
    """Its rows are laid out as blocks there."""
    ready.set_viewport_size({"width": 390, "height": 844})
    table = ready.locator(".measures table")
    rows = table.locator("tbody tr").count()
    assert table.locator("tbody").evaluate("e => getComputedStyle(e).display") == "block"
    reader = ready.context.new_cdp_session(ready)
    there = reader.send(
        "Runtime.evaluate", {"expression": "document.querySelector('.measures table')"}
    )
    nodes = reader.send("Accessibility.queryAXTree", {"objectId": there["result"]["objectId"]})[
        "nodes"
    ]
    heard = Counter(node["role"]["value"] for node in nodes)
    assert (heard["table"], heard["rowheader"]) == (1, rows)
    assert heard["cell"] == table.locator("td").count()
    told = table.locator("td").first.get_attribute("data-what") or ""
    assert any(node.get("name", {}).get("value", "").startswith(f"{told} ") for node in nodes)


def test_a_class_page_prints_on_two_sheets(ready: Page) -> None:
    ready.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    ready.wait_for_load_state("networkidle")
    paper = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
    printed = ready.pdf(format="A4", margin=paper)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 2


def test_paper_explains_the_words_and_holds_no_control(ready: Page) -> None:
    ready.emulate_media(media="print")
    told = ready.locator(".concepts > .prose").first
    expect(told).to_be_visible()
    expect(told).to_contain_text("concept")
    for control in (".graph__controls", ".search", ".theme", ".pairs__open", ".graph__pin"):
        expect(ready.locator(control).first).to_be_hidden()
    expect(ready.get_by_text("tap to keep it")).to_be_hidden()


MARKS = (
    (".bars__value", "backgroundColor"), (".profile i", "backgroundColor"),
    (".diverging__value:not(.diverging__value--against)", "backgroundColor"),
    (".sight__bar i:not(.sight__against)", "backgroundColor"), (".scatter circle", "fill"),
    (".place path", "stroke"),
)  # fmt: skip


def test_marks_keep_their_colors_where_colors_are_forced(
    chromium: Browser, address: str, result: dict[str, Any]
) -> None:
    opened = chromium.new_context(forced_colors="active")
    page = opened.new_page()
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    page.wait_for_selector("#graph[data-ready]")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    lost = []
    for mark, color in MARKS:
        seen = page.locator(mark).evaluate_all(f"all => all.map(e => getComputedStyle(e).{color})")
        assert seen, mark
        lost += [mark for one in seen if one in (ground, "rgba(0, 0, 0, 0)", "none")]
    opened.close()
    assert lost == []
