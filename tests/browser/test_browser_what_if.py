"""What if, on the page of a class: asked first, true to torch, minimal, and usable by keys."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect
from safetensors.numpy import load_file
from scipy.special import softmax

from lens_site.classifier import load_classifier
from lens_site.images.source import open_source
from lens_site.results import store

pytestmark = pytest.mark.browser

LOGITS = """async ({ slug, image, factors }) => {
  const table = await Lens.table("../../", slug);
  const codes = table.codes(image).map((code, i) => code * factors[i]);
  return [...table.logits(codes, table.rest(image))];
}"""
SMALLEST = """async ({ slug, images }) => {
  const table = await Lens.table("../../", slug);
  const picture = (i) => lensWhatIf.added(table, table.codes(i), table.rest(i));
  return Promise.all(images.map((i) => lensWhatIf.smallest(picture(i))));
}"""


@pytest.fixture
def asked(ready: Page) -> Page:
    """The page of the class, its table loaded."""
    ready.locator(".what-if__ask").click()
    ready.wait_for_selector("#what-if[data-ready]")
    return ready


@pytest.fixture
def table(built_demo: Path, result: dict[str, Any]) -> dict[str, np.ndarray]:
    return load_file(store.latest_run(built_demo) / result["name"]["slug"] / "table.safetensors")


def test_nothing_loads_before_it_is_asked(page: Page, address: str, result: dict[str, Any]) -> None:
    fetched: list[str] = []
    page.on("request", lambda r: fetched.append(r.url.rpartition("/")[2]))
    page.goto(f"{address}classes/{result['name']['slug']}/index.html", wait_until="networkidle")
    late = {"browser.js", "names.js", "table.js"}
    assert not late & set(fetched)
    page.locator(".what-if__ask").click()
    page.wait_for_selector("#what-if[data-ready]")
    assert late < set(fetched)
    assert "network.js" not in fetched


def test_edited_codes_give_the_logits_of_torch(
    asked: Page, built_demo: Path, result: dict[str, Any], table: dict[str, np.ndarray]
) -> None:
    """Taking v_i u_i out of the activations gives what the browser adds up."""
    slug = result["name"]["slug"]
    arrays = load_file(store.latest_run(built_demo) / slug / "arrays.safetensors")
    classifier, source = load_classifier(device="cpu"), open_source("demo")
    factors = np.random.default_rng(0).choice([0.0, 0.5, 1.0, 2.0], len(result["concepts"]))
    for image in (0, len(result["images"]) // 2):
        position = list(source.keys).index(result["images"][image]["key"])
        with torch.no_grad():
            seen = classifier.preprocessing(source.open(position, None))
            encoded = classifier.encode(seen[None])
            less = arrays["codes"][image] * (factors - 1)
            change = torch.from_numpy((less @ arrays["dictionary"]).astype(np.float32))
            edited = encoded._replace(maps=encoded.maps + change.permute(2, 0, 1))
            wanted = classifier.head(edited)[0].numpy()
        given = {"slug": slug, "image": image, "factors": factors.tolist()}
        got = np.array(asked.evaluate(LOGITS, given))
        exact = table["rest_classes"]
        assert len(exact) == 128
        assert np.abs(got - wanted)[exact].max() < 1e-2 * np.abs(wanted).max()
        assert np.abs(softmax(got) - softmax(wanted)).max() < 0.02


def test_the_smallest_removal_is_the_smallest(
    asked: Page, result: dict[str, Any], table: dict[str, np.ndarray]
) -> None:
    images = [*range(0, len(result["images"]), 25)]
    told = asked.evaluate(SMALLEST, {"slug": result["name"]["slug"], "images": images})
    assert any(answer["without"] for answer in told)
    gamma = table["gamma"].astype(np.float64)
    for image, answer in zip(images, told, strict=True):
        codes = table["codes"][image].astype(np.float64)
        rest = table["rest_mean"].astype(np.float64)
        rest[table["rest_classes"]] = table["rest"][image]
        logits = table["at_zero"] + codes @ gamma + rest
        changing: list[tuple[int, ...]] = []
        for size in range(1, len(codes) + 1):
            changing = [
                some
                for some in combinations(np.flatnonzero(codes).tolist(), size)
                if (logits - codes[list(some)] @ gamma[list(some)]).argmax() != logits.argmax()
            ]
            if changing:
                break
        assert (tuple(answer["without"]) in changing) if changing else answer["without"] is None


def test_the_sentence_is_shown_and_taken_back(asked: Page, result: dict[str, Any]) -> None:
    name = result["name"]["name"]
    first = asked.locator(".answers li").first
    expect(first).to_contain_text(name)
    asked.locator(".what-if__go").click()
    said = asked.locator(".what-if__shortest b").inner_text()
    expect(first).to_contain_text(said)
    assert said != name
    expect(asked.locator(".answers__own")).to_contain_text(name)
    asked.locator(".what-if .button").click()
    expect(first).to_contain_text(name)


def test_keys_move_a_slider_and_the_answer(asked: Page) -> None:
    share = asked.locator(".answers__own .num")
    before = share.inner_text()
    slider = asked.locator(".what-if__concepts input[type=range]:enabled").first
    slider.focus()
    asked.keyboard.press("Home")
    expect(asked.locator(".what-if__concepts input[type=checkbox]").first).not_to_be_checked()
    expect(share).not_to_have_text(before)
    asked.keyboard.press("Shift+Tab")
    asked.keyboard.press("Space")
    expect(share).to_have_text(before)


def test_it_follows_the_image_that_is_kept(asked: Page) -> None:
    shown = asked.locator(".what-if__picture p")
    before = shown.inner_text()
    asked.locator(".graph__field").focus()
    for key in ("End", "Enter"):
        asked.keyboard.press(key)
    expect(shown).not_to_have_text(before)


@pytest.mark.parametrize("width", [390, 1280])
def test_it_works_from_the_file_system_at_any_width(
    chromium: Browser, built_site: Path, result: dict[str, Any], width: int
) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 844})
    page = opened.new_page()
    page.goto((built_site / "classes" / result["name"]["slug"] / "index.html").resolve().as_uri())
    page.locator(".what-if__ask").click()
    page.wait_for_selector("#what-if[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()
