"""A real Chromium over a really built site, from a local server and from the file system."""

import base64
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import made_across
import pytest
from browser_fixtures import ARGUMENTS as ARGUMENTS
from browser_fixtures import served, watched
from gather import write_pseudo
from kinds import write_kinds
from PIL import Image
from playwright.sync_api import BrowserContext, Page

from lens_site.results import store
from lens_site.results.comparison import Comparison, ComparisonRow, write_comparison
from lens_site.results.schema import ClassResult, ExtraPage, Identity, Part, Recursion
from lens_site.site.publish.render import render

INVENTED = Comparison(
    title="Importance methods compared",
    paragraphs=("insertion: higher is better.",),
    rows=tuple(
        ComparisonRow(
            method=method, class_="0967-espresso", concepts=2, seconds=seconds,
            metrics={"deletion": 1 - gain, "insertion": gain},
            curves={"deletion": (1.0, 1 - gain, 0.0)},
        )
        for method, seconds, gain in (
            ("gradient-input", 1e-5, 0.7), ("integrated-gradients", 0.02, 0.7),
            ("occlusion", 0.03, 0.69), ("shap", 0.04, 0.7), ("rise", 0.05, 0.68),
            ("hsic", 4.0, 0.66), ("random order", None, 0.5),
        )
    ),
    machine={"cores": 2},
)  # fmt: skip

NOTES = ExtraPage(
    title="Notes", address="notes", file="notes.md",
    text="## What for\n\nSee [there](https://example.org/).\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
         "1. one\n2. two\n\n```python\nx = 1\n```\n\n> said",
)  # fmt: skip


@pytest.fixture(scope="session")
def built_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a built site: ``LENS_SITE`` where set, else the demo and more.

    More are invented figures of some methods, two parts of each first concept, and a page.
    """
    if "LENS_SITE" in os.environ:
        return Path(os.environ["LENS_SITE"])
    demo: Path = request.getfixturevalue("built_demo")
    run = tmp_path_factory.mktemp("run") / "run"
    shutil.copytree(store.latest_run(demo), run)
    write_comparison(run, "importance", INVENTED)
    for slug in [c.slug for c in store.read_run(run).classes if c.status == "built"]:
        take_apart(run, store.read_class(run, slug))
    render(run, run.parent / "site", identity=Identity(pages=(NOTES,)))
    return run.parent / "site"


def take_apart(run: Path, result: ClassResult) -> None:
    """Write the class again, its first concept made of its best and its other tiles."""
    first, *others = result.concepts
    with Image.open(run / result.name.slug / first.tiles_file) as strip:
        tiles = len(first.tiles)
        row = strip.convert("RGB").resize((64 * tiles, 64))
    sheet = Image.new("RGB", (64 * tiles, 128))
    sheet.paste(row, (0, 0))
    sheet.paste(row.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (0, 64))
    written = io.BytesIO()
    sheet.save(written, "WEBP")
    parts = (
        Part(number=1, weight=0.75, tiles=first.tiles),
        Part(number=2, weight=0.25, tiles=first.tiles[:2]),
    )
    folder = run / result.name.slug
    files = {name: (folder / name).read_bytes() for name in result.files}
    files["parts-01.webp"] = written.getvalue()
    update = {
        "concepts": (
            first.model_copy(update={"parts": parts, "parts_file": "parts-01.webp"}), *others
        ),
        "recursion": Recursion(layer="blocks.4", grid=(14, 14)),
        "files": {name: store.sha256(data) for name, data in files.items()},
    }  # fmt: skip
    store.write_class(run, result.model_copy(update=update), files)


@pytest.fixture(scope="session")
def address(built_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served."""
    with served(built_site, tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture(scope="session")
def kinds_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of invented results for classes from all over ImageNet's tree."""
    folder = tmp_path_factory.mktemp("kinds")
    render(write_kinds(folder / "run"), folder / "site", base_url="https://example.org/lens")
    return folder / "site"


@pytest.fixture(scope="session")
def kinds_address(kinds_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where that site is served."""
    with served(kinds_site, tmp_path_factory.mktemp("served-kinds")) as address:
        yield address


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a site is served whose every text stands in brackets, but for what results hold."""
    folder = tmp_path_factory.mktemp("foreign")
    made = made_across.classes()
    run = made_across.write(folder, made, made_across.model_of(made))
    render(
        run, folder / "site", identity=Identity(language="qps"), own=write_pseudo(folder / "own")
    )
    with served(folder / "site", tmp_path_factory.mktemp("served-foreign")) as address:
        yield address


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A watched page for the built site."""
    with watched(context, address) as opened:
        yield opened


@pytest.fixture
def kinds_page(context: BrowserContext, kinds_address: str) -> Iterator[Page]:
    """A watched page for the site of invented results."""
    with watched(context, kinds_address) as opened:
        yield opened


@pytest.fixture
def foreign_page(context: BrowserContext, foreign: str) -> Iterator[Page]:
    """A watched page for the site in brackets."""
    with watched(context, foreign) as opened:
        yield opened


@pytest.fixture(scope="session")
def base64_of() -> Callable[[Path], str]:
    """A file as text that a page can be given."""
    return lambda path: base64.b64encode(path.read_bytes()).decode()


@pytest.fixture(scope="session")
def classes(built_site: Path) -> list[str]:
    found = sorted(p.parent.name for p in built_site.glob("classes/*/index.html"))
    assert found
    return found


@pytest.fixture(scope="session")
def result(built_site: Path, classes: list[str]) -> dict[str, Any]:
    """The class with most to see, as its data file tells."""
    loaded = [json.loads((built_site / "classes" / c / "class.json").read_text()) for c in classes]
    return max(loaded, key=lambda r: (len({i["dominant"] for i in r["images"]}), len(r["images"])))


@pytest.fixture
def ready(page: Page, address: str, result: dict[str, Any]) -> Page:
    """The page of that class."""
    page.goto(f"{address}classes/{result['name']['slug']}/index.html")
    page.wait_for_selector("#graph[data-ready]")
    return page
