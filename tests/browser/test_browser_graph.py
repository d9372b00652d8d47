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
    for nth, (x, y) in enumerate(((0.01, 0.1), (0.4, 0.1), (0.4, 0.99), (0.01, 0.99))):
        ready.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if nth == 0:
            ready.mouse.down()
    ready.mouse.up()
    expect(ready.locator(".graph__pin")).to_contain_text("images chosen")
    expect(ready.locator(".graph__pin .sight__tops")).to_have_count(2)
    widths: list[list[float]] = ready.locator(".graph__pin .sight__tops").evaluate_all(
        """all => all.map(list => [...list.querySelectorAll("li")].map(row => {
          const share = Number(row.querySelector(".num").textContent.match(/[0-9]+/)[0]);
          return share < 10 ? null : parseFloat(row.querySelector("i").style.width) / share;
        }).filter(Boolean))"""
    )
    scales = [scale for some in widths for scale in some]
    assert max(scales) == pytest.approx(min(scales), rel=0.11), "a percent is as long in both"


OVERLAP = """all => all.some((a, i) => all.slice(i + 1).some(b => {
  const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
  return Math.min(p.right, q.right) > Math.max(p.left, q.left)
    && Math.min(p.bottom, q.bottom) > Math.max(p.top, q.top);
}))"""


@pytest.mark.parametrize("width", [390, 1280])
def test_more_pictures_find_room_as_one_zooms(
    chromium: Browser, address: str, result: dict[str, Any], width: int
) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 844})
    page = opened.new_page()
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    pictures = page.locator(".graph__pictures .crop")
    seen = len(result["images"])
    parts = [pictures.count() / seen]
    page.locator(".graph__zoom").click()
    page.wait_for_selector(".graph__plot .nsewdrag")
    i = max(range(seen), key=lambda i: -sum(map(abs, middle(result, i))))
    x, y = result["images"][i]["x"], result["images"][i]["y"]
    for half in (0.5, 0.25, 0.12):
        page.evaluate(
            """([x, y, half]) => Plotly.relayout(document.querySelector(".graph__plot"), {
              "xaxis.range": [x - half, x + half], "yaxis.range": [y - half, y + half]})""",
            [x, y, half],
        )
        inside = [m for m in result["images"] if abs(m["x"] - x) < half > abs(m["y"] - y)]
        assert 1 <= pictures.count() <= len(inside)
        assert not pictures.evaluate_all(OVERLAP)
        parts.append(pictures.count() / len(inside))
    assert parts[-1] > parts[0]
    opened.close()


def middle(result: dict[str, Any], i: int) -> tuple[float, float]:
    """Way from the mean place of all images to this one."""
    images = result["images"]
    x, y = (sum(m[axis] for m in images) / len(images) for axis in ("x", "y"))
    return images[i]["x"] - x, images[i]["y"] - y


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


def cell_of(i: int, result: dict[str, Any]) -> tuple[str, int, int]:
    """File, row and column of an image: on a sheet of larger pictures where it is on one."""
    sharp = result["sharp"]
    if i not in sharp["images"]:
        return (result["sprite"]["file"], *divmod(i, result["sprite"]["columns"]))
    sheet, cell = divmod(sharp["images"].index(i), sharp["columns"] * sharp["rows"])
    return (sharp["files"][sheet], *divmod(cell, sharp["columns"]))


def test_hover_shows_the_picture_of_the_point_and_click_keeps_it(
    ready: Page, result: dict[str, Any]
) -> None:
    i = loneliest(result)
    image = result["images"][i]
    ready.locator(".graph__field").scroll_into_view_if_needed()
    box = ready.locator(POINTS).nth(i).bounding_box()
    assert box
    ready.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = ready.locator(".graph__tip .sight")
    expect(tip).to_have_attribute("data-image", str(i))
    crop = tip.locator(".crop").first
    place = crop.evaluate("e => [e.style.getPropertyValue('--y'), e.style.getPropertyValue('--x')]")
    file, row, column = cell_of(i, result)
    assert [int(v) for v in place] == [row, column]
    assert crop.locator("img").get_attribute("src") == file
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
        return ready.locator(POINTS).evaluate_all(
            "all => all.map(p => getComputedStyle(p.querySelector('path') ?? p).fill)"
        )

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


def test_tiles_stand_over_their_light_and_open_larger(ready: Page, result: dict[str, Any]) -> None:
    card = ready.locator(".concept").first
    expect(card.locator(".strip--tiles")).to_be_visible()
    expect(card.locator(".strip--heat")).to_be_visible()
    card.get_by_role("button", name="Picture 2 of").click()
    dialog = ready.locator("dialog.enlarge")
    expect(dialog).to_contain_text("picture 2 of")
    sides = [box["width"] for c in dialog.locator(".crop").all() if (box := c.bounding_box())]
    sharp = result["concepts"][0]["tiles"][1]["image"] in result["sharp"]["images"]
    assert len(sides) == 2 + sharp, "its patch, its light, and the image where it is sharp"
    assert min(sides) >= 215
    ready.keyboard.press("ArrowRight")
    expect(dialog).to_contain_text("Concept 1, picture 3 of")
    ready.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_pictures_of_groups_are_sharp_and_open_larger_with_their_light(
    ready: Page, result: dict[str, Any]
) -> None:
    sharp = result["sharp"]
    row = ready.locator(".strategies__pictures").first
    shown = [
        int(i) for i in row.locator("figure").evaluate_all("all => all.map(f => f.dataset.image)")
    ]
    assert set(shown) <= set(sharp["images"]), "what is shown by name is sharp"
    box = row.locator(".crop").first.bounding_box()
    assert box
    assert 215 <= box["width"] <= sharp["size"]
    typical = row.locator("button").first
    typical.focus()
    ready.keyboard.press("Enter")
    dialog = ready.locator("dialog.enlarge")
    sight = dialog.locator(".sight")
    expect(sight).to_have_attribute("data-image", str(shown[0]))
    assert sight.locator(".crop--picture img").get_attribute("src") in sharp["files"]
    expect(dialog.locator(".sight__heat .badge").first).to_be_visible()
    lit = dialog.locator(".sight__lit").first.bounding_box()
    assert lit
    assert lit["width"] >= 215
    assert dialog.locator(".sight__lit img").first.get_attribute("src") in sharp["files"]
    ready.keyboard.press("ArrowRight")
    expect(sight).to_have_attribute("data-image", str(shown[1 % len(shown)]))
    ready.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_touch_opens_a_picture_of_a_group(
    chromium: Browser, address: str, result: dict[str, Any]
) -> None:
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = phone.new_page()
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    page.locator(".strategies__pictures button").nth(1).tap()
    expect(page.locator("dialog .sight .crop--picture img")).to_be_visible()
    page.locator(".enlarge__close").tap()
    expect(page.locator("dialog")).to_be_hidden()
    page.locator(".pairs__open button").first.tap()
    expect(page.locator("dialog .enlarge__trio .crop").first).to_be_visible()
    phone.close()


def test_an_image_without_a_larger_picture_is_shown_no_larger_than_its_thumbnail(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    left_out = set(range(len(result["images"]))) - set(result["sharp"]["images"])
    if not left_out:
        pytest.skip("every image of this class is sharp")
    page.goto(f"{address}classes/{result['name']['slug']}/index.html#image={min(left_out) + 1}")
    box = page.locator(".graph__pin .crop--picture").bounding_box()
    assert box
    assert box["width"] == result["sprite"]["size"]
