"""The attacks act on the tiny build of ``tests/build``, shards and signals on a longer one."""

from pathlib import Path

import pytest
from build_fixtures import built as built
from build_fixtures import same_photos as same_photos
from build_fixtures import tiny_build as tiny_build
from fleet import building, paint_hues
from moments import build


@pytest.fixture(scope="session")
def hues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of twelve classes; no test may change them."""
    return paint_hues(tmp_path_factory.mktemp("hues") / "pictures")


@pytest.fixture(scope="session")
def hues_alone(hues: Path) -> Path:
    """What one undisturbed build makes of them; no test may change it."""
    out = hues.parent / "alone"
    with building(hues, out) as (process, log):
        process.join()
        assert process.exitcode == 0, log.read_text()
    return out


@pytest.fixture(scope="session")
def few_hues(hues: Path) -> Path:
    """What an undisturbed build of four of them leaves; no test may change it."""
    out = hues.parent / "few"
    done = build(hues, out)
    assert done.code == 0, done.said
    return out
