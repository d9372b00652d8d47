"""`lens bench importance` on a tiny network with a linear head: the theorems on its codes."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from support import Lens

from lens_site.bench.importance import BEST, CHANCE, compare
from lens_site.bench.subject import Subject, parse_methods, take
from lens_site.config import BuildConfig
from lens_site.errors import ConfigError
from lens_site.importance import METHODS, ROOM
from lens_site.results import latest_run
from lens_site.results.comparison import Comparison

TINY = ("--model", "tiny_model:net", "--min-images", "5", "-k", "3", "--workers", "1")
OPTIMAL = ("gradient-input", "integrated-gradients", "occlusion", "shap", "rise")


def silent(done: int, total: int, note: str) -> None:
    pass


@pytest.fixture
def subject(photos: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.chdir(Path(__file__).parents[1])
    return take(
        BuildConfig(data=str(photos), model="tiny_model:net", min_images=5, workers=1),
        largest=2,
        report=silent,
    )


def test_optimal_methods_reach_the_best_order_and_none_beats_it(subject: Subject) -> None:
    table = compare(subject, tuple(METHODS), extractor="nmf", concepts=5, seed=0, report=silent)
    for slug in ("0000-red", "0001-green"):
        of = {row.method: row.metrics for row in table.rows if row.class_ == slug}
        best, chance = of[BEST], of[CHANCE]
        assert set(of) == {*METHODS, BEST, CHANCE}
        for method in OPTIMAL:
            assert of[method]["deletion"] == pytest.approx(best["deletion"], abs=1e-5)
            assert of[method]["insertion"] == pytest.approx(best["insertion"], abs=1e-5)
            assert of[method]["mu_fidelity"] == pytest.approx(1, abs=1e-4)
        for method in (*METHODS, CHANCE):
            assert (of[method]["deletion"] or 0) >= (best["deletion"] or 0) - 1e-5
            assert (of[method]["insertion"] or 0) <= (best["insertion"] or 0) + 1e-5
        assert (chance["deletion"] or 0) > (best["deletion"] or 0) + 0.02


def test_curves_are_those_behind_the_areas(subject: Subject) -> None:
    table = compare(subject, ("saliency",), extractor="nmf", concepts=3, seed=0, report=silent)
    for row in table.rows:
        for name in ("deletion", "insertion"):
            values = row.curves[name]
            area = sum((a + b) / 2 for a, b in pairwise(values)) / 3
            assert row.metrics[name] == pytest.approx(area, abs=1e-4)


def test_unknown_methods_get_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="did you mean 'sobol'"):
        parse_methods("saliency,sobl", ROOM)
    assert parse_methods("shap,rise,shap", ROOM) == ("shap", "rise")


def test_the_command_writes_the_table_and_the_site_shows_it(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    out, file = tmp_path / "out", tmp_path / "methods.json"
    assert lens("build", "--data", photos, "--out", out, *TINY).exit_code == 0
    done = lens(
        "bench", "importance", "--data", photos, *TINY, "--methods", "gradient-input,saliency",
        "--json", file, "--csv", tmp_path / "methods.csv", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "gradient-input" in done.output
    table = Comparison.model_validate(json.loads(file.read_bytes()))
    assert len(table.rows) == 3 * 4
    assert (latest_run(out) / "methods-importance.json").read_bytes() == file.read_bytes()
    assert lens("render", "--out", out).exit_code == 0
    assert "random order" in (out / "site" / "methods" / "index.html").read_text()
