"""What is asked of the user's machine: ranges, not pins; little for rendering; lazy imports.

The ranges are pyproject.toml's, for users; the pins inside them lock.txt's, for make and CI.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPENDENCIES: list[str] = PROJECT["project"]["dependencies"]
DIRECT = sorted(
    {*DEPENDENCIES, *(line for g in PROJECT["dependency-groups"].values() for line in g)}
)
LOCK = [
    Requirement(line)
    for line in (ROOT / "lock.txt").read_text().splitlines()
    if not line.startswith("#")
]
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
SYSTEMS = (("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows"))
HEAVY = {"torch", "torchvision", "timm", "numpy", "scipy", "sklearn", "skimage", "plotly"}


def test_rendering_needs_the_top_of_the_dependencies() -> None:
    render = PROJECT["dependency-groups"]["render"]
    assert DEPENDENCIES[: len(render)] == render


def test_rendering_needs_nothing_heavy() -> None:
    render = {Requirement(line).name for line in PROJECT["dependency-groups"]["render"]}
    assert render & (HEAVY - {"plotly"}) == set()
    assert len(render) == len(PROJECT["dependency-groups"]["render"])


@pytest.mark.parametrize("line", DEPENDENCIES)
def test_dependencies_are_open_ranges(line: str) -> None:
    assert [bound.operator for bound in Requirement(line).specifier] == [">="]


@pytest.mark.parametrize(("name", "version"), [("torch", "2.14.1"), ("torchvision", "0.29.1")])
def test_ranges_admit(name: str, version: str) -> None:
    (wanted,) = (r for r in map(Requirement, DEPENDENCIES) if r.name == name)
    assert wanted.specifier.contains(version)


def environments() -> list[dict[str, str]]:
    """The Pythons and systems that the lock is for, as markers see them."""
    here = {name: str(value) for name, value in default_environment().items()}
    return [
        here
        | {"python_full_version": python, "python_version": python.rpartition(".")[0]}
        | {"sys_platform": platform, "platform_system": system}
        for python in PYTHONS
        for platform, system in SYSTEMS
    ]


def applies(marker: Marker | None, environment: dict[str, str]) -> bool:
    return marker is None or marker.evaluate(environment)


def pins(name: str, environment: dict[str, str]) -> list[str]:
    """Versions that the lock gives a package in an environment."""
    return [
        pin.version
        for line in LOCK
        if canonicalize_name(line.name) == canonicalize_name(name)
        and applies(line.marker, environment)
        for pin in line.specifier
    ]


@pytest.mark.parametrize("line", DIRECT)
def test_the_lock_pins_what_is_asked_for_inside_its_range(line: str) -> None:
    asked = Requirement(line)
    wherever = [e for e in environments() if applies(asked.marker, e)]
    assert wherever
    for environment in wherever:
        (version,) = pins(asked.name, environment)
        assert asked.specifier.contains(version), environment


@pytest.mark.parametrize("line", LOCK, ids=lambda line: line.name)
def test_the_lock_is_of_exact_versions_without_an_address(line: Requirement) -> None:
    (pin,) = line.specifier
    assert pin.operator == "=="
    assert "*" not in pin.version
    assert (line.url, line.extras) == (None, set())
    assert all(len(pins(line.name, environment)) <= 1 for environment in environments())


def test_the_lock_names_no_index_and_no_path() -> None:
    text = (ROOT / "lock.txt").read_text()
    assert [word for word in ("/", "--", "@", "+") if word in text] == []


@pytest.mark.parametrize("name", ["torch", "torchvision"])
def test_the_lock_admits_the_cpu_build(name: str) -> None:
    (line,) = (line for line in LOCK if line.name == name)
    assert line.marker is None
    assert all(line.specifier.contains(f"{pin.version}+cpu") for pin in line.specifier)


@pytest.mark.parametrize(
    "code",
    [
        "from lens_site.cli import main; main(['--help'], standalone_mode=False)",
        "from lens_site.cli import main; main(['build', '--help'], standalone_mode=False)",
        "import lens_site.config, lens_site.errors, lens_site.results.pack",
        "import lens_site.engine.status",
    ],
)
def test_asking_for_help_imports_nothing_heavy(code: str) -> None:
    code += f"; import sys; print('imported', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported"


def test_rendering_imports_no_torch() -> None:
    code = "import lens_site.site.publish.render, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
