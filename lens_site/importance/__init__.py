"""Step two: concept importance, every attribution method behind one interface.

``methods`` holds one file a method. What they share is beside it: ``attributor`` (the interface),
``gradient``, ``noise``, ``masks``, ``quasi_random`` (mathematics), ``closed_form`` (what a linear
head makes of each). ``metrics`` says how faithful an importance is, ``summary`` what it means for
a class.
"""

from lens_site import named
from lens_site.importance.attributor import AnyScore, Attributor, ImageScore, LinearScore, Score

ROOM = "importance.methods"


def method(word: str) -> type[Attributor]:
    """Return the method of this name, or ``package.module:Name``; raises ConfigError."""
    return named.method(word, ROOM, Attributor, "importance")  # type: ignore[type-abstract]


METHODS: dict[str, type[Attributor]] = {word: method(word) for word in named.names(ROOM)}
"""All methods of this room by their names."""

__all__ = ["METHODS", "AnyScore", "Attributor", "ImageScore", "LinearScore", "Score", "method"]
