"""The Makefile on machines that lack something: it installs it, or says what to do."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SUDO = '#!/bin/sh\ntest "$1" = -n && shift && echo sudo "$@" >> log && exec "$@"'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with the few programs every machine has, on a PATH of its own."""
    (tmp_path / "bin").mkdir()
    for name in ("make", "sh", "env", "echo", "touch"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    program(tmp_path, "id", "echo 0")
    program(tmp_path, "python3", "echo python3 $1 $2 >> log")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "lock.txt").touch()
    return tmp_path


def program(machine: Path, name: str, body: str) -> None:
    path = machine / "bin" / name
    path.write_text(body if body.startswith("#!") else f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def environment(machine: Path, *names: str) -> None:
    """A virtual environment that is there already; its programs say how they were called."""
    (machine / ".venv" / "bin").mkdir(parents=True)
    for name in names:
        program(machine, name, f"echo {name} $* >> log")
        (machine / "bin" / name).rename(machine / ".venv" / "bin" / name)


def make(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(machine / "bin" / "make"), *arguments]
    environment = {"PATH": str(machine / "bin")}
    return subprocess.run(command, cwd=machine, env=environment, capture_output=True, text=True)


def log(machine: Path) -> list[str]:
    return (machine / "log").read_text().splitlines() if (machine / "log").exists() else []


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_a_browser_that_is_there_is_taken(name: str, machine: Path) -> None:
    program(machine, name, "")
    program(machine, "apt-get", "echo apt-get $* >> log")
    done = make(machine, "chromium")
    assert (done.returncode, log(machine)) == (0, [])


def test_the_tests_hear_which_browser(machine: Path) -> None:
    (machine / ".venv" / "bin").mkdir(parents=True)
    program(machine, "google-chrome", "")
    program(machine, "pip", "")
    program(machine, "python", "echo $LENS_CHROMIUM $2 >> log")
    for name in ("pip", "python"):
        (machine / "bin" / name).rename(machine / ".venv" / "bin" / name)
    done = make(machine, "test")
    assert done.returncode == 0, done.stderr
    assert log(machine) == [f"{machine}/bin/google-chrome pytest"]


@pytest.mark.parametrize("goal", ["test", "check"])
def test_the_tools_are_all_groups_but_three(goal: str, machine: Path) -> None:
    environment(machine, "pip", "python", "ruff", "mypy", "lint-imports")
    program(machine, "chromium", "")
    assert make(machine, goal).returncode == 0
    (installed,) = (line for line in log(machine) if "--group" in line)
    others = {"render", "install", "messages"}
    assert set(asked_groups(installed)) == set(PROJECT["dependency-groups"]) - others


def asked_groups(command: str) -> list[str]:
    return [rest.split()[0] for rest in command.split("--group ")[1:]]


def test_a_missing_browser_is_installed(machine: Path) -> None:
    program(machine, "apt-get", "echo apt-get $* $DEBIAN_FRONTEND >> log")
    done = make(machine, "chromium")
    assert done.returncode == 0, done.stderr
    assert log(machine) == [
        "apt-get -qq update noninteractive",
        "apt-get -qq install --yes --no-install-recommends chromium fonts-liberation "
        "noninteractive",
    ]


def test_who_is_not_root_asks_sudo(machine: Path) -> None:
    program(machine, "id", "echo 1000")
    program(machine, "apt-get", "")
    program(machine, "sudo", SUDO)
    done = make(machine, "chromium")
    assert done.returncode == 0, done.stderr
    assert log(machine)[0] == "sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq update"


def test_what_may_not_be_installed_is_said(machine: Path) -> None:
    program(machine, "apt-get", "exit 100")
    done = make(machine, "chromium")
    assert done.returncode != 0
    assert "missing: chromium fonts-liberation; an administrator can type: apt-get" in done.stderr


def test_the_checker_of_pages_is_fetched_once_where_java_and_npm_are(machine: Path) -> None:
    environment(machine, "pip")
    for name in ("tar", "gzip", "mv", "rm", "mkdir"):
        (machine / "bin" / name).symlink_to(str(shutil.which(name)))
    jar = "package/build/dist/vnu.jar"
    program(
        machine, "npm",
        f"echo npm $* >> {machine}/log; mkdir -p package/build/dist; echo jar > {jar}\n"
        "tar -czf vnu-jar-1.tgz package",
    )  # fmt: skip
    goal = re.search(r"^VNU := \$\(VENV\)/vnu-(.*)\.jar$", (ROOT / "Makefile").read_text(), re.M)
    assert goal
    wanted = f".venv/vnu-{goal[1]}.jar"
    assert make(machine, wanted).returncode == 0
    assert log(machine) == []
    program(machine, "java", "")
    for _ in range(2):
        assert make(machine, wanted).returncode == 0
    assert log(machine) == [f"npm pack --silent vnu-jar@{goal[1]}"]
    assert (machine / wanted).read_text() == "jar\n"
    (machine / wanted).unlink()
    program(machine, "npm", "exit 1")
    done = make(machine, wanted)
    assert (done.returncode, done.stderr) == (0, "no vnu-jar from npm\n")


def test_an_old_python_is_refused(machine: Path) -> None:
    program(machine, "python3", "exit 1")
    done = make(machine, "site")
    assert done.returncode != 0
    assert "python3: wanted Python 3.11 or newer; type: make PYTHON=python3.11" in done.stderr


def test_debian_without_venv_gets_it(machine: Path) -> None:
    program(machine, "python3", 'case "$2" in *ensurepip*) exit 1;; esac; echo $1 $2 $3 >> log')
    program(machine, "apt-get", "echo apt-get $* >> log")
    make(machine, "site")
    assert log(machine)[1:] == [
        "apt-get -qq update",
        "apt-get -qq install --yes --no-install-recommends python3-venv",
        "-m venv .venv",
    ]


LOCKED = [
    "pip install --quiet --upgrade --constraint lock.txt pip",
    "pip install --constraint lock.txt --build-constraint lock.txt --editable .",
]
TOOLS = (
    "pip install --quiet --constraint lock.txt "
    "--group check --group test --group peers --group optional"
)


def test_a_second_call_installs_nothing(machine: Path) -> None:
    environment(machine, "pip", "python", "lens-build", "lens")
    first, second = make(machine, "site"), make(machine, "site", "OUT=there")
    built = [
        line
        for out in ("build", "there")
        for line in (
            f"lens-build --out {out}", f"lens render --out {out} --config docs/site.toml"
        )
    ]  # fmt: skip
    assert log(machine) == [*LOCKED, *built]
    assert "open build/site/index.html, or type: .venv/bin/lens serve --out build" in first.stdout
    assert "open there/site/index.html" in second.stdout


@pytest.mark.parametrize("changed", ["pyproject.toml", "lock.txt"])
def test_what_has_changed_is_installed_again(changed: str, machine: Path) -> None:
    environment(machine, "pip")
    make(machine, ".venv/.tools")
    assert log(machine) == [*LOCKED, TOOLS]
    now = (machine / ".venv" / ".tools").stat().st_mtime
    ages = {
        "pyproject.toml": 30,
        "lock.txt": 30,
        ".venv/.lens": 20,
        ".venv/.tools": 20,
        changed: 10,
    }
    for name, age in ages.items():
        os.utime(machine / name, (now - age, now - age))
    make(machine, ".venv/.tools")
    assert log(machine)[3:] == [*LOCKED, TOOLS]


def test_without_the_lock_the_newest_are_installed(machine: Path) -> None:
    environment(machine, "pip")
    make(machine, ".venv/.tools", "LOCK=")
    assert log(machine) == [
        "pip install --quiet --upgrade pip",
        "pip install --editable .",
        TOOLS.replace("--constraint lock.txt ", ""),
    ]


def test_the_build_of_torch_can_be_chosen(machine: Path) -> None:
    environment(machine, "pip", "uv")
    make(machine, ".venv/.lens", "TORCH=cpu")
    assert log(machine) == [
        f"{LOCKED[0]} uv",
        "uv pip install --python .venv/bin/python --torch-backend cpu --constraint lock.txt "
        "torch torchvision",
        LOCKED[1],
    ]


def test_the_lock_is_made_of_all_groups_for_every_python(machine: Path) -> None:
    environment(machine, "pip", "uv")
    (machine / "lock.txt").unlink()
    done = make(machine, "lock")
    assert done.returncode == 0, done.stderr
    fetched, compiled = log(machine)
    assert fetched == "pip install --quiet --upgrade uv"
    assert compiled.startswith("uv pip compile --quiet --upgrade --universal ")
    assert compiled.endswith(" --output-file lock.txt pyproject.toml")
    assert set(asked_groups(compiled)) == set(PROJECT["dependency-groups"])
    oldest = compiled.split("--python-version ")[1].split()[0]
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
