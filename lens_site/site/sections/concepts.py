"""The concepts of a class, a card each: tiles, bar, figures, and the parts it is made of."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.charts.bars import Bar, bars
from lens_site.site.numbers import by, count, exact, percent
from lens_site.site.pictures import Crop
from lens_site.site.records import Section, Site


@dataclass(frozen=True)
class AlignedClass:
    """A class a concept points towards; linked when it has a page and is another one."""

    name: str
    cosine: str
    slug: str | None


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
class ConceptCard:
    """One concept."""

    badge: Badge
    share: str
    against: bool
    chance: bool
    important: bool
    bar: Bar
    decides: str
    """Part of the images in which it weighs most; empty where there is none."""
    reliability: str
    aligned: tuple[AlignedClass, ...]
    tiles: Crop | None
    heat: Crop | None
    parts: tuple[PartRow, ...]


@dataclass(frozen=True)
class Origin:
    """Where the parts of the concepts come from."""

    layer: str
    grid: str


@dataclass(frozen=True)
class Concepts:
    """What the section shows."""

    cards: tuple[ConceptCard, ...]
    places: str
    """What a patch is: a place or a window."""
    cancels: bool
    dead: int
    origin: Origin | None


def concepts(site: Site, result: ClassResult) -> Concepts:
    """Return what the section shows."""
    badges, recursion = badges_of(result), result.recursion
    return Concepts(
        cards=tuple(
            _card(concept, badges[concept.number], bar, _aligned(concept, result, site.slugs))
            for concept, bar in zip(result.concepts, bars(result.concepts), strict=True)
            if is_present(concept)
        ),
        places="windows" if result.extraction.patches == "crops" else "places",
        cancels=not any(c.share for c in result.concepts),
        dead=sum(not is_present(c) for c in result.concepts),
        origin=None if recursion is None else Origin(recursion.layer, by(recursion.grid)),
    )


def _card(
    concept: Concept, badge: Badge, bar: Bar, aligned: tuple[AlignedClass, ...]
) -> ConceptCard:
    n, reliability = concept.number, concept.reliability
    patches = count(len(concept.tiles), "image patch", "image patches")
    return ConceptCard(
        badge=badge,
        share=percent(concept.share),
        against=concept.share <= -0.005,
        chance=concept.null_share > 0 and abs(concept.share) <= concept.null_share,
        important=concept.important,
        bar=bar,
        decides=percent(concept.prevalence) if concept.dominates else "",
        reliability="unknown" if reliability is None else percent(reliability),
        aligned=aligned,
        tiles=_strip(concept, concept.tiles_file, f"{patches} that hold concept {n} most"),
        heat=_strip(concept, concept.heat_file, f"whole images, lit where concept {n} is present"),
        parts=_parts(concept),
    )


def _strip(concept: Concept, file: str, alt: str) -> Crop | None:
    return Crop(file, alt, columns=len(concept.tiles)) if concept.tiles else None


def _aligned(
    concept: Concept, result: ClassResult, slugs: dict[int, str]
) -> tuple[AlignedClass, ...]:
    others = {index: slug for index, slug in slugs.items() if index != result.name.index}
    return tuple(
        AlignedClass(a.name, exact(a.cosine, 2), others.get(a.index)) for a in concept.aligned
    )


def _parts(concept: Concept) -> tuple[PartRow, ...]:
    """Return the sub-concepts; row j of the sheet holds the tiles of the j-th."""
    columns = max((len(p.tiles) for p in concept.parts), default=0)

    def crop(row: int, alt: str) -> Crop:
        return Crop(concept.parts_file, alt, 0, row, columns, len(concept.parts))

    def part_row(row: int) -> PartRow:
        part = concept.parts[row]
        shown = len(part.tiles)
        if not shown:
            return PartRow(percent(part.weight), None, None, 0)
        patches = count(shown, "image patch", "image patches")
        alt = f"{patches} that hold part {part.number} of concept {concept.number} most"
        return PartRow(
            percent(part.weight), crop(row, ""), crop(row, alt), shown, f"{columns / shown:.4g}"
        )

    return tuple(part_row(row) for row in range(len(concept.parts)))


SECTION = Section(place=40, context=concepts)
