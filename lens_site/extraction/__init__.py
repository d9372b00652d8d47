"""Step one: concept extraction, every method behind one interface.

``methods`` holds one file a method; what they share is beside it: ``extractor`` (the interface),
``alternating``, ``autoencoder``, ``nnls``, ``nndsvd`` (mathematics), ``metrics`` (how good a
dictionary is).
"""

from lens_site import named
from lens_site.extraction.extractor import Convergence, Extractor

ROOM = "extraction.methods"


def method(word: str) -> type[Extractor]:
    """Return the method of this name, or ``package.module:Name``; raises ConfigError."""
    return named.method(word, ROOM, Extractor, "extraction")  # type: ignore[type-abstract]


METHODS: dict[str, type[Extractor]] = {word: method(word) for word in named.names(ROOM)}
"""All methods of this room by their names."""

__all__ = ["METHODS", "Convergence", "Extractor", "method"]
