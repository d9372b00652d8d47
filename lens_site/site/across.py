"""All concepts of a run at once, and what was found across their classes.

Pages that speak of several classes take a concept from here: its class, badge, tiles, figures and
address. Where ``model.json`` is missing, or not of these very class results, there is nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lens_site import tree
from lens_site.errors import ResultError
from lens_site.results import store
from lens_site.results.schema import (
    ClassName,
    ClassResult,
    Concept,
    Member,
    ModelResult,
    SharedGroup,
    model_key,
)
from lens_site.site.badges import Badge, badges_of
from lens_site.site.handles import address
from lens_site.site.language import say
from lens_site.site.numbers import percent, span
from lens_site.site.pictures import Crop, thumbnail
from lens_site.site.records import Site

TILES = 5
"""Tiles that stand for a concept beside those of other classes."""


@dataclass(frozen=True)
class Seen:
    """One concept of one class."""

    index: int
    slug: str
    name: str
    """Of its class."""
    branch: str
    badge: Badge
    concept: Concept
    """Its figures, without tiles, map, parts and aligned classes."""
    columns: int
    """Tiles in its strip."""

    @property
    def folder(self) -> str:
        """Address of the folder of its class, where its pictures are."""
        return f"classes/{self.slug}/"

    @property
    def address(self) -> str:
        """Address of what tells of it."""
        return address(self.slug, self.badge.number)

    @property
    def mark(self) -> str:
        """Its anchor on the map."""
        return f"concept={self.index}-{self.badge.number}"

    @property
    def share(self) -> str:
        """Its share of the evidence for its class, with the interval unless there is none."""
        (low, high), share = self.concept.interval, percent(self.concept.share)
        return f"{share} ({span(low, high)})" if low < high else share

    @property
    def tiles(self) -> tuple[Crop, ...]:
        """Its best tiles, one picture each; the first is described, the others are more of it."""
        alt = say(
            "patches of {name} that hold concept {number} most",
            name=self.name,
            number=self.badge.number,
        )
        return tuple(
            Crop(self.concept.tiles_file, "" if i else alt, column=i, columns=self.columns)
            for i in range(min(TILES, self.columns))
        )


@dataclass(frozen=True)
class Across:
    """What was found across the classes, and every concept it speaks of."""

    model: ModelResult
    concepts: Mapping[tuple[int, int], Seen]
    strategies: Mapping[tuple[int, int], tuple[Crop, ...]]
    """Typical images of each strategy, by class and number."""
    labeled: int
    """Images of the classes that carry a label."""

    def seen(self, member: Member) -> Seen:
        """Return one concept."""
        return self.concepts[member.index, member.concept]

    def group(self, number: int) -> SharedGroup:
        """Return a shared group."""
        return self.model.groups[number - 1]

    def members(self, group: SharedGroup) -> tuple[Seen, ...]:
        """Return the concepts of a shared group, the largest share first."""
        return tuple(self.seen(member) for member in group.members)


def across(site: Site) -> Across | None:
    """Read all classes once; None where nothing was found across just these.

    Raises
    ------
    ResultError
        When a result is damaged, or what was found speaks of what no class holds.
    """
    if site.model is None:
        return None
    keys: dict[int, str] = {}
    concepts: dict[tuple[int, int], Seen] = {}
    strategies: dict[tuple[int, int], tuple[Crop, ...]] = {}
    labeled = 0
    for result in site.results(verify=False):
        keys[result.name.index] = result.key
        labeled += sum(image.label is not None for image in result.images)
        concepts |= _concepts(result)
        strategies |= _strategies(result)
    if site.model.key != model_key(keys):
        return None
    named = {(p.index, p.concept) for p in site.model.points}
    grouped = {(f.index, f.strategy) for f in site.model.findings if f.strategy is not None}
    if not (concepts.keys() >= named and strategies.keys() >= grouped):
        raise ResultError(f"{site.run_dir / store.MODEL}: names what no class holds; {store.AGAIN}")
    return Across(site.model, concepts, strategies, labeled)


def is_there(site: Site) -> bool:
    """Say whether something was found across just these classes."""
    return site.once(across) is not None


def missing(site: Site) -> str:
    """Return one line on why pages across classes are left out, and how to get them."""
    if not site.built or is_there(site):
        return ""
    why = "no model.json" if site.model is None else "a model.json of other results"
    return (
        f"{site.run_dir}: holds {why}, so atlas, shared concepts and audit are left out; "
        "run lens-build again to get them, no class is computed anew"
    )


def branch_of(name: ClassName) -> str:
    """Return the branch of the tree of classes that a class belongs to; empty without a tree."""
    return tree.branch(name.wordnet)


def group_address(number: int) -> str:
    """Return the address of the page of a shared group."""
    return f"shared/{number:03d}/index.html"


def _concepts(result: ClassResult) -> dict[tuple[int, int], Seen]:
    badges, name, branch = badges_of(result), result.name, branch_of(result.name)
    bare: dict[str, object] = {"tiles": (), "mean_map": (), "parts": (), "aligned": ()}
    return {
        (name.index, c.number): Seen(
            name.index, name.slug, name.name, branch, badges[c.number],
            c.model_copy(update=bare), len(c.tiles),
        )
        for c in result.concepts
        if c.tiles
    }  # fmt: skip


def _strategies(result: ClassResult) -> dict[tuple[int, int], tuple[Crop, ...]]:
    alt = say("a typical image of a strategy of {name}", name=result.name.name)
    images = len(result.images)
    return {
        (result.name.index, s.number): tuple(
            thumbnail(result.sprite, position, images, "" if i else alt)
            for i, position in enumerate(s.prototypes[:TILES])
        )
        for s in result.strategies
    }
