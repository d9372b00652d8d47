"""A fresh clone of the repository, for tests that build, install and use it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, with what is changed or new here and not committed yet."""
    clone = tmp_path_factory.mktemp("checkout") / "lens"
    git("clone", "--quiet", str(ROOT), str(clone))
    changed = git("ls-files", "--modified", "--others", "--exclude-standard", "-z")
    changed += git("diff", "--cached", "--name-only", "--no-renames", "-z")
    for name in filter(None, changed.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
        else:
            (clone / name).unlink(missing_ok=True)
    return clone
