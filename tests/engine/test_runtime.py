"""A build keeps the runtime it began with, and says which one that was."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from support import TESTS, TINY, Lens

from lens_site.activations.encode import CPU_BATCH
from lens_site.activations.fastest import Found
from lens_site.classifier import Classifier
from lens_site.classifier.runtimes import NoRuntime
from lens_site.config import BuildConfig
from lens_site.engine import runtime as room
from lens_site.engine.build import open_workshop
from lens_site.errors import ConfigError
from lens_site.results import latest_run, read_run
from lens_site.results.schema import Runtime


@pytest.fixture
def onnx() -> None:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package, reason=f"the extra 'onnx' is not installed ({package})")


@pytest.fixture
def config(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildConfig:
    monkeypatch.chdir(TESTS)
    return BuildConfig(data=str(photos), model="tiny_model:net", device="cpu", out=tmp_path / "out")


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[list[Runtime]]:
    """Let every set be large, and onnxruntime win each measurement; list the measurements."""
    asked: list[list[Runtime]] = []

    def won(
        classifier: Classifier, others: Sequence[Runtime], batches: list[torch.Tensor], batch: int
    ) -> Found:
        assert sum(map(len, batches)) == 36
        asked.append(list(others))
        return Found(replace(classifier, runtime=others[0]), "measured")

    monkeypatch.setattr(room, "ENOUGH", 35)
    monkeypatch.setattr(room, "fastest", won)
    monkeypatch.setattr(room, "find_spec", lambda name: name)
    monkeypatch.setattr(room, "run_on", lambda c, runtime, batch: replace(c, runtime=runtime))
    return asked


def test_a_small_set_stays_on_torch_and_nothing_is_measured(
    config: BuildConfig, measured: list[list[Runtime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ENOUGH", 36)
    workshop = open_workshop(config)
    assert (workshop.classifier.runtime.name, workshop.why, measured) == ("torch", "", [])


def test_what_was_measured_once_is_kept(
    config: BuildConfig, measured: list[list[Runtime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_workshop(config)
    assert (first.classifier.runtime.name, first.why) == ("onnxruntime", "measured")
    monkeypatch.setattr(room, "ENOUGH", 1000)  # a later set, or process, would choose otherwise
    assert open_workshop(config).classifier.runtime.name == "onnxruntime"
    assert measured == [[Runtime(name="onnxruntime")]]
    forced = open_workshop(config.model_copy(update={"force": True}))
    assert forced.classifier.runtime.name == "torch"


def test_what_was_asked_for_once_is_kept(
    config: BuildConfig, measured: list[list[Runtime]]
) -> None:
    open_workshop(config.model_copy(update={"runtime": "torch"}))
    assert open_workshop(config).classifier.runtime.name == "torch"
    assert measured == []


def test_compiling_is_tried_on_large_sets_alone(
    config: BuildConfig, measured: list[list[Runtime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LONG", {"cpu": 35})
    open_workshop(config)
    assert [runtime.name for runtime in measured[0]] == ["onnxruntime", "compiled"]


def test_a_damaged_note_is_no_note(config: BuildConfig, measured: list[list[Runtime]]) -> None:
    open_workshop(config)
    (note,) = (config.out / "cache").glob("runtime-*.json")
    note.write_text("{")
    assert open_workshop(config).classifier.runtime.name == "onnxruntime"
    assert len(measured) == 2


def test_a_run_goes_on_with_its_own_runtime_or_not_at_all(
    config: BuildConfig, measured: list[list[Runtime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_workshop(config)

    def gone(classifier: Classifier, runtime: Runtime, batch: int) -> Classifier:
        raise NoRuntime("onnxruntime is not installed")

    monkeypatch.setattr(room, "run_on", gone)
    classifier = open_workshop(config).classifier  # may be all that is asked of it
    with pytest.raises(ConfigError, match="began this run, but onnxruntime is not installed; or"):
        classifier.encode_pass(torch.zeros(CPU_BATCH, 3, 32, 32))


def test_a_kept_runtime_is_made_ready_once_at_the_first_pass(
    config: BuildConfig, measured: list[list[Runtime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_workshop(config)
    made: list[Classifier] = []

    def ready(classifier: Classifier, runtime: Runtime, batch: int) -> Classifier:
        made.append(replace(classifier, runtime=runtime, fast=None))
        return made[-1]

    monkeypatch.setattr(room, "run_on", ready)
    classifier = open_workshop(config).classifier
    assert (classifier.runtime.name, made) == ("onnxruntime", [])
    images = torch.rand(CPU_BATCH, 3, 32, 32)
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(classifier.encode_pass, [images] * 4))
    assert len(made) == 1
    assert all(torch.equal(one.maps, made[0].encode(images).maps) for one in several)


@pytest.mark.usefixtures("onnx")
def test_runtimes_make_different_runs_that_say_so(lens: Lens, photos: Path, tmp_path: Path) -> None:
    def build(name: str) -> tuple[str, str, str | None]:
        out = tmp_path / "out"
        done = lens("build", "--data", photos, *TINY, "--out", out, "--runtime", name)
        assert done.exit_code == 0, done.output
        run_dir = latest_run(out)
        run = read_run(run_dir)
        return run_dir.name, run.runtime.name, run.versions.get("onnxruntime")

    torch_run, torch_name, none = build("torch")
    onnx_run, onnx_name, version = build("onnxruntime")
    assert (torch_name, none, onnx_name) == ("torch", None, "onnxruntime")
    assert version is not None
    assert torch_run != onnx_run
    assert build("auto")[0] == onnx_run  # what was asked for last
    tables = list((tmp_path / "out" / "cache").glob("predictions-*"))
    assert len(tables) == 2  # each has its own predictions


@pytest.mark.usefixtures("onnx")
def test_onnxruntime_gives_the_same_bytes_twice(lens: Lens, photos: Path, tmp_path: Path) -> None:
    trees = []
    for name, workers in (("a", 1), ("b", 3)):
        done = lens(
            "build", "--data", photos, *TINY, "--out", tmp_path / name, "--workers", workers,
            "--runtime", "onnxruntime",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        run_dir = latest_run(tmp_path / name)
        files = sorted(path for path in run_dir.rglob("*") if path.is_file())
        trees.append({str(p.relative_to(run_dir)): p.read_bytes() for p in files})
    assert trees[0] == trees[1]
    assert json.loads(trees[0]["run.json"])["runtime"]["name"] == "onnxruntime"
