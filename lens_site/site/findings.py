"""What the audit found, as lines to read: who, a number with its uncertainty, what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from lens_site.results.schema import Finding
from lens_site.site.across import Across, Seen, group_address
from lens_site.site.charts.against import Against, against
from lens_site.site.numbers import count, exact, letter, percent, span
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
    return (*_mistakes(finding, "it leads"), _chart(finding))


def _off_center(seen: Seen, finding: Finding) -> Told:
    sentence = (
        f"The outer ring is {percent(finding.expected)} of the picture. The concept carries "
        f"{seen.share} of the evidence for {seen.name}."
    )
    return percent(finding.value), _span(finding), "at the edge", sentence, _chart(finding)


def _lost(seen: Seen, finding: Finding) -> Told:
    low, high = finding.share_interval or (0.0, 0.0)
    share = finding.share or 0.0
    sentence = (
        f"In this fit and those from other images or another seed, it carried {percent(low)} to "
        f"{percent(high)}; it was met again at a mean cosine of {exact(finding.value, 2)}; random "
        f"patches reach {exact(finding.expected, 2)}."
    )
    around = f"{percent(low)} to {percent(high)} over all fits"
    return percent(share), around, "of the evidence", sentence, against(share, (low, high))


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
        what="classes",
        sentence=(
            f"It carries {percent(finding.share or 0.0)} of their evidence on average, from "
            f"{percent(low)} to {percent(high)}. What else speaks for them is no more alike than "
            f"for any classes: mean cosine {exact(finding.value, 2)}, all classes "
            f"{exact(finding.expected, 2)}."
        ),
        chart=None,
    )


def _strategy(found: Across, finding: Finding) -> Line:
    index, strategy = finding.index or 0, finding.strategy or 0
    name = letter(strategy)
    one = next(s for (i, _), s in found.concepts.items() if i == index)
    number, around, what, sentence = _mistakes(finding, "it holds")
    return Line(
        kind=finding.kind,
        name=f"{one.name}, strategy {name}",
        seen=None,
        address=f"{one.folder}index.html#strategy-{name.lower()}",
        tiles=tuple((one.folder, crop) for crop in found.strategies[index, strategy]),
        number=number,
        around=around,
        what=what,
        sentence=sentence,
        chart=_chart(finding),
    )


def _mistakes(finding: Finding, which: str) -> tuple[str, str, str, str]:
    wrong = round(finding.value * finding.images)
    sentence = (
        f"Of {count(finding.images, 'labeled image')} that {which}, {wrong:,} carry another "
        f"label; of the other images of the run, {percent(finding.expected)} do."
    )
    return percent(finding.value), _span(finding), "mistakes", sentence


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
        return f"{', '.join(first)} and {last}" if first else last
    return f"{', '.join(names[:most])} and {len(names) - most} more"
