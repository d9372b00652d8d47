"""Which images of a class are worth a larger picture: those shown by name first, best first."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from lens_site.prototypes import Larger, Tile
from lens_site.results.schema import Strategy
from lens_site.results.shown import TYPICAL, UNUSUAL


def worth_seeing(
    groups: Sequence[Strategy],
    mistakes: Sequence[int],
    tiles: Sequence[Sequence[Tile]],
    images: int,
) -> Larger:
    """Order all images: what groups show, then all mistakes, then those with tiles, then the rest.

    Of several groups, or concepts, the first of each comes before the second of any.
    """
    named = dict.fromkeys(
        (
            *_in_turn(g.prototypes[:TYPICAL] for g in groups),
            *_in_turn(g.outliers[:UNUSUAL] for g in groups),
            *_in_turn(g.mistaken for g in groups),
        )
    )
    patches = _in_turn([t.image for t in row] for row in tiles)
    return Larger(tuple(dict.fromkeys((*named, *mistakes, *patches, *range(images)))), len(named))


def _in_turn(rows: Iterable[Sequence[int]]) -> list[int]:
    """Return the first of each row, then the second of each, and so on."""
    return [i for rank in zip_longest(*rows) for i in rank if i is not None]
