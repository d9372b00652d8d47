"""What a visitor does with the graph of a class and its pictures: look, keep, choose, enlarge."""

from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lens_site.site.numbers import percent

pytestmark = pytest.mark.browser

POINTS = ".scatter > *"


def test_plotly_waits_until_it_is_asked(page: Page, address: str, result: dict[str, Any]) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"{address}classes/{result['name']['slug']}/index.html", wait_until="networkidle")
    page.locator(".graph__field").hover(position={"x": 2, "y": 2})
    assert page.locator(POINTS).count() == len(result["images"])
    assert not any("plotly" in url for url in asked)
    page.locator(".graph__zoom").click()
    expect(page.locator(".graph__field .scatterlayer path.point")).to_have_count(
        len(result["images"])
    )
    expect(page.locator(".graph__field .scatterlayer path.point").first).to_be_visible()
    assert sum("plotly" in url for url in asked) == 1
    page.locator(".graph__zoom").click()
    expect(page.locator(".graph__plot")).to_have_count(0)
    expect(page.locator(".scatter")).to_be_visible()


def test_the_lasso_tells_the_mean_evidence(ready: Page, result: dict[str, Any]) -> None:
    ready.locator(".graph__zoom").click()
    ready.wait_for_selector(".graph__plot .nsewdrag")
    ready.locator(".graph__field").scroll_into_view_if_needed()
    box = ready.locator(".graph__field").bounding_box()
    assert box
    for nth, (x, y) in enumerate(((0.01, 0.1), (0.99, 0.1), (0.99, 0.99), (0.01, 0.99))):
        ready.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if nth == 0:
            ready.mouse.down()
    ready.mouse.up()
    expect(ready.locator(".graph__pin")).to_contain_text("images chosen")
    expect(ready.locator(".graph__pin .sight__tops")).to_have_count(2)


def test_the_graph_shows_pictures_dots_or_groups(ready: Page, result: dict[str, Any]) -> None:
    pictures = ready.locator(".graph__pictures .crop")
    assert 1 <= pictures.count() <= len(result["images"])
    boxes = [p.bounding_box() for p in pictures.all()]
    for a, b in combinations([box for box in boxes if box], 2):
        assert abs(a["x"] - b["x"]) >= a["width"] or abs(a["y"] - b["y"]) >= a["height"]
    ready.get_by_text("groups and concepts").click()
    kind = ".node--strategy" if result["strategies"] else ".node--region"
    assert ready.locator(kind).count() >= 1
    node = ready.locator(".node--concept").first
    number = node.locator(".badge").inner_text().split()[-1]
    node.click()
    assert ready.url.endswith(f"#concept-{number}")
    ready.locator(".graph__controls").get_by_text("dots", exact=True).click()
    expect(ready.locator(".node, .graph__pictures")).to_have_count(0)


def loneliest(result: dict[str, Any]) -> int:
    """The image whose nearest neighbor is farthest: a pointer cannot miss it."""
    images = result["images"]

    def room(i: int) -> float:
        a = images[i]
        return min(
            [(a["x"] - b["x"]) ** 2 + (a["y"] - b["y"]) ** 2 for b in images if b is not a] or [1.0]
        )

    return max(range(len(images)), key=room)


def test_hover_shows_the_picture_of_the_point_and_click_keeps_it(
    ready: Page, result: dict[str, Any]
) -> None:
    i = loneliest(result)
    image, columns = result["images"][i], result["sprite"]["columns"]
    ready.locator(".graph__field").scroll_into_view_if_needed()
    box = ready.locator(POINTS).nth(i).bounding_box()
    assert box
    ready.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = ready.locator(".graph__tip .sight")
    expect(tip).to_have_attribute("data-image", str(i))
    crop = tip.locator(".crop").first
    place = crop.evaluate("e => [e.style.getPropertyValue('--y'), e.style.getPropertyValue('--x')]")
    assert [int(v) for v in place] == list(divmod(i, columns))
    assert crop.locator("img").get_attribute("src") == result["sprite"]["file"]
    order = sorted(range(len(image["importance"])), key=lambda c: -abs(image["importance"][c]))
    badges = tip.locator(".badge").all_inner_texts()
    assert [b.split()[-1] for b in badges] == [str(c + 1) for c in order[: len(badges)]]
    if image["label_name"]:
        expect(tip).to_contain_text(image["label_name"])
    ready.mouse.down()
    ready.mouse.up()
    sight = ready.locator(".graph__pin .sight")
    expect(sight).to_have_attribute("data-image", str(i))
    expect(ready.locator(".graph__pin")).to_contain_text(image["key"])
    pinned = ready.locator(".graph__pin .sight__tops .badge").all_inner_texts()
    shares = [abs(v) / sum(map(abs, image["importance"])) for v in image["importance"]]
    assert [b.split()[-1] for b in pinned] == [
        str(c + 1) for r, c in enumerate(order) if shares[c] >= 0.01 or (r < 3 and shares[c])
    ]
    rest = image["everything_else"] / sum(map(abs, image["importance"]))
    expect(ready.locator(".graph__pin .sight__rest")).to_contain_text(percent(rest))
    maps = ready.locator(".graph__pin .sight__heat .badge")
    expect(maps.first).to_be_visible()
    assert [b.split()[-1] for b in maps.all_inner_texts()] == [b.split()[-1] for b in pinned[:3]]
    painted = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert any(ready.locator(".graph__pin canvas").evaluate_all(f"all => all.map({painted})"))
    assert f"image={i + 1}" in ready.url


