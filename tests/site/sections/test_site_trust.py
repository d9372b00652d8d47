"""The section that asks whether a page can be trusted: its sentence."""

from pathlib import Path
from typing import Any

from tiny_results import make_class, make_run

from lens_site.results.schema import Curve, Faithfulness
from lens_site.site import Site
from lens_site.site.sections.trust import trust


def curve(*values: float) -> Curve:
    return Curve(values=values, auc=sum(values) / len(values))


SITE = Site(Path("unwritten"), make_run())
NOTHING = Curve(values=None, auc=None)


def said(**changes: Any) -> str:
    result, _ = make_class()
    record = result.faithfulness.model_dump()
    kept = {"faithfulness": Faithfulness(**{**record, **changes})}
    return trust(SITE, result.model_copy(update=kept)).sentence


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
