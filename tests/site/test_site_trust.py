"""The section that asks whether a page can be trusted: its sentence, its charts."""

from typing import Any

import pytest
from site_run import make_class

from lens_site.results.schema import Curve, Faithfulness
from lens_site.site.curves import panel
from lens_site.site.trust import trust


def curve(*values: float) -> Curve:
    return Curve(values=values, auc=sum(values) / len(values))


NOTHING = Curve(values=None, auc=None)


def said(**changes: Any) -> str:
    result, _ = make_class()
    record = result.faithfulness.model_dump()
    kept = {"faithfulness": Faithfulness(**{**record, **changes})}
    return trust(result.model_copy(update=kept)).sentence


def test_curves_start_at_the_whole_score_on_the_left_and_high_is_up() -> None:
    drawn = panel("out", [("order", "first", curve(1.0, 0.25, 0.0))])
    assert drawn is not None
    assert drawn.lines[0].points == "0.00,0.00 50.00,75.00 100.00,100.00"
    assert [(r.y, r.label) for r in drawn.rules] == [
        ("100.00", "0\u202f%"),
        ("0.00", "100\u202f%"),
    ]
    assert "from 100\u202f% over 25\u202f% halfway to 0\u202f%" in drawn.alt


def test_a_negative_score_stays_inside_the_chart() -> None:
    drawn = panel("out", [("order", "first", curve(-1.0, -1.5, 0.0))])
    assert drawn is not None
    heights = [float(p.partition(",")[2]) for p in drawn.lines[0].points.split()]
    assert heights == [pytest.approx(66.67), 100.0, 0.0]


def test_nothing_is_drawn_of_nothing() -> None:
    assert panel("out", [("order", "first", NOTHING)]) is None


def test_the_sentence_tells_how_much_the_first_concept_costs() -> None:
    good = said(deletion=curve(1.0, 0.4, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert "falls by 60\u202f%; when a random one is, it falls by 10\u202f%. So the con" in good
    bad = said(deletion=curve(1.0, 0.91, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert bad.endswith("do not build on it.")
    odd = said(deletion=curve(1.0, 1.2, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert "rises by 20\u202f%" in odd
    assert odd.endswith("do not build on it.")


def test_what_is_undefined_is_said_so() -> None:
    assert "cannot be measured" in said(deletion=NOTHING, random_deletion=NOTHING)
    alone = said(deletion=curve(1.0, 0.0), random_deletion=curve(1.0, 0.0))
    assert "one concept only" in alone
