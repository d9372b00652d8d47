"""How a concept is called, for it has no name: by the classes it also counts toward; and where.

A handle ("as in disk brake, motor scooter") helps to find a concept again and to tell it from
others. It names what the concept points at, not what it is.
"""

from lens_site.results.schema import Alignment, ClassResult, Concept

LENGTH = 2
"""Classes in a handle."""

CONCEPT = "classes/{slug}/index.html#concept-{number}"
"""Where a concept is shown; ``{two}`` would be its number in two digits. Scripts read this, too."""


def handle(concept: Concept, result: ClassResult) -> tuple[Alignment, ...]:
    """Return the nearest classes other than its own, nearest first; none for a non-linear head."""
    others = (a for a in concept.aligned if a.index != result.name.index)
    return tuple(others)[:LENGTH]


def address(slug: str, number: int) -> str:
    """Return where a concept of a class is shown."""
    return CONCEPT.format(slug=slug, number=number, two=f"{number:02d}")
