"""What a concept is made of, as pictures: its sub-concepts, each a row of one sheet of tiles."""

from dataclasses import dataclass

from lens_site.results.schema import Concept
from lens_site.site.language import many
from lens_site.site.numbers import exact, percent
from lens_site.site.pictures import Crop


@dataclass(frozen=True)
class PartRow:
    """A part of a concept: its weight, its best tile and its row of the sheet of tiles."""

    weight: str
    first: Crop | None
    tiles: Crop | None
    shown: int
    """Tiles in the row, where the longest row has ``tiles.columns``."""
    stretch: str = "1"
    """Width of the longest row over that of this one."""


@dataclass(frozen=True)
class Parts:
    """What a concept is made of, with the fit of its parts beside that of random ones."""

    rows: tuple[PartRow, ...]
    r2: str
    r2_random: str


@dataclass(frozen=True)
class Origin:
    """Where the parts of concepts come from."""

    layer: str
    grid: str


def parts(concept: Concept) -> Parts | None:
    """Return the sub-concepts, row j of the sheet the j-th; None where chance does as well."""
    r2, random = concept.parts_r2, concept.parts_r2_random
    if not concept.parts or (r2 is not None and random is not None and r2 <= random):
        return None
    return Parts(
        tuple(_row(concept, row) for row in range(len(concept.parts))),
        "" if r2 is None else exact(r2, 2),
        "" if random is None else exact(random, 2),
    )


def _row(concept: Concept, row: int) -> PartRow:
    part = concept.parts[row]
    shown, columns = len(part.tiles), max(len(p.tiles) for p in concept.parts)
    if not shown:
        return PartRow(percent(part.weight), None, None, 0)
    alt = many(
        "{n} image patch that holds part {part} of concept {concept} most",
        "{n} image patches that hold part {part} of concept {concept} most",
        shown,
        part=part.number,
        concept=concept.number,
    )
    first, whole = (
        Crop(concept.parts_file, told, 0, row, columns, len(concept.parts)) for told in ("", alt)
    )
    return PartRow(percent(part.weight), first, whole, shown, f"{columns / shown:.4g}")
