"""Which place of an image decided: what each part of it adds to the answer.

Notation: codes u (s, k) of an image at s places of a grid, contributions φ (k,) of its concepts. A
place adds Σ_i φ_i u_si / Σ_t u_ti, all places together what the concepts add. At a linear head
this is exact; elsewhere it shares each contribution out by where the concept is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, fsum

from lens_site.results.schema import ClassResult
from lens_site.results.store import ARRAYS
from lens_site.site.headers import row_of
from lens_site.site.records import Site

SIDE = 2 / 7
"""Side of a place that is asked about, as a part of the picture's, about."""

LOWER = 0.5
"""Another place that is asked about adds at most this part of what the true one does."""


@dataclass(frozen=True)
class Place:
    """A rectangle of the picture, in parts of it, and its share of what the concepts add."""

    left: float
    top: float
    width: float
    height: float
    share: float


def places(site: Site, result: ClassResult, position: int, count: int) -> tuple[Place, ...]:
    """Return places apart from each other, the one that adds most first; () where there are none.

    The others add as much as they can and be clearly less. Codes of crops have no place of their
    own, and negative ones speak where the concept is not.
    """
    if ARRAYS not in result.files or result.extraction.patches == "crops":
        return ()
    codes = row_of(site.folder(result) / ARRAYS, "codes", position)
    if min(codes) < 0:
        return ()
    adds = shared_out(codes, result.images[position].importance)
    best, *others = sorted(
        _windows(adds, result.grid), key=lambda place: (-place.share, place.top, place.left)
    )
    found = [best]
    for place in others:
        if place.share <= LOWER * best.share and not any(_touch(place, one) for one in found):
            found.append(place)
    return tuple(found[:count]) if len(found) >= count and best.share > 0 else ()


def shared_out(codes: tuple[float, ...], importance: tuple[float, ...]) -> list[float]:
    """Return what each of the places adds, of codes (s, k) row by row."""
    k = len(importance)
    sums = [fsum(codes[i::k]) for i in range(k)]
    weights = [adds / whole if whole else 0.0 for adds, whole in zip(importance, sums, strict=True)]
    return [
        fsum(code * weight for code, weight in zip(codes[at : at + k], weights, strict=True))
        for at in range(0, len(codes), k)
    ]


def _windows(adds: list[float], grid: tuple[int, int]) -> Iterator[Place]:
    """Yield every place of a grid that is as large as is asked about."""
    rows, columns = grid
    high, wide = (max(1, ceil(SIDE * side - 0.5)) for side in grid)
    whole = fsum(adds)
    for top in range(rows - high + 1):
        for left in range(columns - wide + 1):
            cells = [
                adds[row * columns + column]
                for row in range(top, top + high)
                for column in range(left, left + wide)
            ]
            share = fsum(cells) / whole if whole > 0 else 0.0
            yield Place(left / columns, top / rows, wide / columns, high / rows, share)


def _touch(one: Place, other: Place) -> bool:
    hair = 1e-9
    return (
        abs(one.left - other.left) < one.width - hair
        and abs(one.top - other.top) < one.height - hair
    )
