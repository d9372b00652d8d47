"""The audit: what a practitioner must see, over all classes, each kind ranked by what is sure.

Every kind looks at many concepts, so some stand out by chance: intervals hold at 95 % for all looks
of their kind together (Bonferroni: each at 1 − .05/looks), a finding is one whose interval leaves
out what is expected, and the order goes by the bound nearer to the expected, not by the value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import beta, norm

from lens_site.model.concepts import ClassFacts, Labels
from lens_site.results.numbers import rounded
from lens_site.results.schema import Concept, Finding, Kind, Look, SharedGroup

MOST = 20
"""Findings kept of each kind."""

FEWEST = 10
"""Images from which on an interval is taken of where the codes of a concept lie."""

CLASSES = 3
"""Classes in which a concept recurs."""


Case = tuple[Labels, dict[str, object]]
"""Labels of the images of what is looked at, and what its finding would say of it."""


@dataclass(frozen=True)
class Ranked:
    """A finding and what it is ranked by, the largest first."""

    by: float
    finding: Finding


@dataclass(frozen=True)
class Subject:
    """What is looked at: classes, their shared groups."""

    facts: Sequence[ClassFacts]
    groups: Sequence[SharedGroup]

    @property
    def labels(self) -> Labels:
        """Of all images of all classes."""
        known, wrong = (sum(v) for v in zip((0, 0), *map(_pair, self.facts), strict=True))
        return Labels(known, wrong)


def audit(subject: Subject) -> tuple[tuple[Look, ...], tuple[Finding, ...]]:
    """Look for every kind of finding."""
    looks, findings = [], []
    for kind, (looked, ranked) in {kind: look(subject) for kind, look in LOOKS.items()}.items():
        best = sorted(ranked, key=lambda r: (-r.by, _place(r.finding)))
        looks.append(Look(kind=kind, looked=looked, found=len(best)))
        findings += [one.finding for one in best[:MOST]]
    return tuple(looks), tuple(findings)


def misleads(subject: Subject) -> tuple[int, Iterator[Ranked]]:
    """Concepts that lead more mistakes than the other images of the run have."""
    cases: list[Case] = [
        (
            labels,
            {"index": f.index, "concept": c.number, "share": c.share, "share_interval": c.interval},
        )
        for f in subject.facts
        for c, labels in zip(f.concepts, f.led, strict=True)
        if labels.known
    ]
    return len(cases), _mistaken("misleads", cases, subject.labels)


def strategy(subject: Subject) -> tuple[int, Iterator[Ranked]]:
    """Strategies that are wrong more often than the other images of the run."""
    cases: list[Case] = [
        (labels, {"index": f.index, "strategy": s.number})
        for f in subject.facts
        for s, labels in zip(f.strategies, f.grouped, strict=True)
        if labels.known
    ]
    return len(cases), _mistaken("strategy", cases, subject.labels)


def off_center(subject: Subject) -> tuple[int, Iterator[Ranked]]:
    """Concepts that count, whose codes lie in the outer ring more than its area would have it.

    Ranked by the share of the evidence that this surely is: lower bound of the concept's share,
    times lower bound of the excess.
    """
    cases = [
        (f, c, *place)
        for f in subject.facts
        if f.images >= FEWEST and f.ring < 1
        for c, place in zip(f.concepts, f.outside, strict=True)
        if _counts(c)
    ]

    def found(z: float) -> Iterator[Ranked]:
        for f, c, outside, error in cases:
            low, high = outside - z * error, min(outside + z * error, 1.0)
            if low > f.ring:
                yield Ranked(
                    c.interval[0] * (low - f.ring),
                    Finding(
                        kind="off-center", index=f.index, concept=c.number,
                        value=rounded(outside), interval=(rounded(low), rounded(high)),
                        expected=rounded(f.ring), images=f.images, share=c.share,
                        share_interval=c.interval,
                    ),
                )  # fmt: skip

    return len(cases), found(_z(len(cases)))


def recurs(subject: Subject) -> tuple[int, Iterator[Ranked]]:
    """Shared concepts of classes for which otherwise unlike things speak.

    What else speaks for a class is Σ share_i v_i over its concepts outside the group, the shares
    above zero; found are groups whose classes are no more alike in it than classes are on average.
    Ranked by the sum over the classes of the lower bound of the concept's share.
    """
    cases = [g for g in subject.groups if len(g.members) >= CLASSES]
    by_index = {f.index: f for f in subject.facts}

    def found() -> Iterator[Ranked]:
        everywhere = _alike([_evidence(f) for f in subject.facts]) if cases else 0.0
        for group in cases:
            facts = [by_index[m.index] for m in group.members]
            members = [f.concepts[m.concept - 1] for f, m in zip(facts, group.members, strict=True)]
            alike = _alike([_evidence(f, c) for f, c in zip(facts, members, strict=True)])
            if alike <= everywhere:
                shares = [c.share for c in members]
                yield Ranked(
                    sum(max(0.0, c.interval[0]) for c in members),
                    Finding(
                        kind="recurs", group=group.number, value=rounded(alike),
                        expected=rounded(everywhere), images=sum(f.images for f in facts),
                        share=rounded(np.mean(shares)), share_interval=(min(shares), max(shares)),
                    ),
                )  # fmt: skip

    return len(cases), found()


def lost(subject: Subject) -> tuple[int, Iterator[Ranked]]:
    """Concepts that count here, but not in every refit, or whose refits are as good as random.

    Ranked by the lower bound of the share.
    """
    cases = [
        (f, c, c.found_again, c.share_range)
        for f in subject.facts
        for c in f.concepts
        if f.images >= FEWEST and c.found_again is not None and c.share_range and _counts(c)
    ]

    def found() -> Iterator[Ranked]:
        for f, c, again, around in cases:
            level = f.random_patches or 0.0
            if again <= level or around[0] <= c.null_share:
                yield Ranked(
                    c.interval[0],
                    Finding(
                        kind="lost", index=f.index, concept=c.number, value=again,
                        expected=rounded(level), images=f.images, share=c.share,
                        share_interval=around,
                    ),
                )  # fmt: skip

    return len(cases), found()


LOOKS: dict[Kind, Callable[[Subject], tuple[int, Iterator[Ranked]]]] = {
    "misleads": misleads,
    "off-center": off_center,
    "recurs": recurs,
    "strategy": strategy,
    "lost": lost,
}
"""All kinds in the order of the page."""


def exact(k: int, n: int, looks: int) -> tuple[float, float]:
    """Interval of a share k of n that holds at 95 % for so many looks together; (0, 1) for n = 0.

    Wilson's, which stands elsewhere for one look at 95 %, is far too narrow in the tails that many
    looks reach: of 3 in 3 it says 13 % at least for 10,000 looks, where 1 % is right.

    Source: Clopper and Pearson 1934.
    """
    tail = 0.025 / max(1, looks)
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    return low, float(beta.isf(tail, k + 1, n - k)) if k < n else 1.0


def _z(looks: int) -> float:
    """Return how many standard deviations make intervals that hold for all looks together."""
    return float(norm.isf(0.025 / max(1, looks)))


def _mistaken(kind: Kind, cases: Sequence[Case], everywhere: Labels) -> Iterator[Ranked]:
    """Cases with surely more mistakes than the images of the run outside of each have."""
    for labels, facts in cases:
        others = max(1, everywhere.known - labels.known)
        expected = (everywhere.wrong - labels.wrong) / others
        low, high = exact(labels.wrong, labels.known, len(cases))
        if low > expected:
            finding = {
                "kind": kind, "value": rounded(labels.wrong / labels.known),
                "interval": (rounded(low), rounded(high)), "expected": rounded(expected),
                "images": labels.known, **facts,
            }  # fmt: skip
            yield Ranked(low - expected, Finding.model_validate(finding))


def _counts(concept: Concept) -> bool:
    """Whether the share is surely above what random directions reach."""
    return concept.interval[0] > max(concept.null_share, 0.0)


def _pair(facts: ClassFacts) -> tuple[int, int]:
    return facts.labels.known, facts.labels.wrong


def _evidence(facts: ClassFacts, without: Concept | None = None) -> Float[np.ndarray, " p"]:
    """Direction of what speaks for a class, of unit length; zeros where nothing does."""
    weights = np.array([0.0 if c is without else max(0.0, c.share) for c in facts.concepts])
    lengths = np.linalg.norm(facts.dictionary, axis=1)
    sum_ = (weights / np.maximum(lengths, 1e-12)) @ facts.dictionary
    return np.asarray(sum_ / max(float(np.linalg.norm(sum_)), 1e-12))


def _alike(directions: Sequence[Float[np.ndarray, " p"]]) -> float:
    """Mean cosine over all pairs: (‖Σ d‖² − Σ ‖d‖²) / (n² − n)."""
    n, stacked = len(directions), np.stack(directions)
    total = float(np.square(stacked.sum(axis=0)).sum() - np.square(stacked).sum())
    return total / max(1, n * n - n)


def _place(finding: Finding) -> tuple[int, ...]:
    numbers = (finding.index, finding.concept, finding.strategy, finding.group)
    return tuple(-1 if n is None else n for n in numbers)
