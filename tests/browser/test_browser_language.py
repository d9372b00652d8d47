"""What visitors read of a site in another language: every word of it comes from the catalog."""

import re
import shutil
from pathlib import Path

import pytest
from gather import unspoken
from made_across import classes, model_of, write
from playwright.sync_api import BrowserContext, Page, expect

from lens_site.results.schema import Identity
from lens_site.site.publish.render import render

READ = """() => {
  const left = [];
  const skip = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "PRE"]);
  const walk = (node) => {
    if (node.nodeType === 3) { left.push(node.data); return; }
    if (node.nodeType !== 1 || skip.has(node.tagName)) return;
    if (node.matches("a[download], .data__columns dt")) return;
    const said = ["alt", "title", "aria-label", "placeholder", "aria-valuetext", "data-title"];
    for (const name of said) {
      if (node.hasAttribute(name)) left.push(`\\n${node.getAttribute(name)}\\n`);
    }
    node.childNodes.forEach(walk);
    if (getComputedStyle(node).display !== "inline") left.push("\\n");
  };
  walk(document.body);
  return left.join("");
}"""
"""All text and spoken attributes of a page, hidden ones too, in the order of the document.

Examples of code, files and columns have no language.
"""

DATA = re.compile(
    r"jack-o'-lantern <b>|espresso|cup|eggnog|definition|TinyNet|demo|Lens"
    r"|[\w/-]+\.(?:json(?:\.gz)?|jpg)"
    r"|graph\.graphml\.gz|T\. Fel et al\., “[^”]*”, NeurIPS 2023, arXiv|gradient-input|hsic|nmf"
    r"|argmax|class\.json|food|beverage|artifact|n\d{8}|model\.json|of (?=espresso|cup|eggnog|jack)"
)
"""Names, files and formulas, which have no language."""


def left_over(page: Page) -> list[str]:
    """Return the words of a page that no catalog gave it."""
    left = DATA.sub(" ", unspoken(page.evaluate(READ)))
    return re.findall(r"[A-Za-z]{2,}[^\n]*", left)


def test_words_outside_of_the_catalog_are_seen(foreign_page: Page, foreign: str) -> None:
    foreign_page.goto(foreign)
    foreign_page.evaluate("document.querySelector('main').append('An English sentence.')")
    assert left_over(foreign_page) == ["An English sentence."]


@pytest.mark.parametrize(
    "address",
    [
        "index.html", "classes/0967-espresso/index.html", "method/index.html", "audit/index.html",
        "classes/0967-espresso/concepts/01/index.html", "atlas/index.html", "shared/index.html",
        "shared/001/index.html", "compare/index.html", "data/index.html",
    ],
)  # fmt: skip
def test_no_english_is_left(foreign_page: Page, foreign: str, address: str) -> None:
    foreign_page.goto(foreign + address)
    foreign_page.wait_for_load_state("networkidle")
    assert left_over(foreign_page) == []


def test_none_is_said_by_the_graph(foreign_page: Page, foreign: str) -> None:
    page = foreign_page
    page.goto(f"{foreign}classes/0967-espresso/index.html")
    page.wait_for_selector("#graph[data-ready]")
    page.locator(".graph__field").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".graph__pin")).to_contain_text("⟦")
    for value in ("strategy", "right"):
        page.locator(f"input[name=color][value={value}]").check(force=True)
        assert left_over(page) == []
    for value in ("dots", "groups"):
        page.locator(f"input[name=view][value={value}]").check(force=True)
        assert left_over(page) == []
    page.locator(".graph__zoom").click()
    expect(page.locator(".modebar-btn")).to_have_count(6, timeout=30_000)
    assert left_over(page) == []
    page.locator(".pairs__open button").first.click()
    expect(page.locator("dialog")).to_contain_text("⟦")
    assert left_over(page) == []


def test_none_is_said_by_the_atlas_and_the_search(foreign_page: Page, foreign: str) -> None:
    page = foreign_page
    page.goto(f"{foreign}atlas/index.html")
    page.locator("#atlas-find").fill("espresso")
    expect(page.locator("#atlas [role=status]")).to_contain_text("⟦")
    page.keyboard.press("Enter")
    page.locator("#search").fill("espresso")
    expect(page.locator("#search-results li").first).to_be_visible()
    assert left_over(page) == []
    page.locator("#search").fill("xyzxyz")
    expect(page.locator("#search-count")).to_contain_text("⟦")
    assert left_over(page) == []


def test_none_is_said_of_two_classes(foreign_page: Page, foreign: str) -> None:
    page = foreign_page
    for query, shown in (("a=967&b=968", "in common"), ("a=967&b=967", "that differ")):
        page.goto(f"{foreign}compare/index.html?{query}")
        expect(page.locator(".compare__status")).to_contain_text(shown)
        assert left_over(page) == []


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("german")
    made = classes()
    render(write(folder, made, model_of(made)), folder / "site", identity=Identity(language="de"))
    shutil.rmtree(folder / "run")
    return folder / "site"


@pytest.mark.parametrize("width", [390, 1280])
def test_german_words_fit(context: BrowserContext, german: Path, width: int) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        "index.html", "classes/0967-espresso/index.html", "method/index.html", "data/index.html",
        "compare/index.html?a=967&b=968",
    ):  # fmt: skip
        page.goto(f"file://{german}/{address}")
        assert page.evaluate("document.documentElement.lang") == "de"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
