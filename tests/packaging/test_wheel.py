"""What is handed out: a wheel with the pages' templates inside, the same from the sdist."""

import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest


def build(target: str, source: Path, into: Path) -> Path:
    """Build with the backend that pyproject.toml names, offline; return the one file made."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "-d", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build("wheel", checkout, tmp_path_factory.mktemp("wheel")))


def contents(archive: zipfile.ZipFile, prefix: str) -> dict[str, bytes]:
    return {
        name.removeprefix(prefix): archive.read(name)
        for name in archive.namelist()
        if name.startswith(prefix)
    }


def folder(path: Path) -> dict[str, bytes]:
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("name", ["templates", "static"])
def test_pages_travel_inside(name: str, wheel: zipfile.ZipFile, checkout: Path) -> None:
    inside = contents(wheel, f"lens_site/_{name}/")
    assert inside == folder(checkout / name)
    assert len(inside) > 0


def test_the_photographs_of_the_demo_travel_inside(wheel: zipfile.ZipFile, checkout: Path) -> None:
    place = "lens_site/images/sources/photographs/"
    inside = contents(wheel, place)
    assert inside == folder(checkout / place)
    assert set(inside) == {"camera.png", "chelsea.png", "coffee.png", "rocket.jpg", "CREDITS.txt"}


def test_nothing_else_travels(wheel: zipfile.ZipFile, checkout: Path) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    (info,) = tops - {"lens_site"}
    assert info.endswith(".dist-info")
    modules = {name for name in contents(wheel, "lens_site/") if name.endswith(".py")}
    assert modules == {name for name in folder(checkout / "lens_site") if name.endswith(".py")}


def test_metadata(wheel: zipfile.ZipFile) -> None:
    (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    metadata = message_from_string(wheel.read(f"{info}/METADATA").decode())
    assert metadata["Name"] == "lens-site"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert "The Lens maintainers" in wheel.read(f"{info}/licenses/LICENSE").decode()
    scripts = wheel.read(f"{info}/entry_points.txt").decode().splitlines()
    assert [line.split(" = ")[0] for line in scripts if " = " in line] == ["lens", "lens-build"]


def test_wheel_from_the_sdist_is_the_same(
    wheel: zipfile.ZipFile, checkout: Path, tmp_path: Path
) -> None:
    sdist = build("sdist", checkout, tmp_path / "sdist")
    (tmp_path / "unpacked").mkdir()
    subprocess.run(["tar", "-xzf", sdist], cwd=tmp_path / "unpacked", check=True)
    (source,) = (tmp_path / "unpacked").iterdir()
    again = zipfile.ZipFile(build("wheel", source, tmp_path / "wheel"))
    assert contents(again, "lens_site") == contents(wheel, "lens_site")
