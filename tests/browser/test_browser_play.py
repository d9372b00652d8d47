"""Guess first: the same address is the same game, and the score is counted truly."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


def questions(built_site: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The questions by the picture and cell that the page shows."""
    text = (built_site / "play" / "questions.js").read_text().partition(" = ")[2].rstrip(";\n")
    return {(f"{q['slug']}/{q['file']}", style(q["cell"])): q for q in json.loads(text)}


def style(cell: list[int]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in zip("xywh", cell, strict=True))


def shown(page: Page) -> tuple[str, str]:
    image = page.locator(".play__image")
    source = image.locator("img").get_attribute("src") or ""
    return source.partition("classes/")[2], (image.get_attribute("style") or "").replace(
        " ", ""
    ).strip(";")


def play(page: Page, built_site: Path, mistakes: int) -> list[tuple[str, str]]:
    """Play a game with some wrong guesses; give the images in order."""
    known, seen = questions(built_site), []
    for n in range(8):
        seen.append(shown(page))
        answer = known[seen[-1]]["answer"]
        names = page.locator(".play__answer").all_inner_texts()
        assert len(set(names)) == 4
        assert answer in names
        wrong = next(name for name in names if name != answer)
        guess = wrong if n < mistakes else answer
        page.get_by_role("button", name=guess, exact=True).click()
        expect(page.locator(".play__verdict")).to_contain_text("No." if n < mistakes else "Right.")
        page.locator(".play__truth .button").click()
    return seen


def test_an_address_is_a_game_and_the_score_is_true(
    page: Page, address: str, built_site: Path
) -> None:
    page.goto(f"{address}play/index.html#seed=7")
    page.wait_for_selector(".play__answer")
    first = play(page, built_site, mistakes=3)
    expect(page.locator(".play__score")).to_contain_text("5 of 8 right: better than")
    page.reload()
    page.wait_for_selector(".play__answer")
    assert play(page, built_site, mistakes=7) == first
    expect(page.locator(".play__score")).to_contain_text("1 of 8 right: worse than")
    page.goto(f"{address}play/index.html#seed=8")
    page.wait_for_selector(".play__answer")
    assert play(page, built_site, mistakes=0) != first


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
    page.locator(".play__answer").first.click()
    expect(page.locator(".play__verdict")).to_be_visible()
    assert "#seed=" in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    opened.close()
