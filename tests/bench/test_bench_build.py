import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from PIL import Image
from support import Lens
from torch import Tensor

from lens_site.activations import Loading
from lens_site.bench import build as bench
from lens_site.bench import limits
from lens_site.bench.plan import ASSUMED
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig
from lens_site.engine.events import Event, Planned, Report
from lens_site.images.source import Credit
from lens_site.results.schema import RunResult


def test_a_build_is_measured_against_its_own_forward_passes(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    build = bench.build

    def heard(config: BuildConfig, *, report: Report) -> tuple[Path, RunResult]:
        def both(event: Event) -> None:
            events.append(event)
            report(event)

        return build(config, report=both)

    monkeypatch.setattr(bench, "build", heard)
    done = lens(
        "bench", "build", "--data", photos, "--model", "tiny_model:net", "--min-images", 5,
        "-k", 3, "--json", tmp_path / "a.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "a.json").read_text())
    assert figures["images"] == 36
    assert figures["folded_same_predictions"] == 1
    assert figures["bfloat16_worth_it"] == (figures["bfloat16_same_predictions"] >= 0.995)
    bare = figures["build_over_forward"] * figures["forward_s"]
    assert bare == pytest.approx(figures["build_s"])
    assert min(figures["build_s"], figures["second_build_s"]) > 0
    first, second, _ = (event for event in events if isinstance(event, Planned))
    assert (first.current, second.compute) == (0, 0)  # what second_build_s is the time of
    assert first.compute == second.current > 0


def test_a_build_is_measured_against_its_limits(lens: Lens, photos: Path, tmp_path: Path) -> None:
    done = lens(
        "bench", "build", "--data", photos, "--model", "tiny_model:net", "--min-images", 5,
        "-k", 3, "--plan", "--json", tmp_path / "a.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "a.json").read_text())
    here, *assumed = figures["plan"]
    assert [one["machine"]["name"] for one in assumed] == [machine.name for machine in ASSUMED]
    predicting, _, pages = here["stages"]
    core = 2 * figures["decode_alone_s"] / 36 + figures["encode_alone_s"] / 36
    assert predicting["seconds"] == pytest.approx(max(1_281_167 * core, 1_281_167 * 0.11 / 500))
    assert pages["seconds"] == pytest.approx(1000 * figures["stages_s"]["render"] / 3)
    assert f"| the machine at hand: {here['machine']['cores']} cores, 500 MB/s" in done.output
    assert figures["runtime"] == "torch"  # as so small a set is built
    stages = figures["stages_s"]
    assert list(stages) == ["load", "predict", "classes", "across", "render"]
    assert sum(stages.values()) == pytest.approx(figures["build_s"])
    larger = max(figures["decode_alone_s"], figures["encode_alone_s"])
    work = stages["predict"] + stages["classes"]
    assert figures["predict_and_classes_over_larger"] == pytest.approx(work / larger)
    assert figures["build_over_larger"] == pytest.approx(figures["build_s"] / larger)
    assert figures["decode_images_per_s"] == pytest.approx(36 / figures["decode_alone_s"])
    assert 0 < figures["small_class_processor_s"] <= figures["small_class_processor_s_most"]


class Slow:
    """A source that gives each of ``many`` gray pictures after a while."""

    name = description = "slow"
    credits: tuple[Credit, ...] = ()
    views_of_few = False

    def __init__(self, many: int, wait: float) -> None:
        self.keys: Sequence[str] = [str(i) for i in range(many)]
        self.wait = wait

    def group(self, i: int) -> str | None:
        return None

    def stamp(self, i: int) -> str:
        return ""

    def read(self, i: int) -> bytes:
        return b""

    def open(self, i: int, min_side: int | None) -> Image.Image:
        time.sleep(self.wait)
        return Image.new("RGB", (64, 64))


def test_each_limit_is_measured_alone(monkeypatch: pytest.MonkeyPatch, lens: Lens) -> None:
    classifier = load_classifier("tiny_model:net", device="cpu")
    slow = Slow(32, wait=0.01)
    assert limits.decode_alone(slow, classifier, Loading(1, 16)) >= 0.32
    assert limits.decode_alone(slow, classifier, Loading(4, 16)) < 0.32
    passes: list[int] = []

    def encode(model: Classifier, images: Tensor, batch: int) -> tuple[None, Tensor]:
        passes.append(len(images))
        time.sleep(0.02)
        return None, torch.zeros(len(images), 3)

    monkeypatch.setattr(limits, "encode_and_classify", encode)
    batches = [torch.zeros(16, 3, 2, 2)] * 4
    assert 0.08 <= limits.encode_alone(batches, classifier, Loading(1, 16)) < 0.12
    assert limits.encode_alone(batches, classifier, Loading(4, 16)) < 0.08
    assert passes == [16] * 10  # one of each to warm up
