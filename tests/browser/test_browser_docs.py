"""The documentation on the site: readable for all, on a phone, and found by the search."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser_fixtures import served
from gather import ROOT
from kinds import write_kinds
from measures import violations
from playwright.sync_api import Browser, Page, expect

from lens_site.config import load_config
from lens_site.results.schema import Identity
from lens_site.site.publish.render import render

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def identity() -> Identity:
    return load_config({}, ROOT / "docs/site.toml").site


@pytest.fixture(scope="module")
def docs(identity: Identity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a site with the documentation is served."""
    folder = tmp_path_factory.mktemp("docs")
    render(write_kinds(folder / "run"), folder / "site", identity=identity)
    with served(folder / "site", tmp_path_factory.mktemp("served-docs")) as address:
        yield address


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everyone_can_read_it(
    chromium: Browser, docs: str, identity: Identity, theme: Any, width: int
) -> None:
    page = chromium.new_page(color_scheme=theme, viewport={"width": width, "height": 844})
    found = []
    for one in identity.pages:
        page.goto(f"{docs}{one.address}/index.html")
        found += [(one.title, fault) for fault in violations(page)]
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, one.title
        tall = page.evaluate(
            "[...document.querySelectorAll('.extra td')].every((c) => c.offsetHeight < 450)"
        )
        assert tall, f"a cell of {one.title} is too narrow for its words"
    page.close()
    assert found == []


def test_one_list_of_the_pages_is_shown(chromium: Browser, docs: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 844})
    page.goto(f"{docs}docs/guide/index.html")
    side, top = page.locator(".book__side"), page.locator(".book__top")
    expect(side).to_be_visible()
    expect(top).to_be_hidden()
    side.get_by_role("link", name="Names").click()
    page.wait_for_url("**/docs/guide/index.html#names")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(side).to_be_hidden()
    top.locator("summary").click()
    top.get_by_role("link", name="Methods", exact=True).click()
    page.wait_for_url("**/docs/methods/index.html")
    page.close()


@pytest.mark.parametrize(
    ("words", "title", "place"),
    [
        ("slurm", "Slurm", "docs/scale/index.html#slurm"),
        ("hugging", "Hugging Face", "docs/publishing/index.html#hugging-face"),
        ("own model", "Your model and your pictures", "docs/guide/index.html#your-model"),
        ("measuremnts", "Measurements", "docs/measurements/index.html"),
    ],
)
def test_the_search_finds_it(
    chromium: Browser, docs: str, words: str, title: str, place: str
) -> None:
    page: Page = chromium.new_page()
    page.goto(f"{docs}index.html")
    page.locator("#search").fill(words)
    hit = page.locator("#search-results [data-url]", has_text=title).first
    expect(hit).to_be_visible()
    assert place in str(hit.get_attribute("data-url"))
    hit.click()
    page.wait_for_url(f"**/{place}*")
    page.close()


def test_classes_come_before_pages(chromium: Browser, docs: str) -> None:
    page = chromium.new_page()
    page.goto(f"{docs}index.html")
    page.locator("#search").fill("cup")
    expect(page.locator("#search-results [data-url] strong").first).to_have_text("cup")
    page.close()
