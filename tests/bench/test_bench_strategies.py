"""`lens bench strategies`: planted groups are found, single clouds are left whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from support import Lens

from lens_site.bench import strategies as bench
from lens_site.errors import ConfigError
from lens_site.results.comparison import Comparison


def test_the_command_prints_and_writes_the_table(lens: Lens, tmp_path: Path) -> None:
    file = tmp_path / "strategies.json"
    done = lens(
        "bench", "strategies", "--sizes", "60", "--seeds", 2, "--json", file,
        "--csv", tmp_path / "strategies.csv",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    table = Comparison.model_validate(json.loads(file.read_bytes()))
    of = {(row.method, row.class_): row.metrics for row in table.rows}
    assert len(of) == 3 * (2 * len(bench.STRENGTHS) + len(bench.CLOUDS))
    assert of["copula", "very strong patterns, n = 60"]["adjusted_rand"] > 0.9
    assert of["copula", "one cloud, flat Dirichlet, n = 60"]["wrongly_split"] == 0
    assert of[bench.LEADING, "one cloud, flat Dirichlet, n = 60"]["wrongly_split"] == 1
    (line,) = [one for one in done.output.splitlines() if one.startswith("very strong patterns")]
    right = of[bench.LEADING, "very strong patterns, n = 60"]["adjusted_rand"]
    assert line.split()[-2] == f"{right:.2f}"


@pytest.mark.parametrize("family", [bench.patterns, bench.centers])
def test_mixtures_are_the_same_for_the_same_seed(family) -> None:
    points, truth = family(60, 4, "weak", 3)
    np.testing.assert_array_equal(points, family(60, 4, "weak", 3)[0])
    assert not np.array_equal(points, family(60, 4, "weak", 4)[0])
    assert np.bincount(truth).tolist() == [15] * 4
    np.testing.assert_allclose(np.abs(points).sum(axis=1), 1)


def test_leading_groups_are_what_the_strengths_are_measured_by() -> None:
    reached = [
        np.mean(
            [
                bench._row("", bench.by_leading, problem).metrics["adjusted_rand"]
                for problem in bench.problems([200], 10)
                if problem.name.startswith(f"{strength} patterns")
            ]
        )
        for strength in bench.STRENGTHS
    ]
    assert reached == pytest.approx([0.27, 0.56, 0.87, 0.97], abs=0.06)


@pytest.mark.parametrize("text", ["", "60,x", "5", "1e3"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no number from 10 to 2,000; give 60,200"):
        bench.parse_sizes(text)
    assert bench.parse_sizes("60, 200,60") == (60, 200)
