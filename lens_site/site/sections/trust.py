"""Can this be trusted? What the claims rest on: pictures, other images, the network."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, Curve, Faithfulness, Kept
from lens_site.site.badges import Badge, badges_of
from lens_site.site.charts.curves import Panel, panel
from lens_site.site.numbers import count, exact, percent
from lens_site.site.records import Section, Site
from lens_site.site.summary import Mention, Part

BETTER = 1.1
"""The first concept has to cost the score so many times what a random one costs, to be clear."""


@dataclass(frozen=True)
class Check:
    """One figure beside what it would be without concepts, or empty."""

    name: str
    value: str
    beside: str
    words: str


@dataclass(frozen=True)
class Trust:
    """What the section shows; ``badges`` are what its sentence mentions, by number."""

    verdict: tuple[Part, ...]
    badges: dict[int, Badge]
    checks: tuple[Check, ...]
    order: str
    construction: bool
    """Whether the order is the best there is by construction."""
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
        verdict=_verdict(result),
        badges=badges_of(result),
        checks=(*_found_again(result), *_kept(result)),
        order=_order(f),
        construction=result.adds_up and result.importance_method == "gradient-input",
        panels=tuple(p for p in panels if p is not None),
        images=count(f.images, "image"),
        remarks=(*result.remarks, *f.notes),
    )


def _lines(order: Curve, chance: Curve) -> list[tuple[str, str, Curve]]:
    return [("order", "most important first", order), ("chance", "in random order", chance)]


def _verdict(result: ClassResult) -> tuple[Part, ...]:
    """Say what covering does in the picture: the one check outside the algebra."""
    tried = [c for c in result.concepts if c.covering]
    if not tried:
        return ("It was not tried here what covering a concept in the picture does. ",)
    counting = [c for c in tried if c.important] or tried
    confirmed = [c for c in counting if _costs(c)]
    places = "windows" if result.extraction.patches == "crops" else "places"
    first = tried[0]
    assert first.covering
    parts: list[Part] = [
        f"Covering the {places} of ",
        Mention(first.number),
        f" in the picture {_moves(first.covering.fall)}; covering as many {places} at random "
        f"{_moves(first.covering.fall_at_random)}. ",
    ]
    if len(counting) == 1:
        told = (
            "So the picture bears it out. "
            if confirmed
            else "So the picture does not bear it out. "
        )
        return (*parts, told)
    kind = "concepts that count" if counting[0].important else "concepts"
    many = {0: "none", len(counting): "both" if len(counting) == 2 else "all"}
    return (
        *parts,
        f"Of the {len(counting)} {kind}, {many.get(len(confirmed), len(confirmed))} "
        f"{'costs' if len(confirmed) == 1 else 'cost'} more than random {places}. ",
    )


def _moves(fall: float) -> str:
    return f"{'lowers' if fall >= 0 else 'raises'} the score by {percent(abs(fall))}"


def _costs(concept: Concept) -> bool:
    covering = concept.covering
    return covering is not None and covering.fall > BETTER * max(covering.fall_at_random, 0.0)


def _found_again(result: ClassResult) -> tuple[Check, ...]:
    refits = result.refits
    if refits is None:
        return ()
    again = [c for c in result.concepts if c.found_again is not None]
    above = sum((c.found_again or 0.0) > refits.random_patches for c in again)
    tried = [count(refits.halves, "half", "halves") if refits.halves else ""]
    tried += [count(refits.seeds, "other start") if refits.seeds else ""]
    how = " and from ".join(t for t in tried if t)
    return (
        Check(
            "found again",
            exact(refits.stability, 2),
            f"{exact(refits.random_patches, 2)} for patches drawn at random",
            f"How alike the concepts are when they are learned again from {how} of "
            f"{count(refits.images, 'image')}; 1 is the same, higher is better. "
            f"{above} of {len(again)} are found again better than random patches match.",
        ),
    )


def _kept(result: ClassResult) -> tuple[Check, ...]:
    """Return what the network says of the concepts alone, beside what a constant guess gets."""
    kept = result.kept
    if kept is None:
        return ()
    return (
        Check(
            "same class",
            percent(kept.same_class),
            "",
            "Images that keep their class when the network is shown only the concepts: every "
            "activation replaced by what they make of it. Mean probability "
            f"{exact(kept.probability, 2)} before, {exact(kept.probability_kept, 2)} after"
            f"{_surer(kept)}.",
        ),
        *_skills(kept, lead=result.score == "margin"),
    )


def _surer(kept: Kept) -> str:
    """Say that what is lost spoke against the class, where it did."""
    if kept.probability_kept <= kept.probability + 0.02:
        return ""
    return ": the network is surer than it was, as what was lost spoke against the class"


def _skills(kept: Kept, *, lead: bool) -> tuple[Check, ...]:
    """Return how much of the error of a constant guess the concepts remove; unknown ones not.

    Where the ``lead`` over the runner-up is the score, that of the class alone is left out.
    """
    guess = f"{percent(0.0)} for always guessing the median"
    how = "How much of the error of that guess the concepts remove, for the score of each image"
    told = kept.margin_skill if lead else kept.skill
    worse = "; here they add to it" if (told or 0.0) < 0 else ""
    r2 = "" if kept.margin_r2 is None else f"; R² {exact(kept.margin_r2, 2)}"
    over = f"the lead over the strongest other class{r2}"
    checks = [
        ("error removed, score", kept.skill, f"{how}{worse}."),
        ("error removed, lead", kept.margin_skill, f"The same for {over}."),
    ]
    if lead:
        checks = [("error removed", kept.margin_skill, f"{how}, {over}{worse}.")]
    return tuple(
        Check(name, percent(value), guess, words)
        for name, value, words in checks
        if value is not None
    )


def _order(f: Faithfulness) -> str:
    """Say what each image's own leading concept costs its score, and a random one."""
    if f.deletion.values is None or f.random_deletion.values is None:
        return "This cannot be measured here: the mean score of the class is zero."
    if len(f.deletion.values) == 2:
        return "There is one concept only, so no order of concepts can be tested."
    first = f.deletion.values[0] - f.deletion.values[1]
    chance = f.random_deletion.values[0] - f.random_deletion.values[1]
    effect = (
        "When the leading concept of each image is taken out of it, "
        f"the score {_change(first)}; when a random one is, it {_change(chance)}."
    )
    if first > BETTER * max(chance, 0.0):
        return effect
    return f"{effect} So the order of the concepts tells little here: do not build on it."


def _change(drop: float) -> str:
    return f"falls by {percent(drop)}" if drop >= 0 else f"rises by {percent(-drop)}"


SECTION = Section(place=50, context=trust)
