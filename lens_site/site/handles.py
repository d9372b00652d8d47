"""How a concept is called, for it has no name: by the classes it also counts toward; and where.

A handle ("as in disk brake, motor scooter") helps to find a concept again and to tell it from
others. It names what the concept points at, the classes nearest to it by the cosine of its vector
and their weights, and not what it is. A head that is not linear has no such weights: no handle.
Where the user had an image-text model name concepts, its claim stands beside the handle.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import Alignment, ClassResult, Concept, ConceptName
from lens_site.site.language import say
from lens_site.site.numbers import exact
from lens_site.site.records import Site

LENGTH = 2
"""Classes in a handle."""

PAGE = "concepts/{two}/index.html"
"""Where a concept has its page in the folder of its class; ``{two}`` is its number, two digits."""

CONCEPT = f"classes/{{slug}}/{PAGE}"
"""The same in the site. Scripts read this, too."""


def others(concept: Concept, result: ClassResult) -> tuple[Alignment, ...]:
    """Return the classes other than its own that a concept counts toward, nearest first."""
    own = result.name.index
    return tuple(a for a in concept.aligned if a.index != own and a.cosine > 0)


def handle(concept: Concept, result: ClassResult) -> tuple[Alignment, ...]:
    """Return the classes of the handle, nearest first; none for a non-linear head."""
    return others(concept, result)[:LENGTH]


def as_in(names: Sequence[str]) -> str:
    """Write a handle, empty where there are no names.

    >>> as_in(["disk brake", "motor scooter"]), as_in([])
    ('as in disk brake, motor scooter', '')
    """
    return say("as in {names}", names=", ".join(names)) if names else ""


def told(concept: Concept, result: ClassResult) -> str:
    """Return the handle of a concept in words."""
    return as_in([a.name for a in handle(concept, result)])


def address(slug: str, number: int) -> str:
    """Return where a concept of a class has its page."""
    return CONCEPT.format(slug=slug, two=f"{number:02d}")


@dataclass(frozen=True)
class Named:
    """A name, whose claim it is, and its score on tiles that were held out."""

    term: str
    model: str
    score: str


def named(site: Site, result: ClassResult, concept: Concept) -> Named | None:
    """Return the name of a concept; None where it is unnamed, or was named before it changed."""
    names = site.names
    if names is None or names.keys.get(result.name.index) != result.key:
        return None
    found = site.once(_names).get((result.name.index, concept.number))
    if found is None or found.score < names.threshold:
        return None
    return Named(found.term, names.model, exact(found.score, 2))


def _names(site: Site) -> dict[tuple[int, int], ConceptName]:
    return {(n.index, n.concept): n for n in site.names.names} if site.names else {}
