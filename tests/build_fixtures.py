"""One tiny build for all tests of some folders, and a copy of it for those that change it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import TESTS, TINY, paint_photos

from lens_site.cli import main


@pytest.fixture(scope="session")
def same_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pictures of the tiny build; no test may change them."""
    return paint_photos(tmp_path_factory.mktemp("tiny") / "photos")


@pytest.fixture(scope="session")
def tiny_build(same_photos: Path) -> Path:
    """The output folder of ``lens build`` on these pictures; no test may change it."""
    out = same_photos.parent / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TESTS)
        command = ["build", "--data", str(same_photos), "--out", str(out), *TINY]
        done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "3 classes to compute, 0 unchanged" in done.output
    return out


@pytest.fixture
def built(tiny_build: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to build in again."""
    return Path(shutil.copytree(tiny_build, tmp_path / "built"))
