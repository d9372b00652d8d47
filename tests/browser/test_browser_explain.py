"""One's own picture on the explain page: chosen, dropped, tried; explained as torch would."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import ORIENTATION, encode
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from safetensors.numpy import load_file

from lens_site.classifier import load_classifier
from lens_site.images.decode import decode
from lens_site.images.sources import demo
from lens_site.results import store

pytestmark = pytest.mark.browser

PHOTOGRAPH = Path(demo.__file__).with_name("photographs") / "coffee.png"
FILE = ".own__choose input"

DROP = """(form, [type, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "picture", { type }));
  const how = { bubbles: true, cancelable: true, dataTransfer: transfer };
  form.dispatchEvent(new DragEvent("drop", how));
}"""


@pytest.fixture
def own(page: Page, address: str) -> Page:
    page.goto(f"{address}explain/index.html")
    page.wait_for_selector(".own__examples button")
    return page


@pytest.fixture
def espresso(own: Page) -> Page:
    """The page with the photograph of a cup explained."""
    own.locator(FILE).set_input_files(PHOTOGRAPH)
    own.wait_for_selector(".own__seen-as", timeout=60_000)
    return own


def shares(page: Page) -> Iterator[tuple[str, float]]:
    """Concepts (or words) with the shares that their rows show, in percent."""
    for row in page.locator(".own__concepts li").all():
        number, words = row.locator(".badge"), row.locator("span").first.inner_text()
        name = number.inner_text().split()[-1] if number.count() else words
        told = row.locator(".num").inner_text().replace("−", "-").replace("<", "")
        yield name, float(told.replace("\u202f", "").replace("%", ""))


def test_nothing_heavy_loads_before_a_picture(page: Page, address: str) -> None:
    fetched: list[str] = []
    page.on("request", lambda r: fetched.append(r.url.rpartition("/")[2]))
    page.goto(f"{address}explain/index.html", wait_until="networkidle")
    assert not {"network.js", "browser.js", "names.js"} & set(fetched)


def test_concepts_and_the_rest_are_those_of_torch(
    espresso: Page, built_demo: Path, classes: list[str]
) -> None:
    slug = espresso.locator(".own__which select").input_value()
    assert slug in classes
    index, run = int(slug[:4]), store.latest_run(built_demo)
    table, arrays = (load_file(run / slug / f"{n}.safetensors") for n in ("table", "arrays"))
    classifier = load_classifier(device="cpu")
    assert classifier.linear is not None
    with torch.no_grad():
        seen = classifier.preprocessing(decode(PHOTOGRAPH.read_bytes(), None))[None]
        encoded = classifier.encode(seen)
        logit = float(classifier.head(encoded)[0, index])
    rows = encoded.maps[0].flatten(1).T.double().numpy()
    dictionary = arrays["dictionary"].astype(np.float64)
    codes = nonnegative(rows, dictionary).mean(axis=0)
    adds = codes * (dictionary @ classifier.linear.weight[index].double().detach().numpy())
    whole = np.abs(adds).sum()
    told = dict(shares(espresso))
    expected = {str(i + 1): 100 * add / whole for i, add in enumerate(adds)}
    assert any(abs(share) > 10 for share in expected.values())
    for number, share in expected.items():
        if number in told:
            assert told[number] == pytest.approx(share, abs=1.5)
        else:
            assert abs(share) < 1.5
    rest = 100 * (logit - float(table["at_zero"][index]) - adds.sum()) / whole
    assert told["everything else, which no concept holds"] == pytest.approx(rest, abs=2)


def nonnegative(rows: np.ndarray, dictionary: np.ndarray) -> np.ndarray:
    """min |row − u V|² over u ≥ 0, by projected gradient: slower, and not the page's way."""
    gram, towards = dictionary @ dictionary.T, rows @ dictionary.T
    codes, step = np.zeros_like(towards), 1 / np.linalg.norm(gram, 2)
    for _ in range(20_000):
        codes = np.maximum(0, codes - step * (codes @ gram - towards))
    return codes


def test_nearest_images_lead_to_the_class(espresso: Page) -> None:
    nearest = espresso.locator(".own__nearest a")
    assert nearest.count() == 6
    nearest.first.click()
    espresso.wait_for_selector("#graph[data-ready]")
    assert "#image=" in espresso.url
    expect(espresso.locator(".graph__pin--open")).to_be_visible()


def test_a_switch_moves_the_answer_of_ones_own_picture(espresso: Page) -> None:
    share = espresso.locator(".what-if__panel .answers__own .num")
    before = share.inner_text()
    for box in espresso.locator(".what-if__panel input[type=checkbox]:enabled").all():
        box.uncheck()
    expect(share).not_to_have_text(before)
    espresso.locator(".what-if__panel .button").click()
    expect(share).to_have_text(before)


