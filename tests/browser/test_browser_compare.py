"""Two runs, two classes, the data page and the cards of concepts in a browser."""

import html
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from measures import violations
from playwright.sync_api import Browser, Page, expect
from safetensors.numpy import load_file, save
from two_runs import CUP, ESPRESSO, coded, codes, write_side, write_two

from lens_site.cli import main
from lens_site.results import read_class, store
from lens_site.results.schema import ClassResult, Identity
from lens_site.site.publish.render import render
from lens_site.site.publish.serve import open_server

pytestmark = pytest.mark.browser

PAIR = "compare/net-a--net-b"
PLACES = (
    f"{PAIR}/index.html", f"{PAIR}/0967-espresso/index.html", "compare/index.html?a=967&b=968",
    "data/index.html", "classes/0967-espresso/concepts/02/embed.html",
    "runs/net-b/classes/0967-espresso/index.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where two runs in one site are served; the pages know it as their public address."""
    out = tmp_path_factory.mktemp("two")
    write_two(out / "results")
    with open_server(out, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        public = f"http://127.0.0.1:{server.server_port}/site/"
        command = ["render", "--out", str(out), "net-a", "net-b", "--base-url", public]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        yield public
        server.shutdown()


def test_the_switch_leads_to_the_same_class_and_to_what_compares_the_two(
    page: Page, address: str
) -> None:
    page.goto(f"{address}classes/0967-espresso/index.html")
    switch = page.get_by_role("navigation", name="Models and settings")
    switch.get_by_role("link", name="OtherNet", exact=True).click()
    page.wait_for_url("**/runs/net-b/classes/0967-espresso/index.html")
    expect(page.locator(".site-foot")).to_contain_text("OtherNet on demo")
    switch.get_by_role("link", name="compare").click()
    page.wait_for_url(f"**/site/{PAIR}/0967-espresso/index.html")
    page.locator(".compare__rows a").last.click()
    page.wait_for_url("**/runs/net-b/classes/0967-espresso/concepts/01/index.html")


def test_every_picture_of_the_pair_is_there(page: Page, address: str) -> None:
    page.goto(f"{address}{PAIR}/0967-espresso/index.html")
    widths = page.locator("main img").evaluate_all(
        "all => Promise.all(all.map(i => { i.loading = 'eager';"
        " return i.decode().then(() => i.naturalWidth); }))"
    )
    assert len(widths) > 10
    assert min(widths) > 0


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Espresso and cup, whose concepts 3 and 1 point the same way, but for some noise."""
    folder = tmp_path_factory.mktemp("alike")
    made = [coded(ESPRESSO, codes(3, seed=1), range(40)), coded(CUP, codes(2, seed=2), range(40))]
    draw = np.random.default_rng(0)
    rows = [draw.gamma(0.3, size=(r.concepts[-1].number, 64)) for r, _ in made]
    rows[1][0] = 5 * rows[0][2] + 0.1 * draw.gamma(0.3, size=64)
    write_side(folder, "net-a", *(with_rows(r, f, v) for (r, f), v in zip(made, rows, strict=True)))
    render(folder / "net-a", folder / "site")
    return folder


def with_rows(
    result: ClassResult, files: dict[str, bytes], rows: np.ndarray
) -> tuple[ClassResult, dict[str, bytes]]:
    arrays = {"codes": np.zeros((40, 5, 5, len(rows)), np.float16), "dictionary": np.float32(rows)}
    files = {**files, store.ARRAYS: save(arrays)}
    digests = {name: store.sha256(data) for name, data in files.items()}
    return result.model_copy(update={"files": digests}), files


def cosines(run: Path) -> np.ndarray:
    unit = [
        (rows := load_file(run / slug / store.ARRAYS)["dictionary"].astype(np.float64))
        / np.linalg.norm(rows, axis=1, keepdims=True)
        for slug in ("0967-espresso", "0968-cup")
    ]
    return np.asarray(unit[0] @ unit[1].T)


def test_two_classes_are_compared_from_a_disk(page: Page, alike: Path) -> None:
    exact = cosines(alike / "net-a")
    page.goto((alike / "site/compare/index.html").as_uri() + "?a=0967&b=968")
    expect(page.locator(".compare__status")).to_contain_text("espresso and cup have")
    shown = page.locator(".compare__rows > li")
    told = {}
    for row in shown.all():
        i, j = (int(text.split()[-1]) for text in row.locator(".badge").all_inner_texts())
        told[i, j] = float(row.locator(".compare__value b").inner_text())
    assert (3, 1) in told
    for (i, j), value in told.items():
        assert value == pytest.approx(exact[i - 1, j - 1], abs=0.015)
        assert exact[i - 1].argmax() == j - 1
        assert exact[:, j - 1].argmax() == i - 1
    assert max(told.values()) == told[3, 1] > 0.9
    alone = page.locator(".compare__alone .compare__held").count()
    assert alone == 3 + 2 - 2 * len(told)
    figures = page.locator(".compare__figures tbody tr").first.locator("td")
    result = read_class(alike / "net-a", "0967-espresso")
    assert figures.all_inner_texts() == [str(result.predicted)] * 2


def test_two_classes_are_compared_in_german(page: Page, alike: Path) -> None:
    render(alike / "net-a", alike / "german", identity=Identity(language="de"))
    page.goto((alike / "german/compare/index.html").as_uri() + "?a=0967&b=968")
    expect(page.locator(".compare__status")).to_contain_text(
        re.compile(r"espresso und cup haben \d Konzepte? gemeinsam; (?:es trägt|sie tragen) \d+")
    )
    values = page.locator(".compare__value b").all_inner_texts()
    assert values
    assert all(re.fullmatch(r"\d,\d\d", value) for value in values)
    groups = page.locator(".compare__figures tbody tr", has_text="Gruppen").first.locator("td")
    assert groups.all_inner_texts() == ["2 Gruppen", "2 Gruppen"]


def test_choosing_a_class_is_kept_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}classes/0967-espresso/index.html")
    page.get_by_role("link", name="Compare espresso with another class").click()
    expect(page.locator(".compare__status")).to_have_text("Choose two classes.")
    page.get_by_label("Another").select_option(label="cup")
    expect(page.locator(".compare__result")).to_be_visible()
    assert page.url.endswith("compare/index.html?a=0967&b=0968")
    page.reload()
    expect(page.locator(".compare__result")).to_be_visible()
    page.get_by_label("Another").select_option(label="espresso")
    expect(page.locator(".compare__status")).to_have_text("Choose two classes that differ.")
    expect(page.locator(".compare__result")).to_be_hidden()
    page.goto(f"{address}compare/index.html?a=4711&b=<b>")
    expect(page.locator(".compare__status")).to_have_text("Choose two classes.")


def test_the_javascript_examples_run(page: Page, address: str) -> None:
    page.goto(f"{address}data/index.html")
    codes_ = re.findall(
        r'<code class="language-js">(.*?)</code>', page.content(), re.DOTALL
    )  # fmt: skip
    assert len(codes_) == 2
    printed: list[str] = []
    page.on("console", lambda message: printed.append(message.text))
    for code in codes_:
        page.evaluate(f"async () => {{ {html.unescape(code)} }}")
    assert printed[0].startswith("espresso 1 0.")
    assert printed[-1] == "13 columns, 80 rows"
    assert len(printed) == 4


def test_a_card_shows_itself_on_a_page_of_others(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}classes/0967-espresso/concepts/02/index.html")
    page.locator("details.cite").last.locator("summary").click()
    snippet = page.locator("details.cite code").last.inner_text()
    other = tmp_path / "blog.html"
    other.write_text(f"<!doctype html><title>A blog</title><p>Look:</p>{snippet}")
    page.goto(other.as_uri())
    card = page.frame_locator("iframe")
    expect(card.locator("body")).to_contain_text("of the evidence for “espresso”")
    size = card.locator("html").evaluate("e => [e.scrollWidth, e.scrollHeight]")
    assert size[0] <= 420
    assert size[1] <= 240
    for picture in card.locator("img").all():
        assert picture.evaluate("i => i.decode().then(() => i.naturalWidth)") > 0
    card.locator("a").click()
    page.wait_for_url("**/classes/0967-espresso/concepts/02/index.html")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, address: str, theme: Any, width: int
) -> None:
    opened = chromium.new_context(
        color_scheme=theme, reduced_motion="reduce", viewport={"width": width, "height": 844}
    )
    page, found = opened.new_page(), []
    for place in PLACES:
        page.goto(address + place)
        if "?" in place:
            expect(page.locator(".compare__result")).to_be_visible()
        page.locator("details").evaluate_all("all => all.forEach(e => { e.open = true })")
        found += [(place, *told) for told in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((place, "scrolls sideways", ""))
    opened.close()
    assert found == []
