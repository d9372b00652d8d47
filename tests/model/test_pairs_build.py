"""Networks really built and compared: in another basis one is the same, looking elsewhere not.

``tiny_model.turned`` has the features of ``net`` in another order and size; ``mirrored`` gives the
same answers from features that are active at mirrored places.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner
from support import TESTS, TINY

from lens_site.cli import main
from lens_site.model import pairs
from lens_site.results import latest_run
from lens_site.results.schema import PairResult


def built(photos: Path, out: Path, network: str) -> Path:
    options = ["--model", f"tiny_model:{network}", *TINY[2:], "--visualization", "off"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(TESTS)
        command = ["build", "--data", str(photos), "--out", str(out), *options]
        done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    return latest_run(out)


def compared(tiny_build: Path, photos: Path, out: Path, network: str) -> PairResult:
    other = pairs.read(built(photos, out, network))
    return pairs.compare(pairs.read(latest_run(tiny_build)), other)


def test_the_same_network_in_another_basis_uses_the_same_concepts(
    tiny_build: Path, same_photos: Path, tmp_path: Path
) -> None:
    pair = compared(tiny_build, same_photos, tmp_path, "turned")
    assert pair.images == pair.agree == 36
    for one in pair.classes:
        first = one.matches[0]
        assert (first.first, first.second) == (1, 1)
        assert first.correlation > 0.99
        assert len(one.matches) >= 2


def test_the_same_answers_from_elsewhere_are_no_shared_concepts(
    tiny_build: Path, same_photos: Path, tmp_path: Path
) -> None:
    pair = compared(tiny_build, same_photos, tmp_path, "mirrored")
    assert pair.images == pair.agree == 36, "all answers are the same"
    matched = sum(len(one.matches) for one in pair.classes)
    assert matched <= 3, "of nine concepts"
    assert all(m.correlation < 0.7 for one in pair.classes for m in one.matches)
    green = next(one for one in pair.classes if one.slug == "0001-green")
    assert [a.concept for a in green.first_alone] == [1, 2, 3]
