"""The metrics of a class beside those of all classes of the site."""

from pathlib import Path

import pytest
from tiny_results import METRICS, make_class, write_run

from lens_site.results.schema import Metrics
from lens_site.site.numbers import brief
from lens_site.site.publish.render import render
from lens_site.site.sections.measures import MeasureRow, gather, table


def metrics(**changes: float | None) -> Metrics:
    return METRICS.model_copy(update=changes)


THREE = [
    metrics(relative_l2=0.2, logit_r2=0.1, ood=0.4),
    metrics(relative_l2=0.3, logit_r2=None, ood=0.4),
    metrics(relative_l2=0.6, logit_r2=0.4, ood=0.4),
]


def row(of: Metrics, name: str, among: list[Metrics] = THREE) -> MeasureRow:
    return next(r for r in table(of, gather(among)).rows if r.name == name)


def test_a_class_lies_between_the_lowest_and_the_highest() -> None:
    middle = row(THREE[1], "reconstruction error")
    assert (middle.value, middle.median) == ("0.300", "0.300")
    assert middle.spread is not None
    assert (middle.spread.here, middle.spread.median) == ("25", "25")
    assert middle.spread.told == (
        "reconstruction error: from 0.200 to 0.600 over 3 classes; this class is above 1 of them"
    )
    last = row(THREE[2], "reconstruction error").spread
    assert last is not None
    assert (last.here, last.median) == ("100", "25")


def test_what_is_unknown_neither_counts_nor_stands_on_the_line() -> None:
    unknown = row(THREE[1], "logit R²")
    assert (unknown.value, unknown.known) == ("unknown", False)
    assert "Unknown here: the score never varies" in unknown.words
    assert unknown.median == "0.250"
    assert unknown.spread is not None
    assert unknown.spread.here is None
    assert "over 2 classes" in unknown.spread.told
    assert row(metrics(logit_r2=None), "logit R²", [metrics(logit_r2=None)]).median == "–"


def test_zero_is_known() -> None:
    some = [metrics(dead_concepts=n) for n in (0, 0, 2)]
    dead = row(some[2], "dead concepts", some)
    assert (dead.value, dead.median) == ("2", "0")


def test_classes_that_are_alike_have_no_line() -> None:
    assert row(THREE[0], "out of distribution").spread is None


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (3.0, "3"), (0.5, "0.500"), (-0.25, "−0.250"), (203.8, "204"),
     (12345.6, "12,346")],
)  # fmt: skip
def test_figures_of_any_size_are_short(value: float, written: str) -> None:
    assert brief(value) == written


def test_the_table_stands_on_the_page_with_the_median_of_all_classes(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "run",
        make_class(1, metrics=metrics(logit_r2=0.11, relative_l2=0.2)),
        make_class(2, metrics=metrics(logit_r2=None, relative_l2=0.4)),
        make_class(3, metrics=metrics(logit_r2=0.31, relative_l2=0.6)),
    )
    render(run, tmp_path / "site")
    page = {p.parent.name: p.read_text() for p in tmp_path.glob("site/classes/*/index.html")}
    first, second = page["0001-espresso"], page["0002-espresso"]
    assert "median of 3 classes" in first
    shown = first[first.index("reconstruction error <small>") :]
    assert shown.index(">0.200<") < shown.index(">0.400<") < shown.index("above 0 of them")
    assert "The last three are measured on a sample of 2,009 patches" in second
    assert "Unknown here: the score never varies" in second
    assert "Unknown here" not in first
    assert "A real patch lies 0.300 from the nearest other one" in first
    assert "where it stands" in first


def test_one_class_alone_has_no_median(tmp_path: Path) -> None:
    render(write_run(tmp_path / "run", make_class()), tmp_path / "site")
    text = (tmp_path / "site/classes/0967-espresso/index.html").read_text()
    assert "reconstruction error <small>" in text
    assert "median of" not in text
    assert "where it stands" not in text