def test_what_is_pinned_and_how_it_is_shown_stand_in_the_address(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    page.goto(f"{address}classes/{result['name']['slug']}/index.html#image=3&view=groups")
    expect(page.locator(".graph__pin .sight")).to_have_attribute("data-image", "2")
    expect(page.locator("input[value=groups]")).to_be_checked()
    expect(page.locator(".node--concept").first).to_be_visible()


def test_a_first_tap_keeps_the_image(
    chromium: Browser, address: str, result: dict[str, Any]
) -> None:
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    page.locator(".graph__field").scroll_into_view_if_needed()
    i = loneliest(result)
    box = page.locator(POINTS).nth(i).bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".graph__pin--open .sight")).to_have_attribute("data-image", str(i))
    phone.close()


def test_the_color_switch_recolors_and_the_legend_isolates(
    ready: Page, result: dict[str, Any]
) -> None:
    def colors() -> list[str]:
        return ready.locator(POINTS).evaluate_all("all => all.map(p => getComputedStyle(p).fill)")

    ready.locator(".graph__controls").get_by_text("dots", exact=True).click()
    by_concept = colors()
    dominant = [i["dominant"] for i in result["images"]]
    leading = [c for c, d in zip(by_concept, dominant, strict=True) if d == max(dominant)]
    assert len(set(leading)) == 1
    buttons = ready.locator(".graph__legend button")
    expect(buttons).to_have_count(len(set(dominant)))
    number = int(buttons.first.locator(".badge").inner_text().split()[-1])
    buttons.first.click()
    expect(buttons.first).to_have_attribute("aria-pressed", "true")
    hidden = ready.locator(POINTS).evaluate_all("all => all.map(p => +p.style.opacity < 0.1)")
    assert hidden == [d != number for d in dominant]
    buttons.first.click()
    hidden = ready.locator(POINTS).evaluate_all("all => all.map(p => +p.style.opacity < 0.1)")
    assert not any(hidden)
    switch = ready.locator("input[name=color][value=strategy]")
    assert switch.count() == bool(result["strategies"])


def test_the_keyboard_walks_over_the_images(ready: Page) -> None:
    ready.locator(".graph__field").focus()
    ready.keyboard.press("ArrowRight")
    first = ready.locator(".graph__say").inner_text()
    assert first.startswith("image 1")
    ready.keyboard.press("PageDown")
    assert ready.locator(".graph__say").inner_text().startswith("image 2")
    ready.keyboard.press("Enter")
    expect(ready.locator(".graph__pin .sight")).to_have_attribute("data-image", "1")
    ready.keyboard.press("Escape")
    ready.keyboard.press("Escape")
    expect(ready.locator(".graph__pin")).not_to_have_class("graph__pin graph__pin--open")


def test_tiles_stand_over_their_light_and_open_larger(ready: Page) -> None:
    card = ready.locator(".concept").first
    expect(card.locator(".strip--tiles")).to_be_visible()
    expect(card.locator(".strip--heat")).to_be_visible()
    card.get_by_role("button", name="Picture 2 of").click()
    dialog = ready.locator("dialog.enlarge")
    expect(dialog).to_contain_text("picture 2 of")
    sides = [box["width"] for c in dialog.locator(".crop").all() if (box := c.bounding_box())]
    assert len(sides) == 2
    assert min(sides) >= 224
    ready.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Concept 1, picture 3 of")
    ready.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    typical = ready.locator(".strategies__typical .crop").first
    typical.focus()
    ready.keyboard.press("Enter")
    expect(dialog.locator(".sight")).to_be_visible()
    expect(dialog.locator(".sight__heat .badge").first).to_be_visible()
