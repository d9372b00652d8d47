"""The charts of cost against quality: where dots stand, and that their labels can be read."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from tiny_results import make_class, write_run

from lens_site.results.comparison import Comparison, ComparisonRow, write_comparison
from lens_site.site.charts.costs import CostChart, Mark, costs
from lens_site.site.charts.labels import GAP, HEIGHT, LETTER, LINE, WIDTH
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

LEVELS = {"random order": "chance"}


def row(method: str, seconds: float | None, **metrics: float | None) -> ComparisonRow:
    return ComparisonRow(
        method=method, class_="median", concepts=10, metrics=metrics, seconds=seconds
    )


def spots(chart: CostChart) -> dict[tuple[str, ...], tuple[float, float]]:
    return {m.text.names: (float(m.x), float(m.y)) for m in chart.marks}


def test_ten_times_the_seconds_is_one_step_and_more_is_up() -> None:
    (chart,) = costs(
        [row("a", 0.1, relative_l2=0.2), row("b", 1.0, relative_l2=0.4),
         row("c", 10.0, relative_l2=0.3)],
        {},
    )  # fmt: skip
    assert (chart.title, chart.better) == ("reconstruction error", "lower")
    place = spots(chart)
    assert [place[n][0] for n in (("a",), ("b",), ("c",))] == [0.0, 50.0, 100.0]
    assert place["b",][1] < place["c",][1] < place["a",][1]
    assert [(t.at, t.label) for t in chart.across] == [
        ("0", "0.1 s"), ("50", "1 s"), ("100", "10 s"),
    ]  # fmt: skip
    assert "a 0.200 in 0.100 s; b 0.400 in 1 s" in chart.alt
    heights = [float(t.at) for t in chart.up]
    assert all(above < below for below, above in pairwise(heights))
    assert all(0 <= h <= 100 for h in heights)


def test_times_that_are_noise_stand_together_on_the_left_edge() -> None:
    (chart,) = costs(
        [row("a", 4e-5, mu_fidelity=1.0), row("b", 9e-4, mu_fidelity=1.0),
         row("c", 0.5, mu_fidelity=-0.25)],
        {},
    )  # fmt: skip
    assert spots(chart)["a", "b"][0] == 0.0
    assert chart.across[0].label == "<1 ms"
    assert "a 1 in less than 0.001 s" in chart.alt
    assert [t.label for t in chart.across[1:3]] == ["10 ms", "0.1 s"]


def test_what_is_none_is_left_out_and_levels_are_no_methods() -> None:
    rows = [
        row("a", 0.1, insertion=0.7, deletion=0.2),
        row("b", 0.2, insertion=0.6, deletion=0.3),
        row("c", 0.3, insertion=0.9, deletion=None),
        row("d", None, insertion=0.9, deletion=0.1),
        row("random order", 0.1, insertion=0.5, deletion=0.5),
    ]
    (chart,) = costs(rows, LEVELS)
    assert (chart.title, chart.better) == ("C-Insertion − C-Deletion", "higher")
    assert set(spots(chart)) == {("a",), ("b",)}
    (chance,) = chart.levels
    assert (chance.kind, chance.value) == ("chance", "0")
    assert float(chance.y) > max(y for _, y in spots(chart).values())
    assert costs(rows[:1], {}) == ()


def box(mark: Mark, width: float) -> tuple[float, float, float, float]:
    wide, tall = LETTER * max(map(len, mark.text.names)), LINE * len(mark.text.names)
    left = float(mark.x) / 100 * width + mark.text.x
    left -= {"start": 0, "end": wide, "middle": wide / 2}[mark.text.anchor]
    top = float(mark.y) / 100 * HEIGHT + mark.text.y - 0.75 * LINE
    return left, top, left + wide, top + tall


@pytest.mark.parametrize("width", [WIDTH, 1.5 * WIDTH])
@pytest.mark.parametrize("seed", range(12))
def test_labels_neither_overlap_nor_hide_a_dot(seed: int, width: float) -> None:
    generator = np.random.default_rng(seed)
    names = ["nmf", "gradient-input", "pca", "integrated-gradients", "sae", "tcav", "rise", "shap"]
    rows = [
        row(name, float(10 ** generator.uniform(-1, 1)), instability=float(generator.uniform()))
        for name in names
    ]
    (chart,) = costs(rows, {})
    boxes = [box(m, width) for m in chart.marks]
    dots = [(float(m.x) / 100 * width, float(m.y) / 100 * HEIGHT) for m in chart.marks]
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(boxes, 2):
        assert min(r1, r2) - max(l1, l2) < 1 or min(b1, b2) - max(t1, t2) < 1
    for left, top, right, bottom in boxes:
        assert left > -1
        assert right < width + 1
        assert not any(left < x < right and top < y < bottom for x, y in dots)


def test_a_label_far_from_its_dot_has_a_line_to_it() -> None:
    rows = [row(f"method-{i}", 1.0, mu_fidelity=1 - 0.02 * i) for i in range(6)]
    rows.append(row("far", 9.0, mu_fidelity=0.0))
    (chart,) = costs(rows, {})
    for mark in chart.marks:
        _, top, _, bottom = box(mark, WIDTH)
        beside = top <= float(mark.y) / 100 * HEIGHT <= bottom
        assert (mark.text.leader is None) == beside
    assert any(m.text.leader for m in chart.marks)
    assert all(abs(m.text.x) <= GAP or m.text.anchor == "middle" for m in chart.marks)


def test_the_charts_stand_on_the_page(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    table = Comparison(
        title="Extraction", paragraphs=(), machine={},
        rows=(row("nmf", 0.4, relative_l2=0.6), row("p<c>a", 0.6, relative_l2=0.5)),
    )  # fmt: skip
    write_comparison(run, "extraction", table)
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    text = (tmp_path / "site/methods/index.html").read_text()
    shown = text[text.index('class="methods__charts"') : text.index("Median over")]
    assert "<title>p&lt;c&gt;a 0.500 in 0.600 s</title>" in shown
    assert shown.count("<circle") == 2
    assert "<small>lower is better</small>" in text
