"""The tree of ImageNet's classes: what each is a kind of, in WordNet 3.0, as a table inside.

The table holds the 1,000 classes and everything above them. A synset may have several parents;
the first, as WordNet orders them, makes the tree to browse (*dog* is a *canine*), all together
say what a class counts as (a *dog* is a *domestic animal*, too). ``make.py`` writes the table from
WordNet's files; its license lies beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

TABLE, LICENSE = "hypernyms.tsv", "LICENSE.txt"


@dataclass(frozen=True)
class Synset:
    """A meaning, by all the words that have it."""

    wordnet: str
    """WordNet id: n and the offset in WordNet 3.0."""
    parents: tuple[str, ...]
    """Ids of what it is a kind of, first the one of the tree; empty for the root."""
    uses: int
    """How often its words were met in this meaning, in the texts that WordNet's makers tagged."""
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0]


@cache
def synsets() -> Mapping[str, Synset]:
    """Return all synsets of the table by their WordNet ids."""
    text = resources.files(__name__).joinpath(TABLE).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {
        wordnet: Synset(wordnet, tuple(parents.split()), int(uses), tuple(words.split(", ")))
        for wordnet, parents, uses, words in rows
    }


def license() -> str:
    """Return WordNet's license, which goes wherever the table goes."""
    return resources.files(__name__).joinpath(LICENSE).read_text(encoding="utf-8")


def path(wordnet: str) -> tuple[Synset, ...]:
    """Return what lies between the root and a synset, both included; nothing for an unknown id."""
    found = synsets().get(wordnet)
    if found is None:
        return ()
    return (*path(found.parents[0]), found) if found.parents else (found,)


BRANCHES = (
    "n02084071",  # dog
    "n01861778",  # mammal
    "n01503061",  # bird
    "n00015388",  # animal
    "n00021265", "n07555863",  # food
    "n03122748",  # covering
    "n03183080",  # device
    "n03100490",  # conveyance
    "n04341686",  # structure
    "n00021939",  # artifact
    "n00017222",  # plant
    "n09287968",  # geological formation
)  # fmt: skip
"""A few levels into which the thousand classes fall, none of them more than a fifth."""


def branch(wordnet: str) -> str:
    """Return the lowest of ``BRANCHES`` over a synset, in a word; empty where there is none."""
    over = [synset for synset in path(wordnet) if synset.wordnet in BRANCHES]
    return over[-1].name if over else ""


def ancestors(wordnet: str) -> frozenset[str]:
    """Return the ids of all that a synset is a kind of, by any parent; nothing for an unknown."""
    found = synsets().get(wordnet)
    if found is None:
        return frozenset()
    return frozenset(found.parents).union(*map(ancestors, found.parents))
