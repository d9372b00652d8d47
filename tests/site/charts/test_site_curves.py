"""Line charts: where their points and rules stand."""

import pytest

from lens_site.results.schema import Curve
from lens_site.site.charts.curves import panel

NOTHING = Curve(values=None, auc=None)


def curve(*values: float) -> Curve:
    return Curve(values=values, auc=sum(values) / len(values))


def test_curves_start_at_the_whole_score_on_the_left_and_high_is_up() -> None:
    drawn = panel("out", [("order", "first", curve(1.0, 0.25, 0.0))])
    assert drawn is not None
    assert drawn.lines[0].points == "0,0 50,75 100,100"
    assert [(r.at, r.label) for r in drawn.rules] == [
        ("100", "0\u202f%"),
        ("0", "100\u202f%"),
    ]
    assert "from 100\u202f% over 25\u202f% halfway to 0\u202f%" in drawn.alt


def test_a_negative_score_stays_inside_the_chart() -> None:
    drawn = panel("out", [("order", "first", curve(-1.0, -1.5, 0.0))])
    assert drawn is not None
    heights = [float(p.partition(",")[2]) for p in drawn.lines[0].points.split()]
    assert heights == [pytest.approx(66.67), 100.0, 0.0]


def test_nothing_is_drawn_of_nothing() -> None:
    assert panel("out", [("order", "first", NOTHING)]) is None
