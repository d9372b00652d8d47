"""The section that asks whether a page can be trusted: its sentences and its figures."""

from pathlib import Path
from typing import Any

from tiny_results import make_class, make_run

from lens_site.results.schema import Covering, Curve, Faithfulness
from lens_site.site import Site
from lens_site.site.sections.trust import Trust, trust
from lens_site.site.summary import Mention


def curve(*values: float) -> Curve:
    return Curve(values=values, auc=sum(values) / len(values))


SITE = Site(Path("unwritten"), make_run())
NOTHING = Curve(values=None, auc=None)


def shown(**changes: Any) -> Trust:
    result, _ = make_class()
    return trust(SITE, result.model_copy(update=changes))


def order(**changes: Any) -> str:
    result, _ = make_class()
    record = result.faithfulness.model_dump()
    return shown(faithfulness=Faithfulness(**{**record, **changes})).order


def verdict(*falls: tuple[float, float] | None, **difficulty: Any) -> str:
    result, _ = make_class(**difficulty)
    concepts = tuple(
        c.model_copy(
            update={
                "covering": None
                if f is None
                else Covering(fall=f[0], fall_at_random=f[1], images=8, places=6)
            }
        )
        for c, f in zip(result.concepts, falls, strict=True)
    )
    parts = shown(concepts=concepts).verdict
    return "".join(f"concept {p.number}" if isinstance(p, Mention) else p for p in parts).replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )


def test_covering_comes_first_beside_random_places() -> None:
    assert verdict((0.34, 0.1), (0.08, 0.1), (0.5, 0.1), (0.0, 0.0)) == (
        "Covering the places of concept 1 in the picture lowers the score by 34 %; covering as "
        "many places at random lowers the score by 10 %. Of the 2 concepts that count, 1 costs "
        "more than random places. "
    )
    against = verdict((-0.05, 0.1), None, None, None)
    assert "raises the score by 5 %" in against
    assert against.endswith("So the picture does not bear it out. ")
    assert "not tried" in verdict(None, None, None, None)


def test_found_again_and_kept_stand_beside_what_chance_reaches() -> None:
    checks = {check.name: check for check in shown().checks}
    assert list(checks) == [
        "found again",
        "same class",
        "error removed, score",
        "error removed, lead",
    ]
    assert checks["found again"].value == "0.70"
    assert checks["found again"].beside == "0.40 for patches drawn at random"
    assert "3 of 4 are found again" in checks["found again"].words
    assert "0.77 before, 0.91 after: the network is surer" in checks["same class"].words
    assert checks["error removed, score"].value == "30\u202f%"
    assert checks["error removed, lead"].words.endswith("R² 0.18.")
    assert shown(kept=None, refits=None).checks == ()


def test_what_holds_by_construction_is_said_so() -> None:
    assert shown().construction
    assert not shown(adds_up=False).construction
    assert not shown(importance_method="rise").construction


def test_the_order_tells_how_much_the_leading_concept_costs() -> None:
    good = order(deletion=curve(1.0, 0.4, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert good.endswith("falls by 60\u202f%; when a random one is, it falls by 10\u202f%.")
    bad = order(deletion=curve(1.0, 0.91, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert bad.endswith("do not build on it.")
    odd = order(deletion=curve(1.0, 1.2, 0.0), random_deletion=curve(1.0, 0.9, 0.0))
    assert "rises by 20\u202f%" in odd
    assert odd.endswith("do not build on it.")


def test_what_is_undefined_is_said_so() -> None:
    assert "cannot be measured" in order(deletion=NOTHING, random_deletion=NOTHING)
    alone = order(deletion=curve(1.0, 0.0), random_deletion=curve(1.0, 0.0))
    assert "one concept only" in alone
