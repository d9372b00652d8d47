"""The bars of the shares."""

import pytest
from tiny_results import make_class

from lens_site.site.charts.bars import bars, swings


def test_bars_share_one_axis_and_keep_their_sign() -> None:
    result, _ = make_class()
    shown = bars(result.concepts)
    zero = float(shown[0].zero)
    assert {b.zero for b in shown} == {shown[0].zero}
    assert zero > 0, "the last concept is negative, so the axis reaches below zero"
    first, last = shown[0], shown[-1]
    assert float(first.left) == zero
    assert float(last.left) < zero
    assert float(last.left) + float(last.width) == pytest.approx(zero, abs=0.02)
    ratio = float(first.width) / float(last.width)
    assert ratio == pytest.approx(-result.concepts[0].share / result.concepts[-1].share, rel=0.01)


def test_swings_reach_to_both_sides_of_zero() -> None:
    small, large, other = swings([(-0.1, 0.1), (-0.3, 0.2)], [0.7])
    assert {bar.zero for bar in (small, large, other)} == {"30"}
    assert (small.left, small.width) == ("20", "20")
    assert (large.left, large.width) == ("0", "50")
    assert (other.left, other.width, other.interval) == ("30", "70", "")
