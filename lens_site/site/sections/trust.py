"""Can this be trusted? What the claims rest on: pictures, other images, the network."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, Curve, Faithfulness, Kept
from lens_site.site.badges import Badge, badges_of
from lens_site.site.charts.curves import Panel, panel
from lens_site.site.language import later, many, say, say_as
from lens_site.site.numbers import exact, percent
from lens_site.site.records import Section, Site
from lens_site.site.retold import retell
from lens_site.site.summary import Part, mixed

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
    shown: str
    """What the lines are."""
    remarks: tuple[str, ...]


def trust(site: Site, result: ClassResult) -> Trust:
    """Return what the section shows; nothing in it is computed here but differences."""
    f = result.faithfulness
    panels = (
        panel(say("Taking concepts out"), _lines(f.deletion, f.random_deletion)),
        panel(say("Putting concepts in"), _lines(f.insertion, f.random_insertion)),
    )
    return Trust(
        verdict=_verdict(result),
        badges=badges_of(result),
        checks=(*_found_again(result), *_kept(result)),
        order=_order(f),
        construction=result.adds_up and result.importance_method == "gradient-input",
        panels=tuple(p for p in panels if p is not None),
        shown=many(
            "The lines show the score as the concepts account for it, in {n} image, each in its "
            "own order.",
            "The lines show the score as the concepts account for it, in {n} images, each in its "
            "own order.",
            f.images,
        ),
        remarks=tuple(map(retell, (*result.remarks, *f.notes))),
    )


def _lines(order: Curve, chance: Curve) -> list[tuple[str, str, Curve]]:
    return [
        ("order", say("most important first"), order),
        ("chance", say("in random order"), chance),
    ]


def _verdict(result: ClassResult) -> tuple[Part, ...]:
    """Say what covering does in the picture: the one check outside the algebra."""
    tried = [c for c in result.concepts if c.covering]
    if not tried:
        return (say("It was not tried here what covering a concept in the picture does."), " ")
    counting = [c for c in tried if c.important] or tried
    confirmed = [c for c in counting if _costs(c)]
    places = say("windows") if result.extraction.patches == "crops" else say("places")
    first = tried[0]
    assert first.covering
    parts = mixed(
        later(
            "Covering the {places} of {concept1} in the picture {effect}; covering as many "
            "{places} at random {other}."
        ),
        [first.number],
        places=places,
        effect=_moves(first.covering.fall),
        other=_moves(first.covering.fall_at_random),
    )
    if len(counting) == 1:
        told = (
            say("So the picture bears it out.")
            if confirmed
            else say("So the picture does not bear it out.")
        )
        return (*parts, told, " ")
    return (*parts, _borne_out(len(confirmed), len(counting), counting[0].important, places), " ")


def _borne_out(confirmed: int, tried: int, counting: bool, places: str) -> str:
    """Say how many of the concepts cost more when they are covered than random places do."""
    kind = (
        say_as("of so many", "concepts that count")
        if counting
        else say_as("of so many", "concepts")
    )
    told = (
        later("Of the {tried} {concepts}, none cost more than random {places}.")
        if confirmed == 0
        else later("Of the {tried} {concepts}, both cost more than random {places}.")
        if confirmed == tried == 2
        else later("Of the {tried} {concepts}, all cost more than random {places}.")
        if confirmed == tried
        else later("Of the {tried} {concepts}, 1 costs more than random {places}.")
        if confirmed == 1
        else later("Of the {tried} {concepts}, {number} cost more than random {places}.")
    )
    return say(told, tried=tried, concepts=kind, number=confirmed, places=places)


def _moves(fall: float) -> str:
    told = (
        later("lowers the score by {share}") if fall >= 0 else later("raises the score by {share}")
    )
    return say(told, share=percent(abs(fall)))


def _costs(concept: Concept) -> bool:
    covering = concept.covering
    return covering is not None and covering.fall > BETTER * max(covering.fall_at_random, 0.0)


def _found_again(result: ClassResult) -> tuple[Check, ...]:
    refits = result.refits
    if refits is None:
        return ()
    again = [c for c in result.concepts if c.found_again is not None]
    above = sum((c.found_again or 0.0) > refits.random_patches for c in again)
    how = []
    if refits.halves:
        how.append(many("from {n} half", "from {n} halves", refits.halves))
    if refits.seeds:
        how.append(many("from {n} other start", "from {n} other starts", refits.seeds))
    alike = many(
        "How alike the concepts are when they are learned again {how} of {n} image; 1 is the same, "
        "higher is better.",
        "How alike the concepts are when they are learned again {how} of {n} images; 1 is the "
        "same, higher is better.",
        refits.images,
        how=say("{one} and {other}", one=how[0], other=how[1]) if len(how) == 2 else "".join(how),
    )
    better = say(
        "{above} of {number} are found again better than random patches match.",
        above=above,
        number=len(again),
    )
    return (
        Check(
            say("found again"),
            exact(refits.stability, 2),
            say("{value} for patches drawn at random", value=exact(refits.random_patches, 2)),
            f"{alike} {better}",
        ),
    )


def _kept(result: ClassResult) -> tuple[Check, ...]:
    """Return what the network says of the concepts alone, beside what a constant guess gets."""
    kept = result.kept
    if kept is None:
        return ()
    return (
        Check(
            say("same class"),
            percent(kept.same_class),
            "",
            say(
                "Images that keep their class when the network is shown only the concepts: every "
                "activation replaced by what they make of it. Mean probability {before} before, "
                "{after} after{surer}.",
                before=exact(kept.probability, 2),
                after=exact(kept.probability_kept, 2),
                surer=_surer(kept),
            ),
        ),
        *_skills(kept, lead=result.score == "margin"),
    )


def _surer(kept: Kept) -> str:
    """Say that what is lost spoke against the class, where it did."""
    if kept.probability_kept <= kept.probability + 0.02:
        return ""
    told = say("the network is surer than it was, as what was lost spoke against the class")
    return f": {told}"


def _skills(kept: Kept, *, lead: bool) -> tuple[Check, ...]:
    """Return how much of the error of a constant guess the concepts remove; unknown ones not.

    Where the ``lead`` over the runner-up is the score, that of the class alone is left out.
    """
    guess = say("{value} for always guessing the median", value=percent(0.0))
    how = say(
        "How much of the error of that guess the concepts remove, for the score of each image"
    )
    told = kept.margin_skill if lead else kept.skill
    worse = "; " + say("here they add to it") if (told or 0.0) < 0 else ""
    r2 = "" if kept.margin_r2 is None else f"; R² {exact(kept.margin_r2, 2)}"
    same = say("The same for the lead over the strongest other class")
    checks = [
        (say("error removed, score"), kept.skill, f"{how}{worse}."),
        (say("error removed, lead"), kept.margin_skill, f"{same}{r2}."),
    ]
    if lead:
        over = say("the lead over the strongest other class")
        checks = [(say("error removed"), kept.margin_skill, f"{how}, {over}{r2}{worse}.")]
    return tuple(
        Check(name, percent(value), guess, words)
        for name, value, words in checks
        if value is not None
    )


def _order(f: Faithfulness) -> str:
    """Say what each image's own leading concept costs its score, and a random one."""
    if f.deletion.values is None or f.random_deletion.values is None:
        return say("This cannot be measured here: the mean score of the class is zero.")
    if len(f.deletion.values) == 2:
        return say("There is one concept only, so no order of concepts can be tested.")
    first = f.deletion.values[0] - f.deletion.values[1]
    chance = f.random_deletion.values[0] - f.random_deletion.values[1]
    effect = say(
        "When the leading concept of each image is taken out of it, the score {effect}; when a "
        "random one is, it {other}.",
        effect=_change(first),
        other=_change(chance),
    )
    if first > BETTER * max(chance, 0.0):
        return effect
    little = say("So the order of the concepts tells little here: do not build on it.")
    return f"{effect} {little}"


def _change(drop: float) -> str:
    told = later("falls by {share}") if drop >= 0 else later("rises by {share}")
    return say(told, share=percent(abs(drop)))


SECTION = Section(place=50, context=trust)
