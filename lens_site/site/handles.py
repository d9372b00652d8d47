"""How a concept is called: by other classes whose evidence it also is, a handle and not a name.

"As in disk brake, motor scooter": the classes nearest to the concept, by the cosine of its vector
and their weights, without its own. A head that is not linear has no such weights: no handle.
"""

from collections.abc import Sequence

from lens_site.results.schema import Alignment, Concept

MOST = 2
"""Classes in a handle."""


def others(concept: Concept, own: int) -> tuple[Alignment, ...]:
    """Return the classes other than ``own`` that a concept counts toward, nearest first."""
    return tuple(a for a in concept.aligned if a.index != own and a.cosine > 0)


def handle(concept: Concept, own: int) -> str:
    """Return the handle of a concept of the class ``own``; empty where it has none."""
    return as_in([a.name for a in others(concept, own)])


def as_in(names: Sequence[str]) -> str:
    """Write a handle of class names, nearest first.

    >>> as_in(["disk brake", "motor scooter", "moped"]), as_in([])
    ('as in disk brake, motor scooter', '')
    """
    return f"as in {', '.join(names[:MOST])}" if names else ""
