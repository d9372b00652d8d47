"""The one map from values to places."""

import math

import pytest

from lens_site.site.charts.axis import Axis, round_numbers, written


@pytest.mark.parametrize(
    ("axis", "value", "place"),
    [
        (Axis(0.0, 4.0), 1.0, 25.0),
        (Axis(0.0, 4.0, up=True), 1.0, 75.0),
        (Axis(-1.0, 1.0), 0.0, 50.0),
        (Axis(0.1, 10.0, scale=math.log10), 1.0, 50.0),
        (Axis(0.1, 1000.0, up=True, scale=math.log10), 10.0, 50.0),
        (Axis(2.0, 2.0), 2.0, 0.0),
        (Axis(0.0, 1.0), 1.5, 150.0),
    ],
)
def test_a_value_has_one_place(axis: Axis, value: float, place: float) -> None:
    assert axis.place(value) == pytest.approx(place)
    assert float(axis.at(value)) == pytest.approx(place, abs=0.005)


def test_the_ends_are_the_edges_and_distances_have_no_sign() -> None:
    for up in (False, True):
        axis = Axis(-3.0, 5.0, up)
        assert (axis.place(-3.0), axis.place(5.0)) == ((100.0, 0.0) if up else (0.0, 100.0))
        assert axis.between(-3.0, 1.0) == axis.between(1.0, -3.0) == "50"


def test_around_leaves_room_and_decades_end_at_powers_of_ten() -> None:
    axis = Axis.around([1.0, 2.0])
    assert (axis.low, axis.high) == pytest.approx((0.88, 2.12))
    alone = Axis.around([0.0])
    assert alone.low < 0 < alone.high
    decades = Axis.decades([0.02, 3.0])
    assert (decades.low, decades.high) == pytest.approx((0.01, 10.0))
    assert Axis.decades([1.0]).high == 10.0


def test_ticks_are_round_and_stand_where_their_values_do() -> None:
    axis = Axis(-0.3, 1.1, up=True)
    assert [t.label for t in axis.ticks()] == ["−0.2", "0", "0.2", "0.4", "0.6", "0.8", "1"]
    for value, tick in zip(round_numbers(-0.3, 1.1), axis.ticks(), strict=True):
        assert tick.at == axis.at(value)


def test_places_are_written_short() -> None:
    assert [written(v) for v in (0.0, -0.001, 12.5, 33.333, 100.0)] == [
        "0", "0", "12.5", "33.33", "100",
    ]  # fmt: skip
