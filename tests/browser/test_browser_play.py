"""Guess first: the same address is the same game, and the score is counted truly."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from safetensors.numpy import load_file

from lens_site.results import store

pytestmark = pytest.mark.browser


def questions(built_site: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The questions by the picture and cell that the page shows."""
    text = (built_site / "play" / "questions.js").read_text().partition(" = ")[2].rstrip(";\n")
    return {(f"{q['slug']}/{q['file']}", style(q["cell"])): q for q in json.loads(text)}


def style(cell: list[int]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in zip("xywh", cell, strict=True))


def shown(page: Page) -> tuple[str, str]:
    image = page.locator(".play__image .crop")
    source = image.locator("img").get_attribute("src") or ""
    return source.partition("classes/")[2], (image.get_attribute("style") or "").replace(
        " ", ""
    ).strip(";")


EDGES = "all => all.map(b => ['left', 'top', 'width', 'height'].map(e => parseFloat(b.style[e])))"


def choices(page: Page, known: dict[str, Any]) -> tuple[list[Locator], int, str]:
    """The four buttons of a question, which of them is right, and what was asked."""
    if page.locator(".play__spot").count():
        edges = page.locator(".play__spot").evaluate_all(EDGES)
        spots = [[spot[e] for e in ("left", "top", "width", "height")] for spot in known["spots"]]
        assert sorted(edges) == sorted(spots)
        assert edges == sorted(edges, key=lambda e: (e[1], e[0])), "letters tell nothing"
        return page.locator(".play__spot").all(), edges.index(spots[0]), "spot"
    buttons = page.locator(".play__answer").all()
    names = [button.inner_text() for button in buttons]
    assert len(set(names)) == 4
    return buttons, names.index(known["answer"]), "said"


def play(page: Page, built_site: Path, mistakes: int) -> list[tuple[str, tuple[str, str]]]:
    """Play a game with some wrong guesses; give what was asked of which image, in order."""
    known, seen = questions(built_site), []
    for n in range(8):
        image = shown(page)
        buttons, right, kind = choices(page, known[image])
        seen.append((kind, image))
        buttons[(right + 1) % 4 if n < mistakes else right].click()
        verdict = page.locator(".play__verdict")
        expect(verdict).to_contain_text("No." if n < mistakes else "Right.")
        if kind == "spot":
            expect(verdict).to_contain_text(f"Place {'ABCD'[right]} decided most")
            expect(verdict).to_contain_text(known[image]["spots"][0]["share"])
        page.locator(".play__truth .button").click()
    return seen


def test_an_address_is_a_game_and_the_score_is_true(
    page: Page, address: str, built_site: Path
) -> None:
    page.goto(f"{address}play/index.html#seed=7")
    page.wait_for_selector(".play__image")
    first = play(page, built_site, mistakes=3)
    kinds = [kind for kind, _ in first]
    assert set(kinds) == {"said", "spot"}
    expect(page.locator(".play__score")).to_contain_text("5 of 8 right: better than")
    won = {kind: kinds[3:].count(kind) for kind in ("said", "spot")}
    expect(page.locator(".play__kinds")).to_have_text(
        f"What it said: {won['said']} of {kinds.count('said')}. "
        f"Which place decided: {won['spot']} of {kinds.count('spot')}."
    )
    page.reload()
    page.wait_for_selector(".play__image")
    assert play(page, built_site, mistakes=7) == first
    expect(page.locator(".play__score")).to_contain_text("1 of 8 right: worse than")
    page.goto(f"{address}play/index.html#seed=8")
    page.wait_for_selector(".play__image")
    assert play(page, built_site, mistakes=0) != first


def test_the_true_place_adds_most_by_the_stored_codes(
    built_site: Path, request: pytest.FixtureRequest
) -> None:
    """Held to NumPy over every window of the grid; the others are apart, and clearly less."""
    run = store.latest_run(request.getfixturevalue("built_demo"))
    asked = [q for q in questions(built_site).values() if q["spots"]]
    assert len(asked) >= 8
    for question in asked:
        arrays = load_file(run / question["slug"] / "arrays.safetensors")
        codes = arrays["codes"][question["image"] - 1].astype(np.float64)
        phi = arrays["importance"][question["image"] - 1].astype(np.float64)
        adds = (codes * (phi / np.maximum(codes.sum(axis=(0, 1)), 1e-12))).sum(axis=2)
        assert adds.shape == (7, 7)
        windows = np.lib.stride_tricks.sliding_window_view(adds, (2, 2)).sum(axis=(2, 3))
        cells = [(round(s["top"] * 0.07), round(s["left"] * 0.07)) for s in question["spots"]]
        sums = [windows[cell] for cell in cells]
        assert sums[0] == pytest.approx(windows.max(), rel=1e-6)
        assert max(sums[1:]) <= 0.5001 * sums[0]
        for (r, c), (other_r, other_c) in combinations(cells, 2):
            assert max(abs(r - other_r), abs(c - other_c)) >= 2


def test_answers_are_those_of_the_results(built_site: Path) -> None:
    for question in questions(built_site).values():
        told = json.loads((built_site / "classes" / question["slug"] / "class.json").read_text())
        image = told["images"][question["image"] - 1]
        assert question["answer"] == told["name"]["name"]
        assert question["answer"] not in question["wrong"]
        mistaken = image["label"] not in (None, told["name"]["index"])
        assert question["label"] == (image["label_name"] if mistaken else "")
        best = max(range(len(image["importance"])), key=lambda i: image["importance"][i])
        assert question["reasons"][0]["number"] == best + 1


def test_it_is_played_from_the_file_system_on_a_phone(chromium: Browser, built_site: Path) -> None:
    opened = chromium.new_context(viewport={"width": 390, "height": 844})
    page = opened.new_page()
    page.goto((built_site / "play" / "index.html").resolve().as_uri())
    page.locator(".play__answer, .play__spot").first.click()
    expect(page.locator(".play__verdict")).to_be_visible()
    assert "#seed=" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.close()
