"""What is asked of the user's machine: ranges, not pins; little for rendering; lazy imports."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
DEPENDENCIES: list[str] = PROJECT["project"]["dependencies"]
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


@pytest.mark.parametrize(
    "code",
    [
        "from lens_site.cli import main; main(['--help'], standalone_mode=False)",
        "from lens_site.cli import main; main(['build', '--help'], standalone_mode=False)",
        "import lens_site.config, lens_site.errors, lens_site.results.pack",
    ],
)
def test_asking_for_help_imports_nothing_heavy(code: str) -> None:
    code += f"; import sys; print('imported', *sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported"


def test_rendering_imports_no_torch() -> None:
    code = "import lens_site.site.render, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
