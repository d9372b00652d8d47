import json
import os
from pathlib import Path

import pytest
from support import Lens
from tiny_results import write_tiny_run

from lens_site.errors import ResultError
from lens_site.results import latest_run, read_class, read_run, store
from lens_site.results.schema import BrowserNetwork, ClassResult


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return write_tiny_run(tmp_path / "results")


def test_what_is_written_is_read(run_dir: Path) -> None:
    result = read_class(run_dir, "0967-espresso")
    assert result.name.index == 967
    assert [c.slug for c in read_run(run_dir).classes] == ["0607-jack-o-lantern", "0967-espresso"]
    assert store.verify_run(run_dir) == read_run(run_dir)


def test_the_network_for_the_browser(run_dir: Path) -> None:
    run = read_run(run_dir)
    assert store.read_network(run_dir, run) is None
    store.write_network(run_dir, b"layers")
    path = run_dir / store.NETWORK
    os.utime(path, ns=(1, 1))
    store.write_network(run_dir, b"layers")
    assert path.stat().st_mtime_ns == 1, "what is there already is not written again"
    told = BrowserNetwork(file=store.NETWORK, sha256=store.sha256(b"layers"), bytes=6)
    store.write_run(run_dir, run.model_copy(update={"browser": told}))
    assert store.read_network(run_dir, store.verify_run(run_dir)) == b"layers"
    store.write_network(run_dir, b"others")
    with pytest.raises(
        ResultError, match=r"network.safetensors: its SHA-256 differs from run.json"
    ):
        store.verify_run(run_dir)
    store.write_network(run_dir, None)
    with pytest.raises(ResultError, match=r"network.safetensors: cannot be read"):
        store.verify_run(run_dir)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "tiles-01.webp").write_bytes(b"x"), "tiles-01.webp: its SHA-256 differs"),
        (lambda f: (f / "tiles-01.webp").unlink(), "tiles-01.webp: cannot be read"),
        (lambda f: (f / "result.json").write_text('{"schema_version": 1, "'), "is damaged"),
        (lambda f: (f / "result.json").write_text("[]"), "is damaged"),
        (lambda f: (f / "result.json").write_text('{"schema_version": 0}'), "schema version 0"),
        (lambda f: (f / "result.json").unlink(), "result.json: cannot be read"),
    ],
    ids=["changed file", "missing file", "half a result", "a list", "old version", "no result"],
)
def test_a_damaged_result_is_named(run_dir: Path, damage: object, message: str) -> None:
    damage(run_dir / "0967-espresso")  # type: ignore[operator]
    with pytest.raises(ResultError) as error:
        store.verify_run(run_dir)
    assert message in str(error.value)
    assert str(error.value).endswith("run lens-build again to compute it anew")


def test_a_field_that_does_not_belong(run_dir: Path) -> None:
    path = run_dir / "0967-espresso" / "result.json"
    held = json.loads(store.unseal(path.read_bytes()) or b"")
    path.write_bytes(store.seal(json.dumps({**held, "surprise": 1}).encode()))
    with pytest.raises(ResultError, match="is damaged"):
        read_class(run_dir, "0967-espresso")


def test_the_latest_run(run_dir: Path) -> None:
    other = run_dir.with_name("other")
    other.mkdir()
    (other / "run.json").write_bytes((run_dir / "run.json").read_bytes())
    os.utime(run_dir / "run.json", ns=(1, 1))
    assert latest_run(run_dir.parents[1]) == other
    with pytest.raises(ResultError, match="no results; run lens-build"):
        latest_run(run_dir)


def test_damaged_results_are_not_packed(lens: Lens, run_dir: Path, tmp_path: Path) -> None:
    packed = lens("pack", "--out", tmp_path, "--archive", tmp_path / "a.tar.gz")
    assert packed.exit_code == 0, packed.output
    (run_dir / "0967-espresso" / "heat-02.webp").write_bytes(b"x")
    refused = lens("pack", "--out", tmp_path, "--archive", tmp_path / "b.tar.gz")
    assert refused.exit_code == 1
    assert not (tmp_path / "b.tar.gz").exists()


def test_the_schema_says_what_every_field_holds() -> None:
    described = ClassResult.model_json_schema()["$defs"]["Concept"]["properties"]
    assert described["share"]["description"].startswith("global importance")
