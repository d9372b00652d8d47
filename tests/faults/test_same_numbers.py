"""The same numbers whatever the history: resumed, other batches, fewer cores, more pictures."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from attacks import snapshot
from support import TESTS

from lens_site.activations.encode import CPU_BATCH, encode_and_classify, one_thread_each
from lens_site.classifier import Classifier, load_classifier
from lens_site.images import open_source
from lens_site.results import latest_run, read_run


@pytest.fixture(scope="module")
def flowers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty views of the demo's flower, as files."""
    folder = tmp_path_factory.mktemp("flowers")
    demo = open_source("demo")
    views = [i for i, key in enumerate(demo.keys) if key.startswith("flower")][:40]
    for i in views:
        demo.open(i, None).save(folder / f"{i:04d}.png")
    return folder


def build(data: Path, out: Path, *options: str, cores: int | None = None) -> dict[str, bytes]:
    """Build one class with the default model; return its result."""
    given = ["--data", str(data), "--out", str(out), "--classes", "daisy", "--min-images", "10"]
    command = [sys.executable, "-m", "lens_site", "build", *given, *options]
    limit: Callable[[], None] | None = None
    if cores is not None:
        chosen = sorted(os.sched_getaffinity(0))[:cores]

        def limit() -> None:
            os.sched_setaffinity(0, chosen)

    environment = {k: v for k, v in os.environ.items() if not k.startswith("OMP_")}
    done = subprocess.run(
        command, cwd=TESTS, capture_output=True, text=True, check=False, preexec_fn=limit,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return snapshot(latest_run(out) / "0985-daisy")


@pytest.mark.parametrize("runtime", ["torch", "onnxruntime"])
def test_resumed_after_predicting_and_on_one_core(
    flowers: Path, tmp_path: Path, runtime: str
) -> None:
    if runtime == "onnxruntime":
        for package in ("onnx", "onnxruntime", "onnxscript"):
            pytest.importorskip(package, reason=f"the extra 'onnx' is not installed ({package})")
    whole = build(flowers, tmp_path / "whole", "--runtime", runtime)
    resumed = tmp_path / "resumed"
    shutil.copytree(tmp_path / "whole" / "cache", resumed / "cache")  # killed after predicting
    assert build(flowers, resumed, "--batch-size", "7", cores=1) == whole  # by the same runtime
    assert read_run(latest_run(resumed)).runtime.name == runtime


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load_classifier(device="cpu")


def test_an_image_is_the_same_at_every_place_of_a_pass(default: Classifier) -> None:
    draw = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 224, 224, generator=draw)
    with one_thread_each():
        alone, logits = encode_and_classify(default, image, CPU_BATCH)
        for place in (0, 7, CPU_BATCH - 1):
            others = torch.randn(CPU_BATCH, 3, 224, 224, generator=draw)
            others[place] = image[0]
            among, these = encode_and_classify(default, others, CPU_BATCH)
            assert torch.equal(among.maps[place], alone.maps[0])
            assert torch.equal(these[place], logits[0])
