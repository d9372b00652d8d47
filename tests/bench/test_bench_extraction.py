"""`lens bench extraction` on a tiny network: the table, its files, its errors."""

import csv
import json
import sys
from pathlib import Path

import pytest
import torch
from support import Lens

from lens_site.bench.cost import measured
from lens_site.bench.extraction import compare, curve
from lens_site.bench.subject import Subject, parse_methods, take
from lens_site.config import BuildConfig
from lens_site.errors import ClassError, ConfigError
from lens_site.results import latest_run
from lens_site.results.comparison import Comparison, ComparisonRow

TINY = ("--model", "tiny_model:net", "--min-images", "5", "-k", "3", "--workers", "1")


def silent(done: int, total: int, note: str) -> None:
    pass


@pytest.fixture
def subject(photos: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.chdir(Path(__file__).parents[1])
    config = BuildConfig(
        data=str(photos), model="tiny_model:net", min_images=5, max_images=11, workers=1
    )
    return take(config, largest=2, report=silent)


def test_largest_classes_are_taken(subject: Subject) -> None:
    assert [(c.slug, len(c.positions)) for c in subject.classes] == [
        ("0000-red", 11),
        ("0001-green", 11),
    ]
    assert subject.classes[0].rows.shape == (11 * 64, 6)
    assert subject.classes[0].images_of_rows.tolist() == [i for i in range(11) for _ in range(64)]


def test_orderings_of_the_methods(subject: Subject) -> None:
    table = compare(subject, ("kmeans", "nmf", "pca"), concepts=3, seed=0, report=silent)
    of = {row.method: row.metrics for row in table.medians()}
    assert len(table.rows) == 6
    assert of["pca"]["relative_l2"] <= of["nmf"]["relative_l2"] < of["kmeans"]["relative_l2"]
    assert of["kmeans"]["sparsity"] == pytest.approx(2 / 3)
    assert of["nmf"]["explained_logit"] > 0.9
    assert of["nmf"]["logit_r2"] > of["kmeans"]["logit_r2"] > 0
    assert of["pca"]["frechet_distance"] < of["kmeans"]["frechet_distance"]
    assert all(row.seconds is not None and row.seconds > 0 for row in table.rows)


def test_the_same_seed_gives_the_same_figures(subject: Subject) -> None:
    def figures() -> list[dict[str, float | None]]:
        table = compare(subject, ("nmf", "kmeans"), concepts=3, seed=1, report=silent)
        return [{**row.metrics, "memory_mib": None} for row in table.rows]

    assert figures() == figures()


def test_more_concepts_reconstruct_better(subject: Subject) -> None:
    table = curve(subject, "nmf", seed=0, report=silent, tried=(1, 2, 3))
    losses = [row.metrics["relative_l2"] for row in table.medians()]
    assert [row.concepts for row in table.medians()] == [1, 2, 3]
    assert losses[0] > losses[1] > losses[2]
    for name, called in (("explained_logit", "explained logit"), ("logit_r2", "logit R²")):
        assert any(text.startswith(f"{called}: ") for text in table.paragraphs)
        assert all(row.metrics[name] is not None for row in table.rows)
    assert not any("wasserstein" in text for text in table.paragraphs)


def test_median_leaves_out_what_is_undefined() -> None:
    rows = tuple(
        ComparisonRow(method="nmf", class_=c, concepts=2, metrics={"a": a}, seconds=1.0)
        for c, a in (("x", 1.0), ("y", None), ("z", 4.0))
    )
    table = Comparison(title="t", paragraphs=(), rows=rows, machine={})
    assert table.medians()[0].metrics == {"a": 2.5}
    assert table.to_csv().splitlines()[2] == "nmf,y,2,,1.0,"


def test_command_writes_json_csv_and_the_table_of_a_build(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "build"
    built = lens("build", "--data", photos, *TINY, "--out", out)
    assert built.exit_code == 0, built.output
    done = lens(
        "bench", "extraction", "--data", photos, *TINY, "--methods", "nmf,kmeans", "--largest", 1,
        "--json", tmp_path / "a.json", "--csv", tmp_path / "a.csv", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "a.json").read_text())
    assert [(r["method"], r["class"]) for r in written["rows"]] == [
        ("nmf", "0000-red"),
        ("kmeans", "0000-red"),
    ]
    assert (latest_run(out) / "methods-extraction.json").read_bytes() == (
        tmp_path / "a.json"
    ).read_bytes()
    lines = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert float(lines[0]["relative_l2"]) == written["rows"][0]["metrics"]["relative_l2"]
    assert "kmeans" in done.output


def test_a_build_of_another_network_takes_no_table(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "build"
    assert lens("build", "--data", photos, *TINY, "--out", out).exit_code == 0
    done = lens(
        "bench", "extraction", "--data", photos, "--model", "tiny_model:signed", "--min-images", 5,
        "-k", 2, "--methods", "pca", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 1
    assert "measured was tiny_model:signed" in done.output
    assert not (latest_run(out) / "methods-extraction.json").exists()


def test_refused_activations_are_a_row_that_says_why(
    lens: Lens, photos: Path, tmp_path: Path
) -> None:
    done = lens(
        "bench", "extraction", "--data", photos, "--model", "tiny_model:signed",
        "--min-images", 5, "-k", 2, "--methods", "nmf,semi-nmf", "--largest", 1,
        "--json", tmp_path / "a.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    refused, fine = json.loads((tmp_path / "a.json").read_text())["rows"]
    assert "use semi-nmf" in refused["note"]
    assert refused["seconds"] is None
    assert fine["metrics"]["relative_l2"] < 1


def test_unknown_method_and_classes_without_images(photos: Path) -> None:
    with pytest.raises(ConfigError, match="methods: no 'nfm'; did you mean 'nmf'"):
        parse_methods("pca,nfm", "extraction.methods")
    config = BuildConfig(data=str(photos), model="tiny_model:net", min_images=500)
    with pytest.raises(ClassError, match="none of the 3 asked for has --min-images 500"):
        take(config, largest=1, report=silent)


def test_peers_reach_the_same_error(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "craft", None)
    done = lens(
        "bench", "extraction", "--data", photos, *TINY, "--peers", "--json", tmp_path / "a.json"
    )
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "a.json").read_text())
    nmf = figures["nmf_against_scikit_learn"]
    assert nmf["rows"] == 12 * 64
    assert nmf["lens_error"] == pytest.approx(nmf["scikit_learn_error"], abs=0.01)
    assert "pip install craft-xai" in figures["explanation_against_craft_xai"]


def test_cost_tells_the_memory_of_one_call() -> None:
    def costly() -> float:
        return float(torch.ones(4_000_000).sum())

    for _ in range(2):
        total, cost = measured(costly, torch.device("cpu"))
        assert total == 4_000_000
        assert cost.seconds > 0
        assert cost.memory_bytes is None or 12e6 < cost.memory_bytes < 40e6
    _, small = measured(lambda: None, torch.device("cpu"))
    assert small.memory_bytes is None or small.memory_bytes < 12e6


@pytest.mark.parametrize("what", ["extraction", "importance"])
def test_a_bench_needs_a_number_of_concepts(lens: Lens, photos: Path, what: str) -> None:
    done = lens("bench", what, "--data", photos, "--model", "tiny_model:net", "-k", "auto")
    assert done.exit_code == 2
    assert done.output.strip() == (
        "lens: concepts: auto is for builds, measuring needs a number; give -k 10"
    )
