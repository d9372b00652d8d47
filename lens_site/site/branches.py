"""The classes that have a page as a tree: what WordNet calls them, level under level.

A level stands only where it says something: it holds two entries or more, so that a chain of
single ones is its lowest; words under which everything falls are left out; and so are words that
nobody uses (*placental*) as long as the list above stays short.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from lens_site import tree
from lens_site.results.schema import ClassResult
from lens_site.site.cards import Card, cards
from lens_site.site.records import Site
from lens_site.tree import Synset

ADDRESS = "tree/index.html"

GENERAL = {
    "n00001740",  # entity
    "n00001930",  # physical entity
    "n00002137",  # abstraction
    "n00002684",  # object
    "n00003553",  # whole
    "n00004258",  # living thing
    "n00004475",  # organism
    "n00019613",  # substance
    "n00020827",  # matter
    "n15046900",  # solid
}
"""Levels so general that they lead nowhere."""

SHORT = 16
"""Entries up to which a list is short."""

USED = 4
"""From so many uses in tagged texts on, a word is one that leads a reader: see ``Synset.uses``."""

CRUMBS = 3
"""Levels named above a class page: the first and the last ones."""

SHOWN = 4
"""Classes whose pictures stand beside a level."""


@dataclass(frozen=True)
class Branch:
    """A level of the tree: branches, then classes, each by name."""

    synset: Synset
    name: str
    members: tuple[str, ...]
    """Ids of the levels that it stands for: its own, and those that held nothing else."""
    branches: tuple["Branch", ...]
    cards: tuple[Card, ...]
    count: int
    """Classes in it, at any depth."""

    @property
    def anchor(self) -> str:
        """Its id on the page of the tree."""
        return self.synset.wordnet

    @property
    def shown(self) -> tuple[Card, ...]:
        """Classes whose pictures stand beside it: the best of each entry, best first."""
        firsts = [*(b.best for b in self.branches), *self.cards]
        return tuple(sorted((c for c in firsts if c.tiles), key=_appeal)[:SHOWN])

    @property
    def best(self) -> Card:
        """The class with most to see."""
        return min((*(b.best for b in self.branches), *self.cards), key=_appeal)


@dataclass(frozen=True)
class Crumb:
    """A level above a class; linked where the tree of this run has it."""

    name: str
    anchor: str


Entry = Branch | Card


def root(site: Site) -> Branch | None:
    """Return the level above all; None where no class has a WordNet id that we know."""
    known = [card for card in site.once(cards) if tree.path(card.wordnet)]
    at: dict[str, list[Card]] = defaultdict(list)
    below: dict[str, set[str]] = defaultdict(set)
    for card in known:
        at[card.wordnet].append(card)
        path = tree.path(card.wordnet)
        for upper, lower in pairwise(path):
            below[upper.wordnet].add(lower.wordnet)
    if not known:
        return None
    top = tree.path(known[0].wordnet)[0]
    return _branch(top, _entries(top.wordnet, at, below))


def anchors(site: Site) -> Mapping[str, str]:
    """Return where on the page of the tree each level is found, by its WordNet id."""
    whole = site.once(root)
    return {m: b.anchor for b in _all(whole) for m in b.members} if whole else {}


def kinds(site: Site) -> Mapping[str, str]:
    """Return the highest level over each class, by its slug; those without one are left out."""
    whole = site.once(root)
    found: dict[str, str] = {}
    for branch in whole.branches if whole else ():
        found |= {card.slug: branch.name for b in _all(branch) for card in b.cards}
    return found


def crumbs(site: Site, result: ClassResult) -> tuple[Crumb, ...]:
    """Return the few levels above a class whose words people use; none without a WordNet id."""
    found = site.once(anchors)
    named = [
        Crumb(synset.name, found.get(synset.wordnet, ""))
        for synset in tree.path(result.name.wordnet)[:-1]
        if synset.uses >= USED and synset.wordnet not in GENERAL
    ]
    return tuple(named if len(named) <= CRUMBS else (named[0], *named[1 - CRUMBS :]))


def levels(whole: Branch) -> Iterable[Branch]:
    """Return every branch under the root, depth first."""
    return (b for b in _all(whole) if b is not whole)


def _all(branch: Branch) -> Iterable[Branch]:
    yield branch
    for lower in branch.branches:
        yield from _all(lower)


def _entries(
    wordnet: str, at: Mapping[str, list[Card]], below: Mapping[str, set[str]]
) -> tuple[Entry, ...]:
    """Return what stands under a level, dull levels dissolved, smallest first."""
    entries: list[Entry] = list(at.get(wordnet, ()))
    for lower in sorted(below.get(wordnet, ())):
        entries.append(_collapsed(lower, _entries(lower, at, below)))
    branches = [entry for entry in entries if isinstance(entry, Branch)]
    for branch in sorted(branches, key=lambda b: (b.count, b.anchor)):
        inside: tuple[Entry, ...] = (*branch.branches, *branch.cards)
        unused = branch.synset.uses == 0 and len(entries) - 1 + len(inside) <= SHORT
        if unused or branch.anchor in GENERAL:
            entries.remove(branch)
            entries += inside
    return tuple(entries)


def _collapsed(wordnet: str, entries: tuple[Entry, ...]) -> Entry:
    """Return a level, or the one entry in it; a branch remembers what it stands for."""
    if len(entries) > 1:
        return _branch(tree.synsets()[wordnet], entries)
    only = entries[0]
    return replace(only, members=(wordnet, *only.members)) if isinstance(only, Branch) else only


def _branch(synset: Synset, entries: tuple[Entry, ...]) -> Branch:
    branches = [entry for entry in entries if isinstance(entry, Branch)]
    names = [branch.synset.name for branch in branches]
    told = (
        replace(b, name=f"{b.synset.name} ({b.synset.words[1]})")
        if names.count(b.synset.name) > 1 and len(b.synset.words) > 1
        else b
        for b in branches
    )
    classes = [entry for entry in entries if isinstance(entry, Card)]
    return Branch(
        synset=synset,
        name=synset.name,
        members=(synset.wordnet,),
        branches=tuple(sorted(told, key=lambda b: (b.name.lower(), b.anchor))),
        cards=tuple(sorted(classes, key=lambda c: (c.name.lower(), c.index))),
        count=len(classes) + sum(b.count for b in branches),
    )


def _appeal(card: Card) -> tuple[float, int]:
    return -card.appeal, card.index
