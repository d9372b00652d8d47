"""How many pictures the page of a class shows: whoever draws them and whoever shows them agree."""

TYPICAL, UNUSUAL, MISTAKEN = 3, 2, 1
"""Pictures of a strategy or a leading group, by why they are shown.

A mistaken one takes the place of an unusual one, so that all stand in one row.
"""

TILES, MINOR_TILES, MOST_TILES = 10, 5, 80
"""Tiles of an important concept, of another one, and of all important ones together."""


def tiles_of(important: int) -> int:
    """Return how many tiles each of so many important concepts shows: of many, fewer each."""
    return min(TILES, max(MINOR_TILES, MOST_TILES // max(1, important)))
