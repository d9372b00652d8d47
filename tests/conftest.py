"""What several rooms' tests share: the demo really built, and a tiny network with its pictures."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from browser_fixtures import chromium as chromium
from browser_fixtures import context as context
from click.testing import CliRunner
from filelock import FileLock
from support import TESTS, Lens, paint_photos

from lens_site.cli import main

torch.set_num_threads(1)  # two test processes on two cores: more threads would only wait

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # begun in the background of a shell:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what we start would ignore it, too

DATA = TESTS.parents[1] / "shared" / "data"


@pytest.fixture(scope="session")
def built_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of ``lens-build`` but for visualizations; built once for all processes."""
    above = tmp_path_factory.getbasetemp()
    shared = above.parent if above.name.startswith("popen-") else above
    out = shared / "demo"
    with FileLock(shared / "demo.lock"):
        if not (out / "cache" / "site.stamp").exists():
            command = [sys.executable, "-m", "lens_site", "build", "--out", str(out)]
            command += ["--visualization", "off"]  # the tiny network has them, in seconds
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real pictures beside the checkout."""
    if not DATA.is_dir():
        pytest.skip("no pictures in ../shared/data beside the checkout")
    return DATA


@pytest.fixture
def lens(monkeypatch: pytest.MonkeyPatch) -> Lens:
    """Run ``lens`` with some arguments, from the folder of the tests."""
    monkeypatch.chdir(TESTS)
    return lambda *arguments: CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Pictures for ``tiny_model:net``: class folders red, green and blue, twelve each."""
    return paint_photos(tmp_path / "photos")
