"""The home page of a thousand classes: what it loads, how it scrolls, who can read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_fixtures import served
from measures import SHIFTS, violations
from playwright.sync_api import Browser, Page, expect
from thousand import write_thousand

pytestmark = pytest.mark.browser

MOST = 300_000
"""Bytes that travel before a visitor has scrolled."""

IN_SIGHT = 40
"""More pictures than that stand neither in sight nor close below."""


@pytest.fixture(scope="module")
def home(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where that site is served."""
    site = write_thousand(built_demo, tmp_path_factory.mktemp("thousand") / "site")
    with served(site, tmp_path_factory.mktemp("served-thousand")) as address:
        yield f"{address}index.html"


@pytest.fixture(params=[390, 1280])
def thousand(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page on a phone and on a desk."""
    opened = chromium.new_context(viewport={"width": request.param, "height": 844})
    yield opened.new_page()
    opened.close()


def test_little_is_loaded_before_one_scrolls(thousand: Page, home: str) -> None:
    network = thousand.context.new_cdp_session(thousand)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    thousand.goto(home)
    thousand.wait_for_load_state("networkidle")
    expect(thousand.locator("#gallery a")).to_have_count(1000)
    loaded = thousand.locator("#gallery img").evaluate_all(
        "all => all.filter(i => i.complete && i.naturalWidth).length"
    )
    assert len(sizes) > 8
    assert sum(sizes) < MOST
    assert loaded < IN_SIGHT


def test_a_card_keeps_its_place_when_its_picture_comes(thousand: Page, home: str) -> None:
    thousand.add_init_script(SHIFTS)
    thousand.goto(home)
    height = thousand.evaluate("document.documentElement.scrollHeight")
    for share in (0.3, 0.31, 0.7, 1):
        thousand.evaluate("y => scrollTo({ top: y, behavior: 'instant' })", share * height)
        seen = thousand.locator("#gallery img:nth-child(1)").evaluate_all(
            "all => all.filter(i => { const b = i.getBoundingClientRect();"
            " return b.bottom > 0 && b.top < innerHeight; }).map(i => i.currentSrc || i.src)"
        )
        assert seen
        thousand.wait_for_function(
            "asked => [...document.querySelectorAll('#gallery img')]"
            ".every(i => !asked.includes(i.src) || (i.complete && i.naturalWidth > 0))",
            arg=seen,
        )
    assert thousand.evaluate("document.documentElement.scrollHeight") == height
    assert thousand.evaluate("shifts") == []


@pytest.mark.parametrize("asked", ["", "#classes?sort=kind", "#classes?q=a&sort=images"])
def test_the_way_back_leads_to_the_same_cards(thousand: Page, home: str, asked: str) -> None:
    cards = "() => [...document.querySelectorAll('#gallery a')].map(a => a.href)"
    thousand.goto(home + asked)
    thousand.evaluate("scrollTo({ top: 6000, behavior: 'instant' })")
    thousand.wait_for_function("scrollY === 6000")
    before = thousand.evaluate(cards)
    thousand.goto(home.replace("index.html", "about/index.html"))
    thousand.go_back()
    thousand.wait_for_function("scrollY === 6000")
    assert thousand.evaluate(cards) == before


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, home: str, theme: Any, width: int) -> None:
    opened = chromium.new_context(
        color_scheme=theme, reduced_motion="reduce", viewport={"width": width, "height": 844}
    )
    page = opened.new_page()
    page.goto(home)
    found = violations(page)
    page.goto(f"{home}#classes?q=a&sort=kind")
    expect(page.locator("#letters")).to_be_visible()
    found += violations(page)
    opened.close()
    assert found == []
