"""What a visitor does: look, hover, click, type, search, with and without JavaScript."""

import importlib.resources
import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

POINTS = ".scatter > *"


def test_search_finds_a_class_by_a_synonym(
    page: Page, address: str, built_site: Path, classes: list[str]
) -> None:
    names = [
        json.loads((built_site / "classes" / c / "class.json").read_text())["name"] for c in classes
    ]
    slug, word = next(
        (n["slug"], s) for n in names for s in n["synonyms"] if s.lower() not in n["name"].lower()
    )
    page.goto(f"{address}method/index.html")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type(word)
    found = page.locator("#search-results [data-url]")
    expect(found.first).to_be_visible()
    assert any(
        slug in (url or "") for url in found.evaluate_all("all => all.map(e => e.dataset.url)")
    )
    found.first.click()
    page.wait_for_url("**/lens/classes/**")


def test_the_gallery_filters_and_sorts(page: Page, address: str, result: dict[str, Any]) -> None:
    page.goto(address)
    page.locator("#filter").fill(result["name"]["name"])
    shown = page.locator("#gallery li:visible strong").all_inner_texts()
    assert result["name"]["name"] in shown
    page.locator("#filter").fill("no such class")
    expect(page.locator("#nothing")).to_be_visible()
    page.locator("#filter").fill("")
    page.locator("#sort").select_option("images")
    counts = page.locator("#gallery li").evaluate_all("all => all.map(e => +e.dataset.images)")
    assert counts == sorted(counts, reverse=True)


def test_the_theme_is_remembered(page: Page, address: str) -> None:
    page.goto(address)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator(".theme").click()
    dark = page.evaluate(ground)
    assert light != dark
    page.goto(f"{address}about/index.html")
    assert page.evaluate(ground) == dark


def test_the_site_works_from_the_file_system(
    page: Page, built_site: Path, result: dict[str, Any]
) -> None:
    page.goto((built_site / "index.html").resolve().as_uri())
    page.locator(f"#gallery a[href*='{result['name']['slug']}']").click()
    page.wait_for_selector("#graph[data-ready]")
    assert page.locator(POINTS).count() == len(result["images"])
    page.locator("#search").fill(result["name"]["name"])
    page.keyboard.press("Enter")
    expect(page.locator("#filter")).to_have_value(result["name"]["name"])
    assert page.locator("#gallery li:visible").count() >= 1


def test_everything_can_be_read_without_javascript(
    chromium: Browser, address: str, result: dict[str, Any]
) -> None:
    quiet = chromium.new_context(java_script_enabled=False)
    page = quiet.new_page()
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    expect(page.locator(".scatter")).to_be_visible()
    expect(page.locator(".graph__controls")).to_be_hidden()
    expect(page.locator(".concept").first.locator(".strip--tiles")).to_be_visible()
    expect(page.locator(".concept").first.locator(".strip--heat")).to_be_visible()
    quiet.close()


