"""From a stranger's pictures to his site on the web, by the commands and steps he is told.

He builds and packs with a fresh clone; his fork renders the release by the very steps of
deploy.yml, in a new environment without torch; Chromium visits the site. Only what GitHub provides
is replaced: its expressions by values, ``gh`` by a copy from disk, its server by ours.
"""

import os
import re
import shutil
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from browser_fixtures import served, watched
from playwright.sync_api import BrowserContext, Page
from stranger import PHOTOGRAPHS, Stranger, arrive
from tiny_results import TINY, write_tiny_run

from lens_site.atomic import MARK
from lens_site.results.pack import archive_name, pack

TAG = "v1.2.3"
BASE_URL = "https://stranger.example/lens"
TITLE = "What our model sees"
SLUGS = [f"{index:04d}-{name}" for index, name in enumerate(PHOTOGRAPHS)]
EXPRESSIONS = {
    "github.token": "secret",
    "inputs.tag": TAG,
    "github.event.release.tag_name": TAG,
    "github.event.repository.default_branch": "trunk",
    "steps.pages.outputs.base_url": BASE_URL,
}
GITHUB = {
    "GITHUB_REPOSITORY": "owner/lens", "GITHUB_SHA": "abc123",
    "GITHUB_SERVER_URL": "https://github.example",
}  # fmt: skip
GH = """#!/bin/sh
test "$GH_TOKEN" = secret || exit 4
test "$1 $2 $3 $4 $6" = 'release download {tag} --pattern --dir' || exit 5
mkdir -p "$7" && cp {assets}/$5 "$7"
"""


@dataclass(frozen=True)
class Rehearsal:
    """What the steps left behind."""

    checkout: Path
    environment: Path
    output: dict[str, str]

    def run(self, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the new environment."""
        program = self.environment / "bin" / command[0]
        return subprocess.run(
            [program, *command[1:]], cwd=cwd, env=clean(), capture_output=True, text=True
        )


@pytest.fixture(scope="module")
def stranger(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """He has made a configuration, changed a line of it by hand, built and checked the site."""
    one = arrive(tmp_path_factory.mktemp("stranger"), checkout)
    told = one.lens(
        "new", "--data", "pictures", "--model", "my_model:net", "--weights", "weights.pt",
        "--data-license", "CC0", "--title", TITLE,
        "--license", "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)",
    )  # fmt: skip
    assert "pictures: 60 pictures in 3 folders\nnext: lens-build --config lens.toml\n" in told
    file = one.folder / "lens.toml"
    text = file.read_text()
    for default, mine in (
        ("#min-images = 20", "min-images = 15"),
        ("#concepts = 10", "concepts = 4"),
    ):
        assert default in text
        text = text.replace(default, mine)
    file.write_text(text)
    assert "3 classes built, 0 failed" in one.lens("build", "--config", "lens.toml")
    assert one.lens("check") == "build/site: no problem found\n"
    return one


@pytest.fixture(scope="module")
def archive(stranger: Stranger) -> Path:
    """What his release carries, beside its checksum."""
    told = stranger.lens("pack")
    (packed,) = (stranger.folder / "build").glob("lens-results-*.tar.gz")
    assert f"gh release create results-1 'build/{packed.name}'" in told
    return packed


@pytest.fixture(scope="module")
def rehearsal(checkout: Path, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    tools, environment = tmp_path_factory.mktemp("tools"), tmp_path_factory.mktemp("venv")
    (tools / "gh").write_text(GH.format(tag=TAG, assets=archive.parent))
    (tools / "gh").chmod(0o755)
    venv.create(environment, with_pip=True, symlinks=True)
    path = os.pathsep.join([str(environment / "bin"), str(tools), os.environ["PATH"]])
    output = {}
    for step in steps(checkout):
        done = run_step(step, checkout, path)
        assert done.returncode == 0, f"{step['name']}:\n{done.stdout}\n{done.stderr}"
        output[step["name"]] = done.stdout
    return Rehearsal(checkout, environment, output)


def steps(checkout: Path, job: str = "render") -> list[dict[str, str]]:
    """The shell steps of a job, in order."""
    workflow = yaml.safe_load((checkout / ".github/workflows/deploy.yml").read_text())
    return [step for step in workflow["jobs"][job]["steps"] if "run" in step]


def clean() -> dict[str, str]:
    """The environment of this process without what belongs to its Python."""
    left_out = {"PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


def run_step(step: dict[str, str], cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run one step as GitHub does; an expression that has no value here is a KeyError."""
    given = {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: EXPRESSIONS[match[1]], value)
        for name, value in dict(step.get("env", {})).items()
    }
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=cwd,
        env=clean() | given | {"PATH": path, **GITHUB},
        capture_output=True,
        text=True,
    )


