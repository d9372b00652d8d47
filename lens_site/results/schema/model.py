"""What is found across classes once all are there: similar and shared concepts, map, audit.

A concept is named by the index of its class and its number in it. Cosines are those of dictionary
vectors of different classes; where a method's codes take both signs, their absolute values.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from lens_site.results.numbers import digest
from lens_site.results.schema.record import SCHEMA_VERSION, SEAL, Record, Slug

MODEL_VERSION = 1
"""Changes whenever the same class results would give other numbers here."""


class Member(Record):
    """One concept of one class."""

    index: int = Field(ge=0, description="of the class")
    concept: int = Field(ge=1, description="number of the concept in its class")


class Neighbor(Member):
    """A concept of another class that is like the one it is listed with."""

    cosine: float
    mutual: bool = Field(
        description="each is the other's nearest between the two classes, above the threshold"
    )


class ConceptPoint(Member):
    """A concept on the map, with the most similar concepts of other classes."""

    x: float = Field(description="layout, in [-1, 1]")
    y: float
    group: int | None = Field(description="number of its shared group; None when it is in none")
    neighbors: tuple[Neighbor, ...] = Field(
        description="nearest first, at most one a class, whether or not above the threshold"
    )


class SharedGroup(Record):
    """Near-identical concepts of several classes, at most one a class."""

    number: int = Field(ge=1, description="most classes first")
    members: tuple[Member, ...] = Field(
        min_length=2, description="largest share of its class first"
    )
    cosine: float = Field(description="mean over all pairs of members")
    least: float = Field(description="smallest over all pairs of members")


class Reference(Record):
    """What cosines mean: those of chance, and the threshold of likeness drawn from them."""

    random_median: float = Field(description="of random pairs of concepts of different classes")
    random_high: float = Field(description="99th percentile of these")
    shuffled_median: float = Field(
        description="of the nearest in another class, every channel dealt out anew among the "
        "concepts"
    )
    shuffled_high: float = Field(description="99th percentile of these")
    again: float | None = Field(
        default=None,
        description="lower quartile of the cosines of concepts with themselves in "
        "refits (found_again)",
    )
    threshold: float = Field(description="from here on two concepts count as alike")
    pairs: int = Field(description="pairs of concepts that are mutual and above it")
    pairs_shuffled: int = Field(description="the same among the shuffled concepts")
    absolute: bool = Field(description="whether signs are left out, as codes take both")


Kind = Literal["misleads", "off-center", "recurs", "strategy", "lost"]
"""What an audit looks for: concepts that lead mistakes, evidence at the edge of the picture, shared
concepts of classes that are otherwise unlike, strategies that are often wrong, concepts that refits
do not give back.
"""


class Finding(Record):
    """One thing to look at, of which its figures say more than chance would have it.

    ``value`` and what is ``expected`` of it, by kind:

    - misleads, strategy: share of mistakes among the labeled images that the concept leads or the
      strategy holds; the share among all other images of the run;
    - off-center: share of the concept's codes in the outer ring; the area of that ring;
    - recurs: mean cosine of what else speaks for the classes of the group; that of all classes;
    - lost: mean cosine with the match in refits; that of random patches.
    """

    kind: Kind
    index: int | None = Field(default=None, description="of the class; None for a group")
    concept: int | None = None
    strategy: int | None = None
    group: int | None = None
    value: float
    interval: tuple[float, float] | None = Field(
        default=None,
        description="95 % for all looks of the kind together (Bonferroni); None: there is none",
    )
    expected: float
    images: int = Field(description="images behind the value")
    share: float | None = Field(
        default=None, description="of the evidence for the class; mean over the classes of a group"
    )
    share_interval: tuple[float, float] | None = Field(
        default=None,
        description="95 % bootstrap interval; range over the classes of a group; range over the "
        "refits of what is lost",
    )


class Look(Record):
    """How many things one kind of finding was looked for in, and in how many it was found."""

    kind: Kind
    looked: int
    found: int


class ModelResult(Record):
    """Everything computed across the classes of a run."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    key: str = Field(description="hash of the keys of all classes; see model_key")
    classes: tuple[int, ...] = Field(description="indices of the classes compared, ascending")
    left_out: tuple[Slug, ...] = Field(
        default=(), description="classes of another method or layer, which cannot be compared"
    )
    reference: Reference | None = Field(description="None with fewer than two classes")
    points: tuple[ConceptPoint, ...] = Field(description="by class and number; none never fires")
    groups: tuple[SharedGroup, ...]
    looks: tuple[Look, ...]
    findings: tuple[Finding, ...] = Field(
        description="by kind in the order of looks, the clearest of each first"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "ModelResult":
        """Check that groups and findings speak of concepts that stand on the map."""
        known = {(p.index, p.concept) for p in self.points}
        named: list[tuple[int | None, int]]
        named = [(m.index, m.concept) for g in self.groups for m in g.members]
        named += [(n.index, n.concept) for p in self.points for n in p.neighbors]
        named += [(f.index, f.concept) for f in self.findings if f.concept is not None]
        if not known.issuperset(named):
            raise ValueError("names a concept that it does not hold")
        if [g.number for g in self.groups] != list(range(1, len(self.groups) + 1)):
            raise ValueError("its groups are not numbered from 1")
        groups = {p.group for p in self.points} | {f.group for f in self.findings}
        if not groups <= {None, *(g.number for g in self.groups)}:
            raise ValueError("names a group that it does not hold")
        needed = {"recurs": "group", "strategy": "strategy"}
        if any(getattr(f, needed.get(f.kind, "concept")) is None for f in self.findings):
            raise ValueError("has a finding that names nothing")
        return self


def model_key(keys: Mapping[int, str]) -> str:
    """Return the key of the result over these classes: their own keys by index."""
    return digest([MODEL_VERSION, sorted(keys.items())])
