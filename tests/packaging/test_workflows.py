"""The workflows: valid, and running the commands that the documentation gives."""

import os
import shutil
import subprocess
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"


def actionlint(text: str) -> subprocess.CompletedProcess[str]:
    """Lint a workflow; the tool comes with the group "test", so CI never goes without it."""
    program = shutil.which("actionlint", path=sysconfig.get_path("scripts"))
    program = program or shutil.which("actionlint")
    if program is None and "CI" not in os.environ:
        pytest.skip("actionlint is not installed; pip install --group test brings it")
    assert program is not None, "CI runs without actionlint"
    command = [program, "-no-color", "-stdin-filename", ".github/workflows/x.yml", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)


def load(name: str) -> Any:
    return yaml.safe_load((WORKFLOWS / name).read_text())


@pytest.mark.parametrize("name", sorted(path.name for path in WORKFLOWS.glob("*.yml")))
def test_actionlint_passes(name: str) -> None:
    done = actionlint((WORKFLOWS / name).read_text())
    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_finds_a_mistake() -> None:
    done = actionlint((WORKFLOWS / "deploy.yml").read_text().replace("steps.pages", "steps.page"))
    assert done.returncode == 1
    assert 'property "page" is not defined' in done.stdout


def test_ci_and_the_local_script_run_the_same_commands() -> None:
    steps = load("ci.yml")["jobs"]["test"]["steps"]
    here = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [step["run"] for step in steps if "run" in step] == ["make check", "make test"]
    assert here[-2:] == ["make check", "make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_ci_starts_from_the_oldest_python() -> None:
    pythons = load("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={pythons[0]}"
    assert pythons == ["3.11", "3.12", "3.13"]


def commands(workflow: str, job: str) -> list[str]:
    steps = load(workflow)["jobs"][job]["steps"]
    return [line for step in steps for line in step.get("run", "").splitlines()]


def test_ci_tries_the_locked_the_newest_and_the_oldest() -> None:
    assert list(load("ci.yml")["jobs"]) == ["test", "newest", "oldest"]
    assert commands("ci.yml", "newest") == ["make check LOCK=", "make test LOCK="]
    (oldest,) = (line for line in commands("ci.yml", "oldest") if "--editable" in line)
    assert "--resolution lowest-direct" in oldest
    assert "lock.txt" not in oldest


def test_what_is_newest_is_tried_every_week_and_blocks_no_change() -> None:
    ci = load("ci.yml")
    when = ci[True]  # YAML reads the word "on" as a truth
    assert {"push", "pull_request", "schedule"} == set(when)
    assert ci["jobs"]["newest"]["if"] == "github.event_name != 'pull_request'"


def test_no_runner_downloads_what_only_a_gpu_needs() -> None:
    assert load("ci.yml")["env"] == {"TORCH": "cpu"}
    lines = commands("ci.yml", "oldest")
    assert all("--torch-backend cpu" in line for line in lines if "--editable" in line)


def test_the_deployment_installs_from_the_lock() -> None:
    lines = [line for line in commands("deploy.yml", "render") if " pip install " in line]
    assert len(lines) == 3
    assert all("constraint lock.txt" in line for line in lines)


def test_only_the_last_job_may_publish() -> None:
    deploy = load("deploy.yml")
    publishing = {"pages": "write", "id-token": "write"}
    assert deploy["permissions"] == {"contents": "read"}
    assert deploy["jobs"]["start"]["permissions"] == {"actions": "write"}
    assert deploy["jobs"]["render"]["permissions"] == {"contents": "read", "pages": "read"}
    assert deploy["jobs"]["deploy"]["permissions"] == publishing
