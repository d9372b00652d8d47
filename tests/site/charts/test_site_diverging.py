"""The diverging bars of a class and its rival."""

import pytest
from tiny_results import make_class

from lens_site.site.badges import badges_of
from lens_site.site.charts.diverging import Diverging, diverging


def drawn(least: float = 0.0) -> Diverging:
    result, _ = make_class()
    return diverging(result.rivals[0], badges_of(result), "espresso", least)


def test_the_parts_add_up_to_the_lead() -> None:
    chart = drawn()
    values = [float(row.value.replace("\N{MINUS SIGN}", "-")) for row in chart.rows]
    assert sum(values) == pytest.approx(float(chart.sum), abs=0.03)
    assert [row.label for row in chart.rows[-2:]] == ["everything else", "constant"]
    sizes = [abs(v) for v in values[:-2]]
    assert sizes == sorted(sizes, reverse=True)


def test_bars_leave_zero_to_their_own_side() -> None:
    chart = drawn()
    zero = float(chart.zero)
    assert 0 < zero < 100
    for row in chart.rows:
        left, right = float(row.left), float(row.left) + float(row.width)
        assert row.against == row.value.startswith("\N{MINUS SIGN}")
        assert (right if row.against else left) == pytest.approx(zero, abs=0.02)


def test_small_parts_are_one_row() -> None:
    labels = [row.label for row in drawn(least=0.2).rows if row.badge is None]
    assert labels == ["other concepts", "everything else", "constant"]
