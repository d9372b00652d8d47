"""What a visitor does: look, hover, click, type, search, with and without JavaScript."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from measures import SHIFTS
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


def test_the_gallery_keeps_its_state_in_the_address(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    page.goto(address)
    page.locator("#sort").select_option("images")
    page.locator("#filter").fill(result["name"]["name"])
    asked = f"{address}#classes?q={result['name']['name'].replace(' ', '+')}&sort=images"
    expect(page).to_have_url(asked)
    page.locator("#gallery a:visible").first.click()
    page.wait_for_url("**/classes/**")
    page.go_back()
    expect(page).to_have_url(asked)
    expect(page.locator("#filter")).to_have_value(result["name"]["name"])
    expect(page.locator("#sort")).to_have_value("images")
    page.goto("about:blank")
    page.goto(asked)  # as a link that someone else was sent
    expect(page.locator("#sort")).to_have_value("images")
    page.locator("#filter").fill("")
    page.locator("#sort").select_option("name")
    expect(page).to_have_url(f"{address}#classes")


def test_many_classes_have_headings_to_jump_to(page: Page, address: str) -> None:
    """A gallery of hundreds, made of the cards of a few."""
    page.goto(address)
    page.evaluate("""() => {
        const gallery = document.getElementById("gallery");
        const first = gallery.children[0];
        const card = (letter, i) => {
            const one = first.cloneNode(true);
            one.dataset.kind = i % 2 ? "animal" : "plant";
            one.querySelector("strong").textContent = `${letter}${i}`;
            return one;
        };
        const many = (letter) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => card(letter, i));
        gallery.replaceChildren(...[..."abcdefghij"].flatMap(many));
    }""")
    page.add_script_tag(url="assets/pages/home.js")
    expect(page.locator("#letters button")).to_have_text(list("ABCDEFGHIJ"))
    page.locator("#letters button", has_text="J").click()
    expect(page.locator(".gallery__heading", has_text="J")).to_be_in_viewport()
    page.locator("#sort").select_option("kind")
    expect(page.locator("#letters button")).to_have_text(["animal", "plant"])
    page.locator("#filter").fill("a1")
    expect(page.locator("#letters")).to_be_hidden()


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
    page.wait_for_url(f"file://**/classes/{result['name']['slug']}/index.html")


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


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_shifts_on_the_home_page(chromium: Browser, address: str, width: int) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 800})
    page = opened.new_page()
    page.add_init_script(SHIFTS)
    for place in ("index.html", "index.html?q=espreso", "index.html#classes"):
        page.goto(address + place)
        page.wait_for_load_state("networkidle")
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(300)
        assert page.evaluate("shifts") == []
    opened.close()
