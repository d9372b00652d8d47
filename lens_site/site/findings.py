"""What the audit found, as lines to read: who, a number with its uncertainty, what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from lens_site.results.schema import Finding
from lens_site.site.across import Across, Seen, group_address
from lens_site.site.charts.against import Against, against
from lens_site.site.language import many, say
from lens_site.site.numbers import exact, letter, percent, span, whole
from lens_site.site.pictures import Crop

STRONGEST = 3
"""Findings that the home page shows."""

SHOWN = 4
"""Members of a group that stand for it."""


@dataclass(frozen=True)
class Line:
    """One finding; addresses are from the root of the site."""

    kind: str
    name: str
    seen: Seen | None
    """The concept, where it is one."""
    address: str
    tiles: tuple[tuple[str, Crop], ...]
    """Pictures and the folders they are in."""
    number: str
    around: str
    """Its range in the unit of the number; empty where it has none."""
    what: str
    """What the number is of."""
    sentence: str
    chart: Against | None


def lines(found: Across) -> tuple[Line, ...]:
    """Return all findings, by kind, the clearest first."""
    return tuple(_line(found, finding) for finding in found.model.findings)


def strongest(found: Across) -> tuple[Line, ...]:
    """Return the first of each kind, then the others, as many as the home page shows."""
    kinds = [list(some) for _, some in groupby(lines(found), key=lambda line: line.kind)]
    first, others = [some[0] for some in kinds], [line for some in kinds for line in some[1:]]
    return (*first, *others)[:STRONGEST]


def _line(found: Across, finding: Finding) -> Line:
    if finding.kind == "recurs":
        return _recurs(found, finding)
    if finding.kind == "strategy":
        return _strategy(found, finding)
    seen = found.concepts[finding.index or 0, finding.concept or 0]
    number, around, what, sentence, chart = {
        "misleads": _misleads, "off-center": _off_center, "lost": _lost,
    }[finding.kind](seen, finding)  # fmt: skip
    tiles = tuple((seen.folder, crop) for crop in seen.tiles)
    return Line(
        finding.kind, seen.name, seen, seen.address, tiles, number, around, what, sentence, chart
    )


Told = tuple[str, str, str, str, Against | None]


def _misleads(seen: Seen, finding: Finding) -> Told:
    return (*_mistakes(finding, _led(finding)), _chart(finding))


def _off_center(seen: Seen, finding: Finding) -> Told:
    sentence = say(
        "The outer ring is {ring} of the picture. The concept carries {share} of the evidence for "
        "{name}.",
        ring=percent(finding.expected),
        share=seen.share,
        name=seen.name,
    )
    return percent(finding.value), _span(finding), say("at the edge"), sentence, _chart(finding)


def _lost(seen: Seen, finding: Finding) -> Told:
    low, high = finding.share_interval or (0.0, 0.0)
    share = finding.share or 0.0
    sentence = say(
        "In this fit and those from other images or another seed, it carried {low} to {high}; it "
        "was met again at a mean cosine of {cosine}; random patches reach {random}.",
        low=percent(low),
        high=percent(high),
        cosine=exact(finding.value, 2),
        random=exact(finding.expected, 2),
    )
    around = say("{low} to {high} over all fits", low=percent(low), high=percent(high))
    return percent(share), around, say("of the evidence"), sentence, against(share, (low, high))


def _recurs(found: Across, finding: Finding) -> Line:
    group = found.group(finding.group or 0)
    members = found.members(group)
    low, high = finding.share_interval or (0.0, 0.0)
    return Line(
        kind=finding.kind,
        name=named([m.name for m in members]),
        seen=None,
        address=group_address(group.number),
        tiles=tuple((m.folder, crop) for m in members[:SHOWN] for crop in m.tiles[:1]),
        number=f"{len(members)}",
        around="",
        what=say("classes"),
        sentence=say(
            "It carries {share} of their evidence on average, from {low} to {high}. What else "
            "speaks for them is no more alike than for any classes: mean cosine {cosine}, all "
            "classes {expected}.",
            share=percent(finding.share or 0.0),
            low=percent(low),
            high=percent(high),
            cosine=exact(finding.value, 2),
            expected=exact(finding.expected, 2),
        ),
        chart=None,
    )


def _strategy(found: Across, finding: Finding) -> Line:
    index, strategy = finding.index or 0, finding.strategy or 0
    name = letter(strategy)
    one = next(s for (i, _), s in found.concepts.items() if i == index)
    number, around, what, sentence = _mistakes(finding, _held(finding))
    return Line(
        kind=finding.kind,
        name=say("{name}, strategy {letter}", name=one.name, letter=name),
        seen=None,
        address=f"{one.folder}index.html#strategy-{name.lower()}",
        tiles=tuple((one.folder, crop) for crop in found.strategies[index, strategy]),
        number=number,
        around=around,
        what=what,
        sentence=sentence,
        chart=_chart(finding),
    )


def _mistakes(finding: Finding, sentence: str) -> tuple[str, str, str, str]:
    return percent(finding.value), _span(finding), say("mistakes"), sentence


def _led(finding: Finding) -> str:
    return many(
        "Of {n} labeled image that it leads, {wrong} carry another label; of the other images of "
        "the run, {expected} do.",
        "Of {n} labeled images that it leads, {wrong} carry another label; of the other images of "
        "the run, {expected} do.",
        finding.images,
        wrong=whole(round(finding.value * finding.images)),
        expected=percent(finding.expected),
    )


def _held(finding: Finding) -> str:
    return many(
        "Of {n} labeled image that it holds, {wrong} carry another label; of the other images of "
        "the run, {expected} do.",
        "Of {n} labeled images that it holds, {wrong} carry another label; of the other images of "
        "the run, {expected} do.",
        finding.images,
        wrong=whole(round(finding.value * finding.images)),
        expected=percent(finding.expected),
    )


def _span(finding: Finding) -> str:
    return span(*finding.interval) if finding.interval else ""


def _chart(finding: Finding) -> Against | None:
    if finding.interval is None:
        return None
    return against(finding.value, finding.interval, finding.expected)


def named(names: Sequence[str], most: int = 3) -> str:
    """Join names, the first few and how many more.

    >>> named(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    if len(names) <= most + 1:
        *first, last = names
        return say("{names} and {last}", names=", ".join(first), last=last) if first else last
    return many(
        "{names} and {n} more", "{names} and {n} more", len(names) - most,
        names=", ".join(names[:most]),
    )  # fmt: skip
