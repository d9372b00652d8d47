"""Results from strangers: archives that lie read nothing else and write nowhere else."""

from collections import Counter
from pathlib import Path

import pytest
from attacks import hostile_archive
from tiny_results import TINY, write_tiny_run

from lens_site.errors import ResultError
from lens_site.results import read_class, store


def test_archives_that_lie(tmp_path: Path) -> None:
    run_dir = write_tiny_run(tmp_path / "good")
    outcomes: Counter[str] = Counter()
    for seed in range(40):
        into = tmp_path / "tries" / str(seed) / "in"
        into.mkdir(parents=True)
        outcomes[hostile_archive(seed, run_dir, into)] += 1
    assert outcomes["refused"] > 20
    assert outcomes["rendered"] > 0, "names of images and classes may be anything"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (("concepts", 0, "heat_file"), "../../../../etc/passwd"),
        (("concepts", 0, "heat_file"), "not-among-the-files.webp"),
        (("maps_file",), "/proc/self/environ"),
        (("name", "slug"), "../../evil"),
        (("name", "slug"), "0001-another-index"),
        (("sprite", "columns"), 0),
        (("sharp", "rows"), 0),
        (("sharp", "columns"), 1),
        (("sharp", "files"), ["../../evil"]),
        (("sharp", "images"), [10**9]),
        (("strategies", 0, "prototypes"), [10**9]),
    ],
)
def test_what_a_result_may_not_say(tmp_path: Path, field: tuple, value: object) -> None:
    import json

    run_dir = write_tiny_run(tmp_path)
    path = run_dir / TINY[1] / "result.json"
    held = json.loads(store.unseal(path.read_bytes()) or b"")
    target = held
    for step in field[:-1]:
        target = target[step]
    target[field[-1]] = value
    path.write_bytes(store.seal(json.dumps(held).encode()))
    with pytest.raises(ResultError):
        read_class(run_dir, TINY[1])


def test_a_class_behind_a_link_is_refused(tmp_path: Path) -> None:
    run_dir = write_tiny_run(tmp_path)
    (run_dir / TINY[1]).rename(tmp_path / TINY[1])
    (run_dir / TINY[1]).symlink_to(tmp_path / TINY[1])
    with pytest.raises(ResultError, match="is a link"):
        read_class(run_dir, TINY[1])