def test_the_parts_of_a_concept_open_row_by_row(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    parted = next((c for c in result["concepts"] if c["parts"]), None)
    if parted is None:
        pytest.skip("this site was built without --recursive")
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    details = page.locator(f"#concept-{parted['number']} .parts")
    rows = details.locator("li")
    expect(rows.first).to_be_hidden()
    details.locator("summary").click()
    expect(rows).to_have_count(len(parted["parts"]))
    columns = max(len(p["tiles"]) for p in parted["parts"])
    for row, part in enumerate(parted["parts"]):
        if not part["tiles"]:
            continue
        frame = rows.nth(row).locator(".parts__sheet")
        frame.scroll_into_view_if_needed()
        picture = frame.locator("img")
        page.wait_for_function("e => e.naturalWidth > 0", arg=picture.element_handle())
        assert picture.evaluate("e => e.naturalHeight / e.naturalWidth") == pytest.approx(
            len(parted["parts"]) / columns
        )
        outer, inner = frame.bounding_box(), picture.bounding_box()
        assert outer
        assert inner
        tile = outer["height"]
        assert outer["width"] == pytest.approx(tile * len(part["tiles"]), abs=1)
        assert inner["width"] == pytest.approx(tile * columns, abs=1)
        assert outer["y"] - inner["y"] == pytest.approx(tile * row, abs=1)


def test_the_dot_of_a_metric_stands_among_all_classes(
    page: Page, address: str, built_site: Path, classes: list[str], result: dict[str, Any]
) -> None:
    loaded = [json.loads((built_site / "classes" / c / "class.json").read_text()) for c in classes]
    values = [r["metrics"]["relative_l2"] for r in loaded]
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    row = page.get_by_role("row").filter(has=page.get_by_text("reconstruction error", exact=False))
    line, dot = row.locator(".spread").bounding_box(), row.locator(".spread__here").bounding_box()
    assert line
    assert dot
    share = (result["metrics"]["relative_l2"] - min(values)) / (max(values) - min(values))
    assert dot["x"] + dot["width"] / 2 - line["x"] == pytest.approx(share * line["width"], abs=1)


BOXES = """all => all.map((text) => {
  const [box, place] = [text.getBBox(), text.getScreenCTM()];
  const [x, y] = [box.x + place.e, box.y + place.f];
  return [x, y, x + box.width, y + box.height];
})"""
"""Left, top, right and bottom of labels, without the halo around their letters."""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_labels_of_the_cost_charts_do_not_meet(
    chromium: Browser, address: str, built_site: Path, width: int
) -> None:
    if not (built_site / "methods").is_dir():
        pytest.skip("this site compares no methods")
    opened = chromium.new_context(viewport={"width": width, "height": 800})
    page = opened.new_page()
    page.goto(f"{address}methods/index.html")
    for chart in page.locator(".chart:has(.costs)").all():
        boxes = chart.locator("text").evaluate_all(BOXES)
        assert boxes
        for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(boxes, 2):
            assert min(min(r1, r2) - max(l1, l2), min(b1, b2) - max(t1, t2)) < 1
        assert all(0 <= left and right <= width for left, _, right, _ in boxes)
    opened.close()


PLACES = (
    "index.html", "CLASS", "method/index.html", "methods/index.html", "about/index.html",
    "atlas/index.html", "shared/index.html", "shared/001/index.html", "audit/index.html",
    "404.html",
)  # fmt: skip


def places(built_site: Path, result: dict[str, Any]) -> list[str]:
    """All kinds of pages that this site has."""
    found = [p.replace("CLASS", f"classes/{result['name']['slug']}/index.html") for p in PLACES]
    return [p for p in found if (built_site / p).is_file()]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_violation(
    chromium: Browser, address: str, built_site: Path, result: dict[str, Any], theme: Any
) -> None:
    axe = importlib.resources.files("axe_playwright_python") / "axe.min.js"
    opened = chromium.new_context(color_scheme=theme, reduced_motion="reduce")
    page = opened.new_page()
    serious = []
    for place in places(built_site, result):
        page.goto(address + place)
        if place.startswith("classes/"):
            page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
            page.get_by_text("groups and concepts").click()
            page.locator(".graph__field").focus()
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Enter")
        page.evaluate(axe.read_text())
        found = page.evaluate("axe.run()")["violations"]
        serious += [(place, v["id"]) for v in found if v["impact"] in ("serious", "critical")]
    opened.close()
    assert serious == []


@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_nothing_scrolls_sideways(
    chromium: Browser, address: str, built_site: Path, result: dict[str, Any], width: int
) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 800})
    page = opened.new_page()
    wide = []
    for place in places(built_site, result):
        page.goto(address + place)
        page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(place)
    opened.close()
    assert wide == []


def test_a_class_page_prints_on_two_sheets(page: Page, address: str) -> None:
    page.goto(f"{address}classes/0967-espresso/index.html")
    page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    paper = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
    printed = page.pdf(format="A4", margin=paper)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 2
