"""The concepts of a class, a card each: pictures, bar, what the claim rests on, and its parts."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.results.shown import tiles_of
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.charts.bars import Bar, bars, swings
from lens_site.site.charts.place import Place, place
from lens_site.site.handles import Named, handle, named
from lens_site.site.language import many, say
from lens_site.site.numbers import by, change, exact, percent, span
from lens_site.site.parts import Origin, Parts, parts
from lens_site.site.pictures import Strip, strips
from lens_site.site.records import Section, Site
from lens_site.site.visualizations import Visual, visual


@dataclass(frozen=True)
class AlignedClass:
    """A class in the handle of a concept; linked when it has a page."""

    name: str
    slug: str | None


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
    named: Named | None
    pairs: tuple[Strip, Strip] | None
    visual: Visual | None
    parts: Parts | None


@dataclass(frozen=True)
class Rest:
    """Evidence that belongs to no concept: a name, its share and why it is there."""

    name: str
    share: str
    bar: Bar
    why: str


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
    lead: bool
    """Whether the lead over the runner-up is explained, not the class's own logit."""
    whiskers: bool
    refitted: bool
    null: bool
    covered: str
    """What covering a concept means here; empty where none was."""
    handles: bool
    """Whether any concept also counts toward another class."""
    placed: bool
    rated: bool
    """Whether any concept leads in images with labels."""
    dead: int
    origin: Origin | None


def concepts(site: Site, result: ClassResult) -> Concepts:
    """Return what the section shows."""
    badges, recursion, rests = badges_of(result), result.recursion, _rests(result)
    cancels, one = not any(c.share for c in result.concepts), len(result.images) == 1
    swing = _swings(result) if cancels else []
    beside = [share for _, share, _ in rests]
    drawn = swings(swing, beside) if cancels else bars(result.concepts, beside)
    places = say("windows") if result.extraction.patches == "crops" else say("places")
    level = result.refits.random_patches if result.refits else 0.0
    shares = [f"±{percent(high - low)}" for low, high in swing] or [
        percent(c.share) for c in result.concepts
    ]
    most = tiles_of(sum(c.important for c in result.concepts))
    cards = tuple(
        _card(site, result, c, badges[c.number], bar, level, most, written)
        for c, bar, written in zip(result.concepts, drawn, shares, strict=False)
        if is_present(c)
    )
    return Concepts(
        cards=cards,
        rests=tuple(
            Rest(name, percent(share), bar, why)
            for (name, share, why), bar in zip(
                rests, drawn[len(result.concepts) :], strict=True
            )
        ),
        places=places,
        one=one,
        cancels=cancels,
        lead=result.score == "margin",
        whiskers=not one and not cancels,
        refitted=any(c.share_range for c in result.concepts),
        null=any(c.null_share > 0 for c in result.concepts),
        covered=_covered(result, places),
        handles=any(handle(c, result) for c in result.concepts),
        placed=any(card.place for card in cards),
        rated=not one and any(card.right_range for card in cards),
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
    rests = [
        (
            say("Everything else"),
            kept.everything_else,
            say("what the network saw and no concept holds"),
        )
    ]
    unit = sum(abs(v) for image in result.images for v in image.importance) / len(result.images)
    if kept.mean_part is not None and unit:
        why = say("what an average patch adds; these concepts only say how a patch differs from it")
        rests.insert(0, (say("The mean’s part"), kept.mean_part / unit, why))
    return tuple(rests)


def _covered(result: ClassResult, places: str) -> str:
    tried = sorted({c.covering.images for c in result.concepts if c.covering})
    if not tried:
        return ""
    return many(
        "change of the score when its {places} are covered in the {n} image with most of it",
        "change of the score when its {places} are covered in the {n} images with most of it",
        tried[-1],
        places=places,
    )


def _card(
    site: Site,
    result: ClassResult,
    concept: Concept,
    badge: Badge,
    bar: Bar,
    level: float,
    most: int,
    share: str,
) -> ConceptCard:
    covering, around = concept.covering, concept.reliability_interval
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
        aligned=_aligned(concept, result, site),
        named=named(site, result, concept),
        pairs=strips(concept, most),
        visual=visual(concept, result),
        parts=parts(concept),
    )


def _aligned(concept: Concept, result: ClassResult, site: Site) -> tuple[AlignedClass, ...]:
    return tuple(AlignedClass(a.name, site.slugs.get(a.index)) for a in handle(concept, result))


SECTION = Section(place=20, context=concepts)
