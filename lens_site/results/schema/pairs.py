"""What two runs on the same images have in common, class by class.

Concepts of two networks share no space; they are compared by where they are active, in the same
images at the same places. The first and the second of every pair are those of ``PairResult.runs``.
"""

from collections.abc import Mapping

from pydantic import Field

from lens_site.results.numbers import digest
from lens_site.results.schema.classes import LabelCount
from lens_site.results.schema.record import SCHEMA_VERSION, SEAL, Record, Sha256, Slug

PAIR_VERSION = 2
"""Changes whenever the same class results would give other numbers here."""


class Match(Record):
    """A concept of each run that are active together, above chance for both."""

    first: int = Field(ge=1, description="number of the concept in the first run")
    second: int = Field(ge=1, description="number of the concept in the second run")
    correlation: float = Field(description="of their codes over common images and places")
    chance: float = Field(description="largest that shuffled images gave either of the two")


class Alone(Record):
    """A concept of one run that goes with none of the other."""

    concept: int = Field(ge=1)
    nearest: int | None = Field(description="concept of the other run with the largest correlation")
    correlation: float = Field(description="with that one")
    chance: float = Field(
        description="largest that shuffled images gave either of the two; beyond it, the matching, "
        "one to one, gave the nearest to another"
    )


class Said(Record):
    """What the other run says of the images that one run gives the class."""

    images: int = Field(description="of these, those that both runs explain")
    same: int = Field(description="of these, those that the other gives the class, too")
    instead: tuple[LabelCount, ...] = Field(description="what it says of the rest, most first")


class ClassPair(Record):
    """One class in two runs."""

    index: int = Field(ge=0)
    slug: Slug
    images: int = Field(description="images that both runs give the class and explain")
    grid: tuple[int, int] = Field(description="rows and columns of the places compared")
    absolute: bool = Field(description="whether signs are left out, as codes take both")
    matches: tuple[Match, ...] = Field(description="largest correlation first")
    first_alone: tuple[Alone, ...]
    second_alone: tuple[Alone, ...]
    reason: str = Field(default="", description="why concepts were not compared; else empty")
    first_said: Said = Field(description="of the images of the first, by the second")
    second_said: Said = Field(description="of the images of the second, by the first")


class PairResult(Record):
    """Everything computed across two runs."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    key: Sha256 = Field(description="hash of the keys of all classes of both; see pair_key")
    runs: tuple[str, str]
    images: int = Field(description="images that both runs explain, in whatever class")
    agree: int = Field(description="of these, those that both give the same class")
    classes: tuple[ClassPair, ...] = Field(description="that both runs explain, by index")


def pair_key(first: Mapping[str, str], second: Mapping[str, str]) -> str:
    """Return the key of the result over these classes of two runs: their own keys by slug."""
    return digest([PAIR_VERSION, sorted(first.items()), sorted(second.items())])
