"""Where in the picture a concept is: its mean code at each place of the grid, as shade."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import fsum

from lens_site.site.language import later, say
from lens_site.site.numbers import by, percent

LEVELS = 8
"""Steps of shade; places under half a step are left blank."""

THIRDS = (
    (later("top left"), later("top center"), later("top right")),
    (later("middle left"), later("center"), later("middle right")),
    (later("bottom left"), later("bottom center"), later("bottom right")),
)
"""Ninths of the picture, in words."""


@dataclass(frozen=True)
class Shade:
    """The places of one darkness, from 0 to 1, as lines of their height through their middle."""

    opacity: str
    path: str


@dataclass(frozen=True)
class Core:
    """How much of the concept is at the places in the middle, and how much of the picture."""

    share: str
    places: str
    even: str
    """Their part of all places: the share of what is everywhere alike."""

    @property
    def told(self) -> str:
        """The figures in words."""
        return say(
            "{share} in the middle {places}, {even} if everywhere alike",
            share=self.share,
            places=self.places,
            even=self.even,
        )


@dataclass(frozen=True)
class Place:
    """The grid."""

    rows: int
    columns: int
    shades: tuple[Shade, ...]
    where: str
    """The strongest place in words."""
    core: Core | None

    @property
    def told(self) -> str:
        """The map in words."""
        center = f"; {self.core.told}" if self.core else ""
        return say("strongest at the {where}", where=say(self.where)) + center


def place(codes: Sequence[Sequence[float]]) -> Place | None:
    """Draw mean codes, rows from top to bottom, the largest 1; None where there are none."""
    flat = [code for row in codes for code in row]
    if not any(code > 0 for code in flat):
        return None
    rows, columns = len(codes), len(codes[0])
    row, column = divmod(flat.index(max(flat)), columns)
    where = THIRDS[3 * row // rows][3 * column // columns]
    return Place(
        rows,
        columns,
        _shades(codes),
        where,
        core(codes),
    )


def _shades(codes: Sequence[Sequence[float]]) -> tuple[Shade, ...]:
    """Return thick lines through the places, one for neighbors of the same shade."""
    lines: dict[int, str] = defaultdict(str)
    for row, line in enumerate(codes):
        levels = [max(0, round(LEVELS * min(code, 1.0))) for code in line]
        column = 0
        for level, same in groupby(levels):
            wide = len(list(same))
            lines[level] += f"M{column} {row}h{wide}"
            column += wide
    return tuple(
        Shade(f"{n / LEVELS:.2g}"[1:] if n < LEVELS else "1", lines[n]) for n in sorted(lines) if n
    )


def core(codes: Sequence[Sequence[float]]) -> Core | None:
    """Return the share of the middle places; None for codes of both signs and a coarse grid."""
    flat = [code for row in codes for code in row]
    rows, columns = (_middle(len(side)) for side in (codes, codes[0]))
    if min(flat) < 0 or not rows or not columns:
        return None
    inside = fsum(code for row in codes[rows] for code in row[columns])
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    return Core(percent(inside / fsum(flat)), by((high, wide)), percent(high * wide / len(flat)))


def _middle(places: int) -> slice | None:
    """Return the places in the middle: about three in seven, as many on either side."""
    inner = places - 2 * round(2 * places / 7)
    return slice((places - inner) // 2, (places + inner) // 2) if 0 < inner < places else None
