"""Groups of images: strategies where the data support any, and always those of one leading concept.

Which concepts trade off is read off the images here: the share of one is low where that of the
other is high.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from statistics import correlation

from lens_site.results.schema import ClassResult, LabelCount, Separation, Strategy
from lens_site.results.shown import TYPICAL, UNUSUAL
from lens_site.site.badges import Badge, badges_of, is_wrong, tones
from lens_site.site.charts.nodes import SMALL
from lens_site.site.charts.profile import Profile, profile
from lens_site.site.language import later, many, many_as, say
from lens_site.site.numbers import capital, change, exact, letter, percent, short, span
from lens_site.site.pictures import Crop, picture
from lens_site.site.records import Section, Site
from lens_site.site.retold import retell

NAMED = 4
"""Labels of mistakes that are named; the others are counted."""

OPPOSED, ERRORS, PAIRS = 0.35, 2.5, 2
"""Two concepts trade off from this correlation on, where it is so many standard errors beyond
what shares have anyhow, as they add up to one; and how many such pairs are named.
"""

TOLD, CLEAR = 2, 0.03
"""Concepts that tell a group apart, each way, and the difference of shares from which on."""

WELL, PARTLY = 0.6, 0.2
"""Parts of the way from what clouds without groups reach to full agreement of halves."""

SURELY = 0.95
"""Agreement of halves that is called well whatever clouds without groups reach."""


@dataclass(frozen=True)
class Picture:
    """One image of a group, and in a word why it is shown."""

    image: int
    crop: Crop
    why: str


@dataclass(frozen=True)
class GroupCard:
    """Images recognized for the same reason, or, with a badge, led by the same concept."""

    id: str
    name: str
    badge: Badge | None
    size: str
    share: str
    right: str
    """Part of the labeled ones that are right, with its range; empty where none is labeled."""
    profile: Profile
    more: tuple[tuple[Badge, str], ...]
    less: tuple[tuple[Badge, str], ...]
    """Concepts that tell a strategy from the rest of the class, with the difference in share."""
    pictures: tuple[Picture, ...]
    mistakes: str


@dataclass(frozen=True)
class Strategies:
    """What the section shows."""

    name: str
    heading: str
    verdict: str
    opposed: tuple[tuple[Badge, Badge], ...]
    cards: tuple[GroupCard, ...]
    groups: tuple[GroupCard, ...]
    few: tuple[tuple[Badge, str], ...]
    """Leading groups too small for a card: the concept, and how many images."""


def strategies(site: Site, result: ClassResult) -> Strategies | None:
    """Return what the section shows; one image is no group."""
    if len(result.images) == 1:
        return None
    badges = badges_of(result)
    few = [g for g in result.groups[1:] if g.size < SMALL]
    return Strategies(
        name=result.name.name,
        heading=_heading(result),
        verdict=_verdict(result),
        opposed=() if result.strategies else _opposed(result, badges),
        cards=tuple(_card(s, result, badges) for s in result.strategies),
        groups=tuple(
            _card(g, result, badges, badges[g.dominant]) for g in result.groups if g not in few
        ),
        few=tuple(
            (badges[g.dominant], many_as("in so many", "{n} image", "{n} images", g.size))
            for g in few
        ),
    )


def _heading(result: ClassResult) -> str:
    groups = len(result.strategies)
    if not groups:
        return say("No separate groups")
    return many("One group that stands apart", "{n} groups that stand apart", groups)


def _verdict(result: ClassResult) -> str:
    """Say whether the images fall into groups, and what that rests on."""
    tested = result.separation
    if tested is None:
        return "" if result.strategies else say("The images blend these concepts.")
    if tested.reason and not result.strategies:
        told = f"{capital(retell(tested.reason))}."
        return told if tested.agreement is None else f"{told} {_agreement(tested)}"
    rests = _chance(tested)
    if not result.strategies:
        return rests or say("The images blend these concepts.")
    told = rests or say("The images fall into groups.")
    return f"{told} {_agreement(tested)}" if tested.agreement is not None else told


def _chance(tested: Separation) -> str:
    if tested.p_value is None:
        return ""
    if tested.groups:
        return many(
            "The images fall into groups: they are more separate than {n} continuous cloud "
            "without groups would lead to expect (p = {p}).",
            "The images fall into groups: they are more separate than {n} continuous clouds "
            "without groups would lead to expect (p = {p}).",
            tested.draws,
            p=short(tested.p_value),
        )
    return many(
        "The images blend these concepts: they are no more separate than {n} continuous cloud "
        "without groups would lead to expect (p = {p}).",
        "The images blend these concepts: they are no more separate than {n} continuous clouds "
        "without groups would lead to expect (p = {p}).",
        tested.draws,
        p=short(tested.p_value),
    )


def _agreement(tested: Separation) -> str:
    """Say how far halves of the images give the same groups; 0 is chance, 1 is all."""
    value, chance = tested.agreement or 0.0, tested.agreement_null
    beyond = (value - (chance or 0.0)) / max(1 - (chance or 0.0), 1e-6)
    told = (
        later("Grouped anew, halves of the images agree well ({figure}).")
        if beyond >= WELL or value >= SURELY
        else later("Grouped anew, halves of the images agree in part ({figure}).")
        if beyond >= PARTLY
        else later("Grouped anew, halves of the images hardly agree ({figure}).")
    )
    figure = say("{value} of 1", value=exact(value, 2))
    if chance is not None:
        figure += "; " + say("{value} without groups", value=exact(chance, 2))
    return say(told, figure=figure)


def _opposed(result: ClassResult, badges: dict[int, Badge]) -> tuple[tuple[Badge, Badge], ...]:
    """Return the pairs of concepts that trade off most; each concept is in one of them."""
    counting = [c.number for c in result.concepts if c.important]
    if len(counting) < 2:
        return ()
    anyhow = 1 / (len(result.concepts) - 1)
    least = max(OPPOSED, anyhow + ERRORS / math.sqrt(len(result.images)))
    shares = [_shares(image.importance) for image in result.images]
    of = {n: [row[n - 1] for row in shares] for n in counting}
    pairs = sorted(
        (round(_correlation(of[a], of[b]), 6), a, b)
        for i, a in enumerate(counting)
        for b in counting[i + 1 :]
    )
    chosen: list[tuple[Badge, Badge]] = []
    taken: set[int] = set()
    for value, a, b in pairs:
        if value <= -least and not taken & {a, b} and len(chosen) < PAIRS:
            chosen.append((badges[a], badges[b]))
            taken |= {a, b}
    return tuple(chosen)


def _shares(importance: Sequence[float]) -> list[float]:
    total = fsum(map(abs, importance)) or 1.0
    return [value / total for value in importance]


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the correlation; 0 where one of them never varies."""
    return correlation(one, other) if len(set(one)) > 1 and len(set(other)) > 1 else 0.0


