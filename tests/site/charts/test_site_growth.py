"""The charts of what more concepts bring."""

from pathlib import Path

from tiny_results import make_class, write_run

from lens_site.results.comparison import Comparison, ComparisonRow, write_comparison
from lens_site.site.charts.growth import growth
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


def row(k: int, error: float | None, method: str = "nmf") -> ComparisonRow:
    return ComparisonRow(
        method=method, class_="a", concepts=k, metrics={"relative_l2": error}, seconds=1.0
    )


ROWS = (row(30, 0.5), row(1, 0.9), row(10, 0.6), row(20, None))


def test_the_line_runs_from_few_concepts_to_many_and_leaves_out_the_unknown() -> None:
    (chart,) = growth(ROWS)
    assert (chart.title, chart.better) == ("reconstruction error", "lower")
    points = [tuple(map(float, p.split(","))) for p in chart.points.split()]
    assert [x for x, _ in points] == [0.0, 31.03, 100.0]
    assert points[0][1] < points[1][1] < points[2][1], "0.9 stands above 0.6 above 0.5"
    assert [t.label for t in chart.across] == ["1", "5", "10", "15", "20", "25", "30"]
    assert (
        chart.alt == "reconstruction error by number of concepts. 1: 0.900, 10: 0.600, 30: 0.500."
    )


def test_two_numbers_or_two_methods_make_no_line() -> None:
    assert growth(ROWS[:2]) == ()
    assert growth((*ROWS, row(10, 0.6, "pca"))) == ()


def test_the_line_stands_on_the_page(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class())
    write_comparison(run, "curve", Comparison(title="k", paragraphs=(), rows=ROWS, machine={}))
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    text = (tmp_path / "site/methods/index.html").read_text()
    assert text.count("<polyline") == 1
    assert "What more concepts bring" in text
    assert "What it costs" not in text
