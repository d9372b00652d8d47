"""Take the pictures of the front page anew: ``python docs/pictures/take.py OUT CLASS PICTURE``.

OUT is a build, CLASS the folder of one of its classes, PICTURE one that is not among its images.
Playwright and Chromium are wanted, as the tests of pages want them.
"""

import io
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
GAP, GROUND = 16, "#c9c7c1"
END = ".own__class h3:has(+ .own__placed)"
CALM = "*, *::before, *::after { transition: none !important; animation: none !important }"


def opened(browser: Browser, address: str, width: int, height: int, theme: str) -> Page:
    """Return a page that stands still."""
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
    )
    page.goto(address)
    page.add_style_tag(content=CALM)
    page.wait_for_load_state("networkidle")
    return page


def seen(page: Page, above: int = 0, below: int | None = None) -> Image.Image:
    """Return what a page shows between two heights, its lazy pictures loaded."""
    page.evaluate("document.querySelectorAll('img').forEach((img) => { img.loading = 'eager'; })")
    page.evaluate(
        "async () => { for (let y = 0; y < document.body.scrollHeight; y += 400) { scrollTo(0, y);"
        " await new Promise((done) => setTimeout(done, 60)); } scrollTo(0, 0); }"
    )
    page.wait_for_timeout(500)
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return whole.crop((0, above, whole.width, min(whole.height, below or whole.height)))


def top(page: Page, selector: str) -> int:
    """Return where an element begins."""
    return round(
        page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top + scrollY")
    )


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Return pictures in a row, as high as the lowest."""
    height = min(picture.height for picture in pictures)
    width = sum(picture.width + GAP for picture in pictures) - GAP
    sheet, left = Image.new("RGB", (width, height), GROUND), 0
    for picture in pictures:
        sheet.paste(picture.crop((0, 0, picture.width, height)), (left, 0))
        left += picture.width + GAP
    return sheet


def save(picture: Image.Image, name: str) -> None:
    """Write a picture of 200 kB at most."""
    for quality in (82, 70, 60, 50, 40):
        picture.save(HERE / name, "WEBP", quality=quality, method=6)
        if (HERE / name).stat().st_size < 200_000:
            return


def main(out: Path, slug: str, picture: Path) -> None:
    """Take all of them."""
    site = (out / "site").resolve().as_uri()
    address = f"{site}/classes/{slug}/index.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = opened(browser, address, 1140, 900, "light")
        save(seen(page, 0, top(page, "#concept-2") - 40), "class-page.webp")
        graph = page.locator("#graph").bounding_box()
        assert graph is not None
        last = round(graph["y"] + graph["height"])
        save(seen(page, top(page, "#graph-title") - 24, last + 24), "graph.webp")
        own = opened(browser, f"{site}/explain/index.html", 1140, 900, "light")
        own.locator(".own__choose input").set_input_files(picture)
        own.wait_for_selector(".own__seen-as", timeout=60_000)
        own.wait_for_timeout(2_000)
        save(seen(own, top(own, ".own__result") - 16, top(own, END) - 16), "explain.webp")
        looks = [(1000, "dark"), (390, "light"), (390, "dark")]
        shown = [seen(opened(browser, address, w, 900, theme), 0, 1300) for w, theme in looks]
        save(beside(shown), "dark-and-phone.webp")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
