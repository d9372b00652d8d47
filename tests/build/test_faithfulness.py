"""Every importance method from the command to the page, and the curves it gives."""

import json
from pathlib import Path

import numpy as np
import pytest
from support import TINY, Lens

from lens_site.importance import METHODS
from lens_site.results import latest_run, read_class


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_builds(lens: Lens, same_photos: Path, built: Path, method: str) -> None:
    done = lens(
        "build", "--data", same_photos, "--out", built, *TINY, "--classes", "red",
        "--importance", method,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    red = read_class(latest_run(built), "0000-red")
    assert red.importance_method == method
    assert red.faithfulness.deletion.values is not None
    page = built / "site" / "classes" / "0000-red"
    assert json.loads((page / "class.json").read_text())["faithfulness"]["images"] == 12
    text = (page / "index.html").read_text()
    assert "Can this be trusted?" in text
    for remark in red.remarks:
        assert remark in text


def test_curves_follow_from_the_importance(tiny_build: Path) -> None:
    red = read_class(latest_run(tiny_build), "0000-red")
    f = red.faithfulness
    phi = np.array([i.importance for i in red.images])  # contributions: the head is linear
    out = np.sort(phi, axis=1)[:, ::-1].mean(axis=0)
    assert f.deletion.values is not None
    drops = -np.diff(f.deletion.values)
    assert np.allclose(drops / drops.sum(), out / out.sum(), atol=1e-4)
    assert f.deletion.auc is not None
    assert f.random_deletion.auc is not None
    assert f.deletion.auc < f.random_deletion.auc
    assert f.mu_fidelity == pytest.approx(1, abs=1e-5)


def test_a_build_can_explain_the_lead_over_the_runner_up(
    lens: Lens, same_photos: Path, built: Path
) -> None:
    done = lens("build", "--data", same_photos, "--out", built, *TINY, "--score", "margin")
    assert done.exit_code == 0, done.output
    red = read_class(latest_run(built), "0000-red")
    assert red.score == "margin"
    assert red.kept is not None
    assert all(image.margin is not None and image.runner_up != 0 for image in red.images)
    # the constant differs between runners-up; kept holds its mean
    rests = [(i.margin or 0.0) - sum(i.importance) - i.everything_else for i in red.images]
    assert np.mean(rests) == pytest.approx(red.kept.bias, abs=1e-4)
    text = (built / "site" / "classes" / "0000-red" / "index.html").read_text()
    assert "the lead of the class over the strongest other one" in text
    shown = lens("explain", same_photos / "red" / "00.png", "--class", "red", "--out", built)
    assert shown.exit_code == 0, shown.output
    refused = lens(
        "build", "--data", same_photos, "--out", built, *TINY, "--score", "margin",
        "--patches", "crops",
    )  # fmt: skip
    assert refused.exit_code != 0
    assert "score: margin is known of whole pictures" in refused.output
