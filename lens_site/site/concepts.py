"""The concepts of a class: badge, tiles, bar, figures, and the parts each is made of."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.site.figures import Bar, Crop, first_tile, tones
from lens_site.site.numbers import count, exact, percent


@dataclass(frozen=True)
class Badge:
    """A concept wherever it is mentioned: number, color, best tile."""

    number: int
    tone: str
    tile: Crop | None


@dataclass(frozen=True)
class AlignedClass:
    """A class a concept points towards; linked when it has a page."""

    name: str
    cosine: str
    slug: str | None


@dataclass(frozen=True)
class PartRow:
    """A part of a concept: its weight, its best tile and its row of the sheet of tiles."""

    number: int
    weight: str
    first: Crop | None
    tiles: Crop | None
    shown: int


@dataclass(frozen=True)
class ConceptCard:
    """One concept, as card and as row of the table."""

    badge: Badge
    share: str
    against: bool
    chance: bool
    important: bool
    bar: Bar
    interval: str
    decides: str
    dominates: int
    reliability: str
    aligned: tuple[AlignedClass, ...]
    tiles: Crop | None
    heat: Crop | None
    images: str
    parts: tuple[PartRow, ...]
    exact: dict[str, str]


def badges_of(result: ClassResult) -> dict[int, Badge]:
    """Return the badge of each concept, by number."""
    colors = tones(result)
    return {c.number: Badge(c.number, colors[c.number], first_tile(c)) for c in result.concepts}


def concept_card(concept: Concept, badge: Badge, bar: Bar, slugs: dict[int, str]) -> ConceptCard:
    """Return what the page shows of one concept; ``slugs`` are the classes that have a page."""
    shown, n = len(concept.tiles), concept.number
    some = count(shown, "image patch", "image patches")
    low, high = concept.interval
    return ConceptCard(
        badge=badge,
        share=percent(concept.share),
        against=concept.share <= -0.005,
        chance=concept.null_share > 0 and abs(concept.share) <= concept.null_share,
        important=concept.important,
        bar=bar,
        interval=f"95% interval {percent(low)} to {percent(high)}" if bar.interval else "",
        decides=percent(concept.prevalence),
        dominates=concept.dominates,
        reliability="unknown" if concept.reliability is None else percent(concept.reliability),
        aligned=tuple(
            AlignedClass(a.name, exact(a.cosine, 2), slugs.get(a.index)) for a in concept.aligned
        ),
        tiles=Crop(concept.tiles_file, f"{some} that hold concept {n} most", columns=shown)
        if shown
        else None,
        heat=Crop(
            concept.heat_file, f"whole images, lit where concept {n} is present", columns=shown
        )
        if shown
        else None,
        images=count(concept.dominates, "image"),
        parts=_parts(concept),
        exact={
            "share": exact(concept.share),
            "low": exact(low),
            "high": exact(high),
            "null": exact(concept.null_share),
            "prevalence": exact(concept.prevalence),
            "dominates": f"{concept.dominates:,}",
            "reliability": "unknown" if concept.reliability is None else exact(concept.reliability),
        },
    )


def _parts(concept: Concept) -> tuple[PartRow, ...]:
    """Return the sub-concepts; row j of the sheet holds the tiles of the j-th."""
    columns = max((len(p.tiles) for p in concept.parts), default=0)

    def crop(row: int, alt: str) -> Crop:
        return Crop(concept.parts_file, alt, 0, row, columns, len(concept.parts))

    return tuple(
        PartRow(
            number=part.number,
            weight=percent(part.weight),
            first=crop(row, "") if part.tiles else None,
            tiles=crop(
                row,
                f"{count(len(part.tiles), 'image patch', 'image patches')} that hold part "
                f"{part.number} of concept {concept.number} most",
            )
            if part.tiles
            else None,
            shown=len(part.tiles),
        )
        for row, part in enumerate(concept.parts)
    )
