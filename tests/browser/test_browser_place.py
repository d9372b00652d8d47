"""Where one's own picture stands among the images of a class: by stored places."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from lens_site.images.sources import demo
from lens_site.strategies.cloud import SMALL
from lens_site.strategies.methods.copula import soft_membership

pytestmark = pytest.mark.browser

PHOTOGRAPH = Path(demo.__file__).with_name("photographs") / "coffee.png"

DOTS = """all => all.map((dot) => dot.tagName === "circle"
  ? [dot.getAttribute("cx"), dot.getAttribute("cy")]
  : [dot.closest("svg").getAttribute("x"), dot.closest("svg").getAttribute("y")])"""

PLACE = """([portrait, asked]) => asked.map(([profile, amount, without]) => lensPlace.find(
  portrait.filter((_, i) => i !== without), profile, amount, 1))"""


def explain(page: Page, address: str, slug: str, picture: Any) -> None:
    page.goto(f"{address}explain/index.html#class={slug}")
    page.wait_for_selector(".own__examples button")
    page.locator(".own__choose input").set_input_files(picture)
    page.wait_for_selector(".own__seen-as", timeout=60_000)


def profiles(result: dict[str, Any]) -> np.ndarray:
    phi = np.array([image["importance"] for image in result["images"]])
    shares: np.ndarray = phi / np.abs(phi).sum(axis=1, keepdims=True)
    return shares


def images(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"x": i["x"], "y": i["y"], "strategy": i["strategy"] or 0, "profile": list(p)}
        for i, p in zip(result["images"], profiles(result), strict=True)
    ]


def test_dots_are_those_that_the_class_page_has(
    page: Page, address: str, classes: list[str]
) -> None:
    slug = next(c for c in classes if "espresso" in c)
    page.goto(f"{address}classes/{slug}/index.html")
    drawn = page.locator(".scatter > circle, .scatter path").evaluate_all(DOTS)
    explain(page, address, slug, PHOTOGRAPH)
    shown = page.locator(".own__place a circle, .own__place a path").evaluate_all(DOTS)
    assert len(shown) == len(drawn) > 20
    for ours, theirs in zip(shown, drawn, strict=True):
        for x, y in zip(ours, theirs, strict=True):
            assert float(x.rstrip("%")) == pytest.approx(float(y.rstrip("%")), abs=0.06)
    own = page.locator(".own__point")
    assert 0 < float((own.get_attribute("cx") or "").rstrip("%")) < 100
    expect(page.locator(".own__placed")).to_contain_text("between the three most like it")
    expect(page.locator(".own__placed")).not_to_contain_text("unlike")


def test_an_image_goes_to_its_place_and_left_out_near_it(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    """An image itself stands on its dot; without it, where the nearest three pull it."""
    page.goto(f"{address}explain/index.html")
    points, every = profiles(result), range(len(result["images"]))
    places = np.array([[i["x"], i["y"]] for i in result["images"]])
    asked = [*([list(points[i]), 9, -1] for i in every), *([list(points[i]), 9, i] for i in every)]
    found = page.evaluate(PLACE, [images(result), asked])
    itself, anew = np.array([[f["x"], f["y"]] for f in found]).reshape(2, -1, 2)
    assert np.abs(itself - places).max() < 0.02
    for i in every:
        far = np.linalg.norm(points - points[i], axis=1)
        far[i] = np.inf
        three = np.argsort(far, kind="stable")[:3]
        weights = 1 / np.maximum(far[three], 1e-6) ** 4
        wanted = (weights[:, None] * places[three]).sum(axis=0) / weights.sum()
        np.testing.assert_allclose(anew[i], wanted, atol=1e-6)
    off = np.median(np.linalg.norm(anew - places, axis=1))
    others = np.median(np.linalg.norm(places[1:] - places[:-1], axis=1))
    assert off < 0.3 * others


def test_strategies_are_those_of_their_own_rule(
    page: Page, address: str, built_site: Path, classes: list[str]
) -> None:
    page.goto(f"{address}explain/index.html")
    seen = 0
    for slug in classes:
        told = json.loads((built_site / "classes" / slug / "class.json").read_text())
        points = profiles(told)
        asked = [[list(p), 9, -1] for p in points]
        got = [f["strategy"] for f in page.evaluate(PLACE, [images(told), asked])]
        if not told["strategies"]:
            assert got == [0] * len(points)
            continue
        seen += 1
        stored = np.array([i["strategy"] for i in told["images"]])
        logs = torch.from_numpy(np.arcsinh(points / (2 * SMALL)))
        means = torch.stack([logs[stored == g].mean(dim=0) for g in range(1, stored.max() + 1)])
        wanted = soft_membership(logs, means).argmax(axis=1) + 1
        assert got == wanted.tolist()
        assert (wanted == stored).mean() > 0.9
    assert seen


def test_what_is_far_from_all_or_faint_has_no_strategy(
    page: Page, address: str, result: dict[str, Any]
) -> None:
    page.goto(f"{address}explain/index.html")
    points = profiles(result)
    odd = [0.0] * (points.shape[1] - 1) + [-1.0]
    amounts = [[odd, 9, -1], [list(points[0]), 0.5, -1], [list(points[0]), 9, -1]]
    far, faint, near = page.evaluate(PLACE, [images(result), amounts])
    assert (far["alone"], far["faint"], far["strategy"]) == (True, False, 0)
    assert (faint["alone"], faint["faint"], faint["strategy"]) == (False, True, 0)
    assert (near["alone"], near["faint"]) == (False, False)


def test_another_thing_is_said_to_be_unlike_the_class(
    page: Page, address: str, classes: list[str]
) -> None:
    slug = next(c for c in classes if "espresso" in c)
    explain(page, address, slug, PHOTOGRAPH.with_name("camera.png"))
    words = page.locator(".own__placed")
    expect(words).to_contain_text("The network calls all of them espresso, and yours not.")
    expect(words).to_contain_text("unlike all of them")
    expect(words).not_to_contain_text("Its strategy is")
