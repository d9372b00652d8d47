"""Where in the picture a concept is: its mean code at each place of the grid, as shade."""

from collections.abc import Sequence
from dataclasses import dataclass

FAINT = 0.03
"""Places below this part of the strongest are left blank."""

THIRDS = (("top", "middle", "bottom"), ("left", "center", "right"))


@dataclass(frozen=True)
class Cell:
    """One place of the grid, and how dark it is, from 0 to 1."""

    column: int
    row: int
    shade: str


@dataclass(frozen=True)
class Place:
    """The grid."""

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    where: str
    """The strongest place in words."""


def place(codes: Sequence[Sequence[float]]) -> Place | None:
    """Draw mean codes, rows from top to bottom, the largest 1; None where there are none."""
    flat = [code for row in codes for code in row]
    if not any(code > 0 for code in flat):
        return None
    rows, columns = len(codes), len(codes[0])
    row, column = divmod(flat.index(max(flat)), columns)
    down, across = THIRDS[0][3 * row // rows], THIRDS[1][3 * column // columns]
    return Place(
        rows,
        columns,
        tuple(
            Cell(i % columns, i // columns, f"{min(code, 1.0):.2g}")
            for i, code in enumerate(flat)
            if code >= FAINT
        ),
        "center" if (down, across) == ("middle", "center") else f"{down} {across}",
    )
