"""The deployment rehearsed: the very steps of deploy.yml, in a new environment without torch.

Only what GitHub provides is replaced: its expressions by values, and ``gh`` by a copy from disk.
"""

import os
import re
import shutil
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from tiny_results import TINY, write_tiny_run

from lens_site.atomic import MARK
from lens_site.results import store
from lens_site.results.pack import archive_name, pack
from lens_site.results.schema import Identity

TAG = "v1.2.3"
BASE_URL = "https://lens.example/explained"
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
        return subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True)


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a release carries."""
    folder = tmp_path_factory.mktemp("release")
    run_dir = write_tiny_run(tmp_path_factory.mktemp("build") / "results")
    pack(run_dir, folder / archive_name(run_dir.name), TINY)
    return folder


@pytest.fixture(scope="module")
def rehearsal(checkout: Path, assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    tools, environment = tmp_path_factory.mktemp("tools"), tmp_path_factory.mktemp("venv")
    (tools / "gh").write_text(GH.format(tag=TAG, assets=assets))
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


def run_step(step: dict[str, str], cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run one step as GitHub does; an expression that has no value here is a KeyError."""
    given = {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda match: EXPRESSIONS[match[1]], value)
        for name, value in dict(step.get("env", {})).items()
    }
    left_out = {"PYTHONPATH", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=cwd,
        env=kept | given | {"PATH": path, **GITHUB},
        capture_output=True,
        text=True,
    )


def test_the_site_is_there(rehearsal: Rehearsal) -> None:
    site = rehearsal.checkout / "build" / "site"
    for slug in TINY:
        page = (site / "classes" / slug / "index.html").read_text()
        assert f'href="{BASE_URL}/classes/{slug}/"' in page
    assert f"{BASE_URL}/classes/0967-espresso/" in (site / "sitemap.xml").read_text()
    assert '"/explained/' in (site / "404.html").read_text()


def test_the_documentation_is_there_and_leads_to_the_sources(rehearsal: Rehearsal) -> None:
    site = rehearsal.checkout / "build" / "site"
    assert 'href="docs/index.html">Docs</a>' in (site / "index.html").read_text()
    tour = (site / "docs/tour/index.html").read_text()
    above = "https://github.example/owner/lens/blob/abc123"
    assert f'href="{above}/lens_site/classes/stages.py"' in tour
    assert f"{BASE_URL}/docs/tour/" in (site / "sitemap.xml").read_text()


def test_a_site_of_ones_own_stays_ones_own(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """Results that bring a table [site] are rendered with it, and without our documentation."""
    run_dir = write_tiny_run(tmp_path / "results")
    store.write_identity(run_dir, Identity(title="Why birds"))
    (tmp_path / "here/results").mkdir(parents=True)
    pack(run_dir, tmp_path / "here/results" / archive_name("tiny"), TINY)
    shutil.copytree(rehearsal.checkout / "docs", tmp_path / "here/docs")
    path = os.pathsep.join([str(rehearsal.environment / "bin"), os.environ["PATH"]])
    (render,) = (s for s in steps(rehearsal.checkout) if s["name"] == "Render")
    done = run_step(render, tmp_path / "here", path)
    assert done.returncode == 0, done.stderr
    home = (tmp_path / "here/build/site/index.html").read_text()
    assert "<title>Why birds" in home
    assert "docs/index.html" not in home


def test_the_artifact_holds_nothing_github_refuses(rehearsal: Rehearsal) -> None:
    paths = list((rehearsal.checkout / "build" / "site").rglob("*"))
    assert len(paths) > 20
    assert [path for path in paths if path.is_symlink()] == []
    assert [path for path in paths if not path.stat().st_mode & 0o004] == []
    assert {path.name for path in paths if path.name.startswith((".", "_"))} <= {".nojekyll", MARK}


def test_the_checksum_was_looked_at(rehearsal: Rehearsal) -> None:
    assert rehearsal.output["Fetch the results and verify them"] == f"{archive_name('tiny')}: OK\n"


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
    checkout: Path, assets: Path, tmp_path: Path
) -> None:
    for asset in assets.iterdir():
        shutil.copy(asset, tmp_path)
    with (tmp_path / archive_name("tiny")).open("ab") as archive:
        archive.write(b"x")
    (tmp_path / "gh").write_text(GH.format(tag=TAG, assets=tmp_path))
    (tmp_path / "gh").chmod(0o755)
    fetch = steps(checkout)[0]
    done = run_step(fetch, tmp_path, f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert done.returncode == 1
    assert f"{archive_name('tiny')}: FAILED" in done.stdout


def test_no_torch_was_installed(rehearsal: Rehearsal, tmp_path: Path) -> None:
    code = "from importlib.util import find_spec; print(find_spec('torch'), find_spec('numpy'))"
    done = rehearsal.run("python", "-c", code, cwd=tmp_path)
    assert done.stdout == "None None\n"


def test_the_installed_lens_works_away_from_the_checkout(
    rehearsal: Rehearsal, assets: Path, tmp_path: Path
) -> None:
    where = rehearsal.run(
        "python", "-c", "import lens_site; print(lens_site.__file__)", cwd=tmp_path
    )
    assert Path(where.stdout.strip()).is_relative_to(rehearsal.environment)
    helped = rehearsal.run("lens", "--help", cwd=tmp_path)
    assert helped.stdout.startswith("Usage: lens"), helped.stderr
    archive = str(assets / archive_name("tiny"))
    rendered = rehearsal.run("lens", "render", "--from", archive, "--out", "here", cwd=tmp_path)
    assert rendered.returncode == 0, rendered.stderr
    assert (tmp_path / "here" / "site" / "classes" / "0967-espresso" / "index.html").is_file()