def _card(
    group: Strategy, result: ClassResult, badges: dict[int, Badge], badge: Badge | None = None
) -> GroupCard:
    name = letter(group.number) if badge is None else str(badge.number)
    return GroupCard(
        id=f"strategy-{name.lower()}" if badge is None else f"led-by-{name}",
        name=name,
        badge=badge,
        size=many("{n} image", "{n} images", group.size),
        share=percent(group.prevalence),
        right=_right(group),
        profile=profile(group.profile, tones(result)),
        more=_told(group, badges, 1) if badge is None else (),
        less=_told(group, badges, -1) if badge is None else (),
        pictures=_pictures(group, result, badge),
        mistakes=_mistakes(group.mistakes),
    )


def _pictures(group: Strategy, result: ClassResult, badge: Badge | None) -> tuple[Picture, ...]:
    """Return typical, unusual and mistaken images, each once."""
    said = (
        say("strategy {letter}", letter=letter(group.number))
        if badge is None
        else say("the images that concept {number} leads", number=badge.number)
    )
    typical = group.prototypes[:TYPICAL]
    mistaken = [i for i in group.mistaken if i not in typical]
    unusual = [i for i in group.outliers if i not in (*typical, *mistaken)]
    kinds = (
        (say("typical"), say("typical image of {group}", group=said), typical),
        (
            say("unusual"),
            say("unusual image of {group}", group=said),
            unusual[: UNUSUAL - len(mistaken)],
        ),
        (say("mistake"), say("mistake image of {group}", group=said), mistaken),
    )
    return tuple(
        Picture(i, picture(result, i, alt), _caption(kind, i, result))
        for kind, alt, positions in kinds
        for i in positions
    )


def _caption(kind: str, position: int, result: ClassResult) -> str:
    image = result.images[position]
    wrong = is_wrong(image, result.name.index)
    return say("{kind}, labeled {name}", kind=kind, name=image.label_name) if wrong else kind


def _told(group: Strategy, badges: dict[int, Badge], way: int) -> tuple[tuple[Badge, str], ...]:
    """Return the concepts that weigh more in it (``way`` 1), or less (−1), the clearest first."""
    apart = sorted(((way * v, n) for n, v in enumerate(group.apart, start=1)), reverse=True)
    return tuple((badges[n], change(way * v)) for v, n in apart[:TOLD] if v >= CLEAR)


def _right(group: Strategy) -> str:
    if group.reliability is None:
        return ""
    around = group.reliability_interval
    return percent(group.reliability) + (f" ({span(*around)})" if around else "")


def _mistakes(labels: Sequence[LabelCount]) -> str:
    named = [f"{label.name} ({label.count})" for label in labels[:NAMED]]
    others = sum(label.count for label in labels[NAMED:])
    more = [many("{n} more", "{n} more", others)] if others else []
    return ", ".join([*named, *more])


SECTION = Section(place=40, context=strategies)
