"""Every kind of page is valid to the Nu Html Checker, with its sheets and pictures; no warning."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner
from many_sites import RUNS, full
from two_runs import write_two

from lens_site.cli import main
from lens_site.results.schema import Identity
from lens_site.site.publish.render import render

ADDRESS = "https://example.org/lens"

YOURS = Identity(
    title="What my <model> sees", mark="🔍", introduction="Hello **you**.\n\nA [page](a.md#an-x).",
    footer="By *us*.", license="[CC BY](https://creativecommons.org/licenses/by/4.0/)",
    accent="#ffcc00", language="de",
    pages=(
        {"title": "A & B", "address": "a-b", "file": "a.md",
         "text": "## An *x*\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n1. one\n2. <b>no</b>\n\n"
                 "```python\nx = 1 < 2\n```\n\n> said"},
    ),
)  # fmt: skip


def yours(folder: Path) -> None:
    """In German, with a title, a mark, a color and a page of one's own."""
    render(full(folder), folder / "site", identity=YOURS)


def two(folder: Path) -> None:
    """Two runs and the pages that compare them."""
    write_two(folder / "results")
    _lens("render", "--out", folder, "net-a", "net-b", "--base-url", ADDRESS)


def without_pictures(folder: Path) -> None:
    full(folder / "results")
    _lens("render", "--out", folder, "--images", "none")


def _lens(*words: object) -> None:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output


def _of(make: Callable[[Path], Path]) -> Callable[[Path], object]:
    return lambda folder: render(make(folder), folder / "site", base_url=ADDRESS)


SITES = {name: _of(make) for name, make in RUNS.items()} | {
    make.__name__: make for make in (yours, two, without_pictures)
}

Check = Callable[[Iterable[Path]], list[str]]


@pytest.fixture(scope="module")
def complaints() -> Check:
    """What the checker has to say of the pages, sheets and drawings below some folders."""
    java, jar = shutil.which("java"), Path(os.environ.get("LENS_VNU") or "vnu.jar")
    if not java or not jar.is_file():
        pytest.skip("no Nu Html Checker: make test fetches it where java and npm are")

    def check(folders: Iterable[Path]) -> list[str]:
        kinds = (".html", ".css", ".svg")
        files = sorted(f for d in folders for f in d.rglob("*") if f.suffix in kinds)
        command = [java, "-Xss8m", "-jar", jar, "--stdout", "--exit-zero-always"]
        command += ["--also-check-css", "--also-check-svg", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    return check


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, built_demo: Path) -> Path:
    """A folder of sites that between them have every kind of page; the demo is one."""
    top = tmp_path_factory.mktemp("sites")
    for name, make in SITES.items():
        (top / name).mkdir()
        make(top / name)
    (top / "demo").symlink_to(built_demo)
    return top


def folders(sites: Path) -> list[Path]:
    found = [folder / "site" for folder in sorted(sites.iterdir())]
    assert len(found) == len(SITES) + 1
    return found


def test_nothing_is_invalid(sites: Path, complaints: Check) -> None:
    assert complaints(folders(sites)) == []


def test_a_mistake_would_be_told(complaints: Check, tmp_path: Path) -> None:
    page = '<!doctype html><html lang="en"><title>t</title><h1>h</h1><p><div></p>'
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.css").write_text("p { colour: red }")
    (tmp_path / "c.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><dot/></svg>')
    told = complaints([tmp_path])
    for name in ("a.html", "b.css", "c.svg"):
        assert any(f'/{name}":' in one for one in told), name


def test_all_kinds_of_pages_are_there(sites: Path) -> None:
    pages = [p for site in folders(sites) for p in site.rglob("*.html")]
    kinds = {_kind(page) for page in pages}
    source = Path(__file__).parents[3] / "templates/pages"
    assert kinds == {p.stem for p in source.glob("*.html")} - {"_shared"}


def _kind(page: Path) -> str:
    text = page.read_text()
    found = text[text.index("<body") :].split('"', 2)
    return found[1].removeprefix("page-") if "page-" in found[1] else "embed"
