"""The search of every page: what it finds, by which keys, from where, and how fast."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from kinds import LABELS
from measures import SHIFTS, violations
from playwright.sync_api import Browser, Page, expect

from lens_site.results.schema import Alignment
from lens_site.site.publish import search

pytestmark = pytest.mark.browser

FOUND = "#search-results [data-url]"


def titles(page: Page) -> list[str]:
    return page.locator(f"{FOUND} strong").all_inner_texts()


def ask(page: Page, words: str) -> list[str]:
    """Type words into the box and return the titles of what is found."""
    page.locator("#search").fill(words)
    expect(page.locator("#search-results li").first).to_be_visible()
    return titles(page)


@pytest.fixture(params=["http", "file"])
def root(request: pytest.FixtureRequest, kinds_site: Path, kinds_address: str) -> str:
    """The address of the site, served and as files."""
    return kinds_address if request.param == "http" else f"{kinds_site.resolve().as_uri()}/"


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("espresso", "espresso"),
        ("espreso", "espresso"),
        ("jersy", "jersey"),
        ("tee shirt", "jersey"),
        ("967", "espresso"),
        ("n07920052", "espresso"),
        ("Chihuahua dog", "Chihuahua"),
        ("domestic animal", "tabby"),
        ("dog", "dog"),
        ("disk brake", "concept 1 of motor scooter"),
        ("cup disk brake", "concept 1 of motor scooter"),
    ],
)
def test_what_is_meant_comes_first(words: str, first: str, root: str, kinds_page: Page) -> None:
    kinds_page.goto(f"{root}method/index.html")
    assert ask(kinds_page, words)[0] == first


def test_dog_lists_dogs_and_leads_to_the_tree(root: str, kinds_page: Page) -> None:
    kinds_page.goto(f"{root}index.html")
    assert set(ask(kinds_page, "dog")) == {
        "dog",
        "Chihuahua",
        "golden retriever",
        "German shepherd",
    }
    expect(kinds_page.locator(FOUND).first).to_contain_text("3 classes in the tree")
    expect(kinds_page.locator("#search-count")).to_have_text("4 results")
    kinds_page.locator("#search").press("Enter")
    kinds_page.wait_for_url("**/tree/index.html#n02084071")
    expect(kinds_page.get_by_role("link", name="Chihuahua")).to_be_visible()


def test_all_words_count(kinds_address: str, kinds_page: Page) -> None:
    kinds_page.goto(f"{kinds_address}index.html")
    assert ask(kinds_page, "Chihuahua dog") == ["Chihuahua"]
    assert len(ask(kinds_page, "Chihuahua qqqq")) == 1, "what nothing has is passed over"


def test_a_concept_is_found_by_its_handle_and_opens(root: str, kinds_page: Page) -> None:
    kinds_page.goto(f"{root}about/index.html")
    ask(kinds_page, "disk brake")
    second = kinds_page.locator(FOUND).nth(1)
    expect(second).to_contain_text("as in disk brake, cup")
    second.click()
    kinds_page.wait_for_url("**/classes/0670-motor-scooter/concepts/02/index.html")


def test_the_keyboard_does_it_all(kinds_address: str, kinds_page: Page) -> None:
    page, box = kinds_page, kinds_page.locator("#search")
    page.goto(f"{kinds_address}about/index.html")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.type("dog")
    options = page.locator(FOUND)
    expect(options).to_have_count(4)
    expect(box).to_have_attribute("aria-expanded", "true")
    for key, chosen in (("ArrowUp", 3), ("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(options.nth(chosen)).to_have_attribute("aria-selected", "true")
        expect(page.locator("#search-results [aria-selected=true]")).to_have_count(1)
        expect(box).to_have_attribute("aria-activedescendant", f"found-{chosen}")
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_hidden()
    expect(box).to_have_value("")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("/")
    page.keyboard.type("cup")
    expect(options.first).to_have_text("cupclass 968")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lens/classes/0968-cup/index.html")


def test_nothing_is_loaded_before_it_is_used_and_nothing_shifts(
    kinds_address: str, kinds_page: Page
) -> None:
    asked: list[str] = []
    kinds_page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    kinds_page.add_init_script(SHIFTS)
    kinds_page.goto(f"{kinds_address}index.html")
    assert not {"minisearch.js", "search-index.js"} & set(asked)
    ask(kinds_page, "dog")
    kinds_page.locator("#search").fill("qqqq")
    expect(kinds_page.locator("#search-count")).to_have_text("Nothing found")
    assert asked.count("minisearch.js") == asked.count("search-index.js") == 1
    assert kinds_page.evaluate("shifts") == []


def test_an_address_may_ask_and_shifts_nothing(kinds_address: str, kinds_page: Page) -> None:
    kinds_page.add_init_script(SHIFTS)
    kinds_page.goto(f"{kinds_address}index.html?q=espreso")
    expect(kinds_page.locator(FOUND).first).to_contain_text("espresso")
    kinds_page.wait_for_timeout(300)
    assert kinds_page.evaluate("shifts") == []
    assert kinds_page.locator("#gallery li:visible").count() == 12


def test_the_page_of_what_is_not_there_searches(kinds_address: str, kinds_page: Page) -> None:
    kinds_page.goto(f"{kinds_address}404.html")
    kinds_page.locator("main input").fill("jersy")
    kinds_page.locator("main button").click()
    expect(kinds_page.locator("#search")).to_have_value("jersy")
    kinds_page.locator(FOUND).first.click()
    kinds_page.wait_for_url("**/lens/classes/0610-jersey/index.html")


def test_an_index_that_does_not_load_is_told(chromium: Browser, kinds_address: str) -> None:
    page = chromium.new_page()
    page.route("**/search-index.js", lambda route: route.abort())
    page.goto(f"{kinds_address}index.html")
    page.locator("#search").fill("dog")
    expect(page.locator("#search-results")).to_have_text("The search could not be loaded")
    page.unroute("**/search-index.js")
    page.locator("#search").fill("dogs")
    expect(page.locator(f"{FOUND} strong").first).to_have_text("dog")
    page.close()


def test_without_javascript_the_list_of_classes_remains(
    chromium: Browser, kinds_address: str
) -> None:
    quiet = chromium.new_context(java_script_enabled=False)
    page = quiet.new_page()
    page.goto(f"{kinds_address}404.html")
    expect(page.locator(".search")).to_be_hidden()
    page.locator("main input").fill("jersey")
    page.locator("main button").click()
    expect(page.locator("#gallery li")).to_have_count(12)
    quiet.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_open_list_fits_and_can_be_read(
    chromium: Browser, kinds_address: str, theme: Any, width: int
) -> None:
    opened = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 700})
    page = opened.new_page()
    page.goto(f"{kinds_address}index.html")
    ask(page, "dog")
    page.keyboard.press("ArrowDown")
    box = page.locator("#search-results").bounding_box()
    assert box
    assert 0 <= box["x"] < box["x"] + box["width"] <= width
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert violations(page) == []
    opened.close()


def every_class() -> list[search.Entry]:
    """The thousand classes of ImageNet with ten concepts each."""
    return [
        search.Entry(
            name,
            tuple(
                (c, tuple(
                    Alignment(index=j, name=LABELS[j].name, cosine=0.1)
                    for j in ((i + 7 * c) % 1000, (i + 91 * c) % 1000)
                ))
                for c in range(1, 11)
            ),
        )
        for i, name in enumerate(LABELS)
    ]  # fmt: skip


TIMES = """() => {
  globalThis.times = {};
  const list = document.getElementById("search-results");
  const note = () => { times.shown ??= performance.now(); };
  new MutationObserver(note).observe(list, { childList: true });
  let index;
  Object.defineProperty(globalThis, "lensIndex", {
    get: () => index,
    set: (value) => { index = value; times.loaded = performance.now(); },
  });
}"""
"""Notes when the index has been read, and when the first thing found is there."""


def test_the_first_result_of_a_thousand_classes_comes_at_once(
    chromium: Browser, kinds_site: Path, tmp_path: Path
) -> None:
    shutil.copytree(kinds_site, tmp_path / "site")
    search.write(tmp_path / "site", every_class(), None)
    waits = []
    for _ in range(3):  # the quickest counts: other programs use the machine, too
        page = chromium.new_page()
        page.goto((tmp_path / "site/index.html").resolve().as_uri())
        page.evaluate(TIMES)
        assert "espresso" in ask(page, "espreso")
        waits.append(page.evaluate("times.shown - times.loaded"))
        page.close()
    assert 0 < min(waits) < 300