def test_the_class_of_the_address_is_the_one_explained(
    page: Page, address: str, classes: list[str]
) -> None:
    for slug in (classes[0], classes[-1]):
        page.goto(f"{address}classes/{slug}/index.html")
        page.locator(".what-if__own").click()
        page.wait_for_selector(".own__examples button")
        page.locator(".own__examples button").first.click()
        page.wait_for_selector(".own__seen-as", timeout=60_000)
        assert page.locator(".own__which select").input_value() == slug


def test_a_picture_is_dropped_and_a_bad_one_gets_a_sentence(own: Page) -> None:
    form = own.locator("#own")
    form.evaluate(DROP, ["application/pdf", base64.b64encode(b"%PDF-1.7 no picture").decode()])
    expect(own.locator(".own__status")).to_contain_text(".", timeout=60_000)
    expect(own.locator("#explain")).to_be_hidden()
    good = base64.b64encode(PHOTOGRAPH.read_bytes()).decode()
    form.evaluate(DROP, ["image/png", good])
    own.wait_for_selector(".own__seen-as")
    expect(own.locator(".own__answers li")).to_have_count(5)


COPY = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const picture = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def test_a_picture_is_pasted(own: Page, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    own.evaluate("navigator.clipboard.writeText('no picture')")
    own.keyboard.press("Control+V")
    own.evaluate(COPY, base64.b64encode(PHOTOGRAPH.read_bytes()).decode())
    expect(own.locator(".own__status")).to_have_text("")
    own.keyboard.press("Control+V")
    own.wait_for_selector(".own__seen-as", timeout=60_000)
    expect(own.locator(".own__answers li").first).to_contain_text("espresso")


def test_a_phone_photographs(chromium: Browser, address: str) -> None:
    """The button asks for the camera at the back; its photograph lies on its side, as phones do."""
    with Image.open(PHOTOGRAPH) as opened:
        turned = opened.convert("RGB").rotate(90, expand=True)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    with chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as phone:
        page = phone.new_page()
        page.goto(f"{address}explain/index.html")
        button = page.locator(".own__camera")
        expect(button).to_be_visible()
        expect(page.locator(".own__hint")).to_be_hidden()
        with page.expect_file_chooser() as asked:
            button.tap()
        assert asked.value.element.get_attribute("capture") == "environment"
        assert asked.value.element.get_attribute("accept") == "image/*"
        taken = encode(turned, "JPEG", quality=92, exif=exif)
        asked.value.set_files({"name": "1.jpg", "mimeType": "image/jpeg", "buffer": taken})
        page.wait_for_selector(".own__seen-as", timeout=60_000)
        expect(page.locator(".own__answers li").first).to_contain_text("espresso")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        upright = page.locator(".own__seen canvas").evaluate(CORNERS)
    with chromium.new_context() as desk:
        page = desk.new_page()
        page.goto(f"{address}explain/index.html")
        expect(page.locator(".own__camera")).to_be_hidden()
        page.locator(FILE).set_input_files(PHOTOGRAPH)
        page.wait_for_selector(".own__seen-as", timeout=60_000)
        wanted = page.locator(".own__seen canvas").evaluate(CORNERS)
    np.testing.assert_allclose(upright, wanted, atol=12)
    assert np.ptp(np.array(wanted), axis=0).max() > 50, "the corners tell which way is up"


CORNERS = """(canvas) => {
  const pen = canvas.getContext("2d");
  const end = canvas.width - 9;
  return [[8, 8], [end, 8], [8, end], [end, end]].map(([x, y]) => {
    const { data } = pen.getImageData(x - 8, y - 8, 16, 16);
    const mean = (c) => data.reduce((sum, value, i) => (i % 4 === c ? sum + value : sum), 0) / 256;
    return [0, 1, 2].map(mean);
  });
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_it_works_from_the_file_system(chromium: Browser, built_site: Path, width: int) -> None:
    opened = chromium.new_context(viewport={"width": width, "height": 844})
    page = opened.new_page()
    page.goto((built_site / "explain" / "index.html").resolve().as_uri())
    page.locator(".own__examples button").last.click()
    page.wait_for_selector(".own__seen-as", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


def test_every_picture_to_try_says_what_it_shows(built_site: Path, classes: list[str]) -> None:
    text = (built_site / "explain" / "examples.js").read_text()
    offered = json.loads(text.partition(" = ")[2].rstrip(";\n"))
    assert 1 <= len(offered) <= 6
    names = {
        json.loads((built_site / "classes" / c / "class.json").read_text())["name"]["name"]
        for c in classes
    }
    assert {picture["name"] for picture in offered} <= names
