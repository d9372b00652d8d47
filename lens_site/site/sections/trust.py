"""Can this be trusted? What the class score does when concepts are taken out or put in."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Curve, Faithfulness
from lens_site.site.charts.curves import Panel, panel
from lens_site.site.numbers import count, percent
from lens_site.site.records import Section, Site

BETTER = 1.1
"""The first concept has to cost the score so many times what a random one costs, to be clear."""


@dataclass(frozen=True)
class Trust:
    """What the section shows: a sentence, two charts and remarks."""

    sentence: str
    panels: tuple[Panel, ...]
    images: str
    remarks: tuple[str, ...]


def trust(site: Site, result: ClassResult) -> Trust:
    """Return what the section shows; nothing in it is computed here but differences."""
    f = result.faithfulness
    panels = (
        panel("Taking concepts out", _lines(f.deletion, f.random_deletion)),
        panel("Putting concepts in", _lines(f.insertion, f.random_insertion)),
    )
    return Trust(
        sentence=_sentence(f),
        panels=tuple(p for p in panels if p is not None),
        images=count(f.images, "image"),
        remarks=(*result.remarks, *f.notes),
    )


def _lines(order: Curve, chance: Curve) -> list[tuple[str, str, Curve]]:
    return [("order", "most important first", order), ("chance", "in random order", chance)]


def _sentence(f: Faithfulness) -> str:
    if f.deletion.values is None or f.random_deletion.values is None:
        return "This cannot be measured here: the mean score of the class is zero."
    if len(f.deletion.values) == 2:
        return "There is one concept only, so no order of concepts can be tested."
    first = f.deletion.values[0] - f.deletion.values[1]
    chance = f.random_deletion.values[0] - f.random_deletion.values[1]
    effect = (
        "When the concept that counts most is taken out of each image, "
        f"the class score {_change(first)}; when a random one is, it {_change(chance)}"
    )
    if first > BETTER * max(chance, 0.0):
        return f"{effect}. So the concepts shown first do move the score most."
    return f"{effect}. So the order of the concepts tells little here: do not build on it."


def _change(drop: float) -> str:
    return f"falls by {percent(drop)}" if drop >= 0 else f"rises by {percent(-drop)}"


SECTION = Section(place=50, context=trust)
