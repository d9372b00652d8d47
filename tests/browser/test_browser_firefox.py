"""In Firefox, where it is installed, a picture is explained as in torch: served and from a disk."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from agreement import compare, torch_of
from firefox import Firefox, firefox
from pictures import of_every_kind

from lens_site.images.sources import demo

NAMES = (os.environ.get("LENS_FIREFOX", ""), "firefox-esr", "firefox")
PROGRAM = next((path for name in NAMES if name and (path := shutil.which(name))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        PROGRAM is None,
        reason="no firefox-esr or firefox is installed, and LENS_FIREFOX names none",
    ),
]

PHOTOGRAPHS = sorted(
    path for path in Path(demo.__file__).with_name("photographs").iterdir() if path.suffix != ".txt"
)
COFFEE = next(path for path in PHOTOGRAPHS if path.stem == "coffee")

SOFT = "alpha soft"
"""Pictures whose half transparent pixels Firefox rounds otherwise, by 1 of 255."""

READ = """() => ({
  first: document.querySelector(".own__answers li").textContent,
  concepts: document.querySelectorAll(".own__concepts li").length,
  dots: document.querySelectorAll(".own__place a circle").length,
  outside: performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => !name.startsWith(location.origin) && !/^(data|blob|file):/.test(name)),
})"""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Debian's Firefox, or the one named by ``LENS_FIREFOX``."""
    assert PROGRAM
    with firefox(PROGRAM, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("over", ["a server", "the file system"])
def test_a_picture_is_explained(window: Firefox, address: str, built_site: Path, over: str) -> None:
    top = address if over == "a server" else f"file://{built_site}/"
    window.goto(f"{top}explain/index.html")
    window.wait_for_selector(".own__examples button")
    window.set_input_files(".own__choose input", COFFEE)
    window.wait_for_selector(".own__seen-as")
    seen = window.evaluate(READ)
    assert seen["first"].startswith("espresso")
    assert seen["concepts"] >= 5
    assert seen["dots"] > 20
    assert seen["outside"] == []


def test_its_numbers_are_torchs(window: Firefox, address: str, built_demo: Path) -> None:
    window.goto(f"{address}explain/index.html")
    pictures = [(p.name, p.read_bytes()) for p in PHOTOGRAPHS]
    kinds = [kind for kind in of_every_kind(PHOTOGRAPHS) if not kind[0].startswith(SOFT)][::3]
    found = compare(window, torch_of(built_demo), [*pictures, *kinds])
    assert [d.name for d in found if d.pixels] == []
    assert all(d.same_class for d in found)
    assert max(d.probability for d in found) < 0.02
    assert sum(d.same_leading for d in found) >= 0.98 * sum(d.leading for d in found)
