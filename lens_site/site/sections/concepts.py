"""The concepts of a class, a card each: pictures, bar, what the claim rests on, and its parts."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.results.shown import tiles_of
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.charts.bars import Bar, bars, swings
from lens_site.site.charts.place import Place, place
from lens_site.site.numbers import by, change, count, exact, percent, span
from lens_site.site.pictures import Crop
from lens_site.site.records import Section, Site


@dataclass(frozen=True)
class AlignedClass:
    """Another class that a concept counts toward; linked when it has a page."""

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
class Parts:
    """What a concept is made of, with the fit of its parts beside that of random ones."""

    rows: tuple[PartRow, ...]
    r2: str
    r2_random: str


@dataclass(frozen=True)
class ConceptCard:
    """One concept; a text is empty where nothing is known."""

    badge: Badge
    share: str
    against: bool
    chance: bool
    important: bool
    bar: Bar
    leads: str
    """Part of the images in which it is the main reason; empty where there is none."""
    right: str
    right_range: str
    found: str
    lost: bool
    """Whether other images give it back no better than random patches would."""
    covering: str
    covering_random: str
    place: Place | None
    aligned: tuple[AlignedClass, ...]
    tiles: Crop | None
    heat: Crop | None
    shown: int
    """Tiles that stand on the card, of all in the strip."""
    images: str
    """Which images they are of, separated by spaces."""
    parts: Parts | None


@dataclass(frozen=True)
class Rest:
    """Evidence that belongs to no concept: a name, its share and why it is there."""

    name: str
    share: str
    bar: Bar
    why: str


@dataclass(frozen=True)
class Origin:
    """Where the parts of the concepts come from."""

    layer: str
    grid: str


@dataclass(frozen=True)
class Concepts:
    """What the section shows."""

    cards: tuple[ConceptCard, ...]
    rests: tuple[Rest, ...]
    places: str
    """What a patch is: a place or a window."""
    one: bool
    """Whether there is one image only."""
    cancels: bool
    """Whether shares are those of single images, for what they add up to over all is nothing."""
    whiskers: bool
    refitted: bool
    null: bool
    covered: bool
    placed: bool
    rated: bool
    """Whether any concept leads in images with labels."""
    aligned: bool
    dead: int
    origin: Origin | None


def concepts(site: Site, result: ClassResult) -> Concepts:
    """Return what the section shows."""
    badges, recursion, others = badges_of(result), result.recursion, _rests(result)
    cancels, one = not any(c.share for c in result.concepts), len(result.images) == 1
    swing = _swings(result) if cancels else []
    beside = [share for _, share, _ in others]
    drawn = swings(swing, beside) if cancels else bars(result.concepts, beside)
    level = result.refits.random_patches if result.refits else 0.0
    shares = [f"±{percent(high - low)}" for low, high in swing] or [
        percent(c.share) for c in result.concepts
    ]
    most = tiles_of(sum(c.important for c in result.concepts))
    cards = tuple(
        _card(c, badges[c.number], bar, level, most, _aligned(c, result, site), written)
        for c, bar, written in zip(result.concepts, drawn, shares, strict=False)
        if is_present(c)
    )
    return Concepts(
        cards=cards,
        rests=tuple(
            Rest(name, percent(share), bar, why)
            for (name, share, why), bar in zip(
                others, drawn[len(result.concepts) :], strict=True
            )
        ),
        places="windows" if result.extraction.patches == "crops" else "places",
        one=one,
        cancels=cancels,
        whiskers=not one and not cancels,
        refitted=any(c.share_range for c in result.concepts),
        null=any(c.null_share > 0 for c in result.concepts),
        covered=any(c.covering for c in result.concepts),
        placed=any(card.place for card in cards),
        rated=not one and any(card.right_range for card in cards),
        aligned=any(card.aligned for card in cards),
        dead=sum(not is_present(c) for c in result.concepts),
        origin=None if recursion is None else Origin(recursion.layer, by(recursion.grid)),
    )  # fmt: skip


def _swings(result: ClassResult) -> list[tuple[float, float]]:
    """Return what each concept takes off and adds in single images, as mean shares of evidence."""
    rows = [[v / (sum(map(abs, i.importance)) or 1.0) for v in i.importance] for i in result.images]
    return [
        (sum(min(v, 0.0) for v in column) / len(rows), sum(max(v, 0.0) for v in column) / len(rows))
        for column in zip(*rows, strict=True)
    ]


def _rests(result: ClassResult) -> tuple[tuple[str, float, str], ...]:
    """Return what else the evidence is made of, in the unit of the shares."""
    kept = result.kept
    if kept is None:
        return ()
    rests = [("Everything else", kept.everything_else, "what the network saw and no concept holds")]
    unit = sum(abs(v) for image in result.images for v in image.importance) / len(result.images)
    if kept.mean_part is not None and unit:
        why = "what an average patch adds; these concepts only say how a patch differs from it"
        rests.insert(0, ("The mean’s part", kept.mean_part / unit, why))
    return tuple(rests)


def _card(
    concept: Concept,
    badge: Badge,
    bar: Bar,
    level: float,
    most: int,
    aligned: tuple[AlignedClass, ...],
    share: str,
) -> ConceptCard:
    n, covering, around = concept.number, concept.covering, concept.reliability_interval
    patches = count(min(len(concept.tiles), most), "image patch", "image patches")
    found = concept.found_again
    return ConceptCard(
        badge=badge,
        share=share,
        against=concept.share <= -0.005,
        chance=concept.null_share > 0 and abs(concept.share) <= concept.null_share,
        important=concept.important,
        bar=bar,
        leads=percent(concept.prevalence) if concept.dominates else "",
        right="" if concept.reliability is None else percent(concept.reliability),
        right_range=span(*around) if around and concept.reliability is not None else "",
        found="" if found is None else exact(found, 2),
        lost=found is not None and found <= level,
        covering="" if covering is None else change(-covering.fall),
        covering_random="" if covering is None else change(-covering.fall_at_random),
        place=place(concept.mean_map),
        aligned=aligned,
        tiles=_strip(concept, concept.tiles_file, f"{patches} that hold concept {n} most"),
        heat=_strip(concept, concept.heat_file, f"whole images, lit where concept {n} is present"),
        shown=min(len(concept.tiles), most),
        images=" ".join(str(tile.image) for tile in concept.tiles),
        parts=_parts(concept),
    )


def _strip(concept: Concept, file: str, alt: str) -> Crop | None:
    return Crop(file, alt, columns=len(concept.tiles)) if concept.tiles else None


def _aligned(concept: Concept, result: ClassResult, site: Site) -> tuple[AlignedClass, ...]:
    return tuple(
        AlignedClass(a.name, exact(a.cosine, 2), site.slugs.get(a.index))
        for a in concept.aligned
        if a.index != result.name.index
    )


def _parts(concept: Concept) -> Parts | None:
    """Return the sub-concepts, row j of the sheet the j-th; None where chance does as well."""
    r2, random = concept.parts_r2, concept.parts_r2_random
    if not concept.parts or (r2 is not None and random is not None and r2 <= random):
        return None
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

    return Parts(
        tuple(part_row(row) for row in range(len(concept.parts))),
        "" if r2 is None else exact(r2, 2),
        "" if random is None else exact(random, 2),
    )


SECTION = Section(place=20, context=concepts)
