"""Can this be trusted? What the class score does when concepts are taken out or put in."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Curve, Faithfulness
from lens_site.site.curves import Panel, panel
from lens_site.site.numbers import exact, percent

BETTER = 1.1
"""The first concept has to cost the score so many times what a random one costs, to be clear."""


@dataclass(frozen=True)
class Trust:
    """The section of a class page: a sentence, two charts, figures and remarks."""

    sentence: str
    panels: tuple[Panel, ...]
    method: str
    fidelity: str
    images: int
    remarks: tuple[str, ...]


def trust(result: ClassResult) -> Trust:
    """Return what the section says; nothing in it is computed here but differences."""
    f = result.faithfulness
    drawn = (
        panel("Taking concepts out", _lines(f.deletion, f.random_deletion)),
        panel("Putting concepts in", _lines(f.insertion, f.random_insertion)),
    )
    return Trust(
        sentence=_sentence(f),
        panels=tuple(p for p in drawn if p is not None),
        method=result.importance,
        fidelity="undefined" if f.mu_fidelity is None else exact(f.mu_fidelity, 2),
        images=f.images,
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
    what = (
        "When the concept that counts most is taken out of each image, "
        f"the class score {_change(first)}; when a random one is, it {_change(chance)}"
    )
    if first > BETTER * max(chance, 0.0):
        return f"{what}. So the concepts shown first do move the score most."
    return f"{what}. So the order of the concepts tells little here: do not build on it."


def _change(drop: float) -> str:
    return f"falls by {percent(drop)}" if drop >= 0 else f"rises by {percent(-drop)}"
