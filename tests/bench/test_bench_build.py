import json
from pathlib import Path

import pytest
from support import Lens

from lens_site.bench import build as bench
from lens_site.engine.events import Event, Planned


def test_a_build_is_measured_against_its_own_forward_passes(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    build = bench.build
    monkeypatch.setattr(bench, "build", lambda config, report: build(config, report=events.append))
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
    first, second = (event for event in events if isinstance(event, Planned))
    assert (first.current, second.compute) == (0, 0)  # what second_build_s is the time of
    assert first.compute == second.current > 0
