import json
from pathlib import Path

import pytest
from support import Lens


def test_a_build_is_measured_against_its_own_forward_passes(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
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
    assert figures["build_s"] > figures["second_build_s"] > 0