def test_the_site_is_there(rehearsal: Rehearsal) -> None:
    site = rehearsal.checkout / "build" / "site"
    for slug in SLUGS:
        page = (site / "classes" / slug / "index.html").read_text()
        assert f'href="{BASE_URL}/classes/{slug}/"' in page
    assert f"{BASE_URL}/classes/{SLUGS[0]}/" in (site / "sitemap.xml").read_text()
    assert '"/lens/' in (site / "404.html").read_text()


def test_a_site_of_ones_own_is_without_our_documentation(rehearsal: Rehearsal) -> None:
    home = (rehearsal.checkout / "build" / "site" / "index.html").read_text()
    assert f"<title>{TITLE}" in home
    assert "docs/index.html" not in home


def test_results_without_a_site_are_shown_with_the_documentation(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    run_dir = write_tiny_run(tmp_path / "results")
    (tmp_path / "here/results").mkdir(parents=True)
    pack(run_dir, tmp_path / "here/results" / archive_name("tiny"), TINY)
    for told in ("docs", "lens_site"):
        shutil.copytree(rehearsal.checkout / told, tmp_path / "here" / told)
    path = os.pathsep.join([str(rehearsal.environment / "bin"), os.environ["PATH"]])
    (render,) = (s for s in steps(rehearsal.checkout) if s["name"] == "Render")
    done = run_step(render, tmp_path / "here", path)
    assert done.returncode == 0, done.stderr
    site = tmp_path / "here/build/site"
    assert 'href="docs/index.html">Docs</a>' in (site / "index.html").read_text()
    tour = (site / "docs/tour/index.html").read_text()
    above = "https://github.example/owner/lens/blob/abc123"
    assert f'href="{above}/lens_site/classes/stages.py"' in tour
    assert f"{BASE_URL}/docs/tour/" in (site / "sitemap.xml").read_text()


def test_the_artifact_holds_nothing_github_refuses(rehearsal: Rehearsal) -> None:
    paths = list((rehearsal.checkout / "build" / "site").rglob("*"))
    assert len(paths) > 20
    assert [path for path in paths if path.is_symlink()] == []
    assert [path for path in paths if not path.stat().st_mode & 0o004] == []
    assert {path.name for path in paths if path.name.startswith((".", "_"))} <= {".nojekyll", MARK}


def test_the_checksum_was_looked_at(rehearsal: Rehearsal, archive: Path) -> None:
    assert rehearsal.output["Fetch the results and verify them"] == f"{archive.name}: OK\n"


@pytest.mark.browser
def test_a_visitor_finds_title_and_licenses_and_no_dead_link(
    rehearsal: Rehearsal, context: BrowserContext, tmp_path: Path
) -> None:
    with (
        served(rehearsal.checkout / "build" / "site", tmp_path) as address,
        watched(context, address) as page,
    ):
        dead, visited = crawl(page, address)
        assert dead == []
        assert {f"{address}classes/{slug}/index.html" for slug in SLUGS} <= visited
        assert len(visited) > 20
        page.goto(f"{address}classes/{SLUGS[0]}/index.html")
        assert page.title() == f"cat · {TITLE}"
        assert page.locator("footer").get_by_role("link", name="CC BY 4.0").is_visible()
        page.goto(f"{address}about/index.html")
        assert page.locator("dt", has_text="license").locator("+ dd").inner_text() == "CC0"


def crawl(page: Page, address: str) -> tuple[list[str], set[str]]:
    """Follow every link from the home page; return what is not there, and the pages that are."""
    dead: list[str] = []
    page.on("response", lambda got: dead.append(got.url) if got.status >= 400 else None)
    ids: dict[str, set[str]] = {}
    anchors: set[tuple[str, str]] = set()
    left, met = [address], {address}
    while left:
        here = left.pop()
        if not here.endswith(("/", ".html")):
            dead += [] if page.request.get(here).ok else [here]
            continue
        page.goto(here)
        links = page.eval_on_selector_all(
            "a[href]", "all => all.map(a => new URL(a.getAttribute('href'), document.baseURI).href)"
        )
        ids[here] = set(page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
        for link in (link for link in links if link.startswith(address)):
            target, _, anchor = link.partition("#")
            target = target.partition("?")[0]
            if anchor and "=" not in anchor:  # what holds one tells a script what to show
                anchors.add((target, unquote(anchor)))
            if target not in met:
                met.add(target)
                left.append(target)
    dead += [f"{there}#{anchor}" for there, anchor in anchors if anchor not in ids.get(there, ())]
    return dead, set(ids)


def test_a_release_starts_the_workflow_on_the_default_branch(
    checkout: Path, tmp_path: Path
) -> None:
    """The environment github-pages refuses the tag that a release runs on."""
    (tmp_path / "gh").write_text('#!/bin/sh\ntest "$GH_TOKEN" = secret && echo "$@"\n')
    (tmp_path / "gh").chmod(0o755)
    (start,) = steps(checkout, "start")
    done = run_step(start, checkout, f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert done.stdout == (
        f"workflow run deploy.yml --repo owner/lens --ref trunk --field tag={TAG}\n"
    )
    workflow = yaml.safe_load((checkout / ".github/workflows/deploy.yml").read_text())
    assert workflow["jobs"]["start"]["if"] == "github.event_name == 'release'"
    assert workflow["jobs"]["render"]["if"] == "github.event_name == 'workflow_dispatch'"
    assert list(workflow[True]["workflow_dispatch"]["inputs"]) == ["tag"]


def test_a_broken_download_stops_the_deployment(
    checkout: Path, archive: Path, tmp_path: Path
) -> None:
    shutil.copy(f"{archive}.sha256", tmp_path)
    (tmp_path / archive.name).write_bytes(archive.read_bytes() + b"x")
    (tmp_path / "gh").write_text(GH.format(tag=TAG, assets=tmp_path))
    (tmp_path / "gh").chmod(0o755)
    fetch = steps(checkout)[0]
    done = run_step(fetch, tmp_path, f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 1
    assert f"{archive.name}: FAILED" in done.stdout


def test_no_torch_was_installed(rehearsal: Rehearsal, tmp_path: Path) -> None:
    code = "from importlib.util import find_spec; print(find_spec('torch'), find_spec('numpy'))"
    done = rehearsal.run("python", "-c", code, cwd=tmp_path)
    assert done.stdout == "None None\n"


def test_the_installed_lens_works_away_from_the_checkout(
    rehearsal: Rehearsal, archive: Path, tmp_path: Path
) -> None:
    where = rehearsal.run(
        "python", "-c", "import lens_site; print(lens_site.__file__)", cwd=tmp_path
    )
    assert Path(where.stdout.strip()).is_relative_to(rehearsal.environment)
    helped = rehearsal.run("lens", "--help", cwd=tmp_path)
    assert helped.stdout.startswith("Usage: lens"), helped.stderr
    rendered = rehearsal.run("lens", "render", str(archive), "--out", "here", cwd=tmp_path)
    assert rendered.returncode == 0, rendered.stderr
    assert (tmp_path / "here" / "site" / "classes" / SLUGS[0] / "index.html").is_file()
