"""The page of a concept: its pictures, how much it counts, where it misleads, what is like it.

There is one for every concept that shows up in its class, at an address that stays:
``classes/0967-espresso/concepts/03/``. Beside it ``concept.json`` holds its numbers.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from lens_site.results.schema import (
    ClassResult,
    Concept,
    ConceptPoint,
    ImageEntry,
    Neighbor,
    Tile,
)
from lens_site.site import handles
from lens_site.site.across import Seen, across, group_address
from lens_site.site.badges import Badge, badges_of, is_present, is_wrong
from lens_site.site.charts.bars import Bar, bars
from lens_site.site.charts.histogram import Columns, histogram
from lens_site.site.charts.place import Place, place
from lens_site.site.language import later, many, say
from lens_site.site.numbers import by, change, exact, percent, span, whole
from lens_site.site.parts import Origin, Parts, parts
from lens_site.site.pictures import Framed, Strip, framed, strips
from lens_site.site.records import PREVIEW, Page, Site, View
from lens_site.site.visualizations import Visual, visual

FILE = "concept.json"
"""Name of the numbers beside the page."""

ROW, MOST = 10, 20
"""Prototypes side by side, and on the page."""

SIMILAR, SIMILAR_TILES = 4, 4
"""Concepts of other classes that are shown, and the tiles of each."""

MISTAKES = 4
"""Mistakes that are shown."""

APART = ("tiles", "typical", "weak", "parts")
"""Members of a concept that say where pictures are cut from; ``class.json`` holds them."""


@dataclass(frozen=True)
class Fact:
    """A figure, what it is, and what to hold it against."""

    name: str
    value: str
    beside: str


@dataclass(frozen=True)
class Class:
    """Another class, linked where it has a page, and a figure."""

    name: str
    slug: str | None
    figure: str


@dataclass(frozen=True)
class Misleads:
    """The labeled images that the concept leads: how many are right, and which are not."""

    right: str
    interval: str
    labels: tuple[Class, ...]
    pictures: tuple[Framed, ...]


@dataclass(frozen=True)
class Similar:
    """A concept of another class that is like this one."""

    badge: Badge
    name: str
    slug: str
    cosine: str
    mutual: bool
    tiles: Strip


@dataclass(frozen=True)
class Alike:
    """The concepts of other classes that are more like this one than chance would have it."""

    concepts: tuple[Similar, ...]
    chance: str
    """What 99 of 100 random pairs stay under."""
    group: str
    """Address of the shared concept it is one of, from the root of the site; empty if of none."""
    classes: int
    """Classes that share it."""


@dataclass(frozen=True)
class ConceptPage:
    """What the page shows; what is not known is empty or None."""

    name: str
    index: int
    badge: Badge
    named: handles.Named | None
    description: str
    previous: Badge | None
    next: Badge | None
    sentence: str
    place: Place | None
    visual: Visual | None
    rows: tuple[tuple[Strip, Strip], ...]
    typical: tuple[Framed, ...]
    weak: tuple[Framed, ...]
    bar: Bar
    facts: tuple[Fact, ...]
    columns: Columns | None
    leads: str
    misleads: Misleads | None
    toward: tuple[Class, ...]
    alike: Alike | None
    parts: Parts | None
    origin: Origin | None
    places: str
    """What a patch is: a place or a window."""


def concept_pages(site: Site, result: ClassResult) -> Iterator[View]:
    """Return the pages of all concepts of a class that show up in it."""
    badges = badges_of(result)
    shown = [c for c in result.concepts if is_present(c)]
    folder = f"classes/{result.name.slug}"
    around = (None, *(badges[c.number] for c in shown), None)
    for i, concept in enumerate(shown):
        page = _page(site, result, concept, around[i : i + 3])
        yield View(
            f"{folder}/{page.badge.page}",
            page,
            f"{folder}/{PREVIEW}",
            {FILE: _json(site, result, concept)},
        )


def _page(
    site: Site, result: ClassResult, concept: Concept, around: Sequence[Badge | None]
) -> ConceptPage:
    previous, badge, following = around
    assert badge is not None
    images, recursion, sentence = len(result.images), result.recursion, _sentence(result, concept)
    rows = (strips(concept, min(ROW, MOST - start), start) for start in range(0, MOST, ROW))
    return ConceptPage(
        name=result.name.name,
        index=result.name.index,
        badge=badge,
        named=handles.named(site, result, concept),
        description=f"{_title(concept, result)}. {sentence}",
        previous=previous,
        next=following,
        sentence=sentence,
        place=place(concept.mean_map),
        visual=visual(concept, result),
        rows=tuple(row for row in rows if row),
        typical=_framed(
            result,
            concept.typical,
            say("image with a middling amount of the concept, its strongest place framed"),
        ),
        weak=_framed(
            result,
            concept.weak,
            say("image with little of the concept, its strongest place framed"),
        ),
        bar=bars([concept])[0],
        facts=_facts(result, concept),
        columns=histogram(concept.histogram) if concept.histogram else None,
        leads=many(
            "{lead} of {n} image", "{lead} of {n} images", images, lead=whole(concept.dominates)
        )
        if concept.dominates
        else "",
        misleads=_misleads(site, result, concept),
        toward=tuple(
            Class(a.name, site.slugs.get(a.index), exact(a.cosine, 2))
            for a in handles.others(concept, result)
        ),
        alike=_alike(site, result, concept),
        parts=parts(concept),
        origin=None if recursion is None else Origin(recursion.layer, by(recursion.grid)),
        places=say("windows") if result.extraction.patches == "crops" else say("places"),
    )


def _title(concept: Concept, result: ClassResult) -> str:
    return say("Concept {number} of {name}", number=concept.number, name=result.name.name)


def _sentence(result: ClassResult, concept: Concept) -> str:
    """Say in words how much the concept counts, and how far that can be told from chance."""
    share, name = concept.share, result.name.name
    counts = (
        later("It counts against {name}, with {share} of the evidence, {leads}.")
        if share <= -0.005
        else later("Over all images it adds next to nothing to {name} {leads}.")
        if share < 0.005
        else later("It carries {share} of the evidence for {name} {leads}.")
    )
    leads = say("and is never the main reason")
    if concept.dominates:
        leads = many(
            "and leads in {part} of {n} image",
            "and leads in {part} of {n} images",
            len(result.images),
            part=percent(concept.prevalence),
        )
    told = say(counts, name=name, share=percent(share), leads=leads)
    chance = concept.null_share > 0 and abs(share) <= concept.null_share
    doubt = say("Its share is not distinguishable from chance.")
    return f"{told} {doubt}" if chance else told


def _framed(result: ClassResult, tiles: Sequence[Tile], alt: str) -> tuple[Framed, ...]:
    images = len(result.images)
    return tuple(framed(result.sprite, tile.image, images, alt, tile.box) for tile in tiles)


def _facts(result: ClassResult, concept: Concept) -> tuple[Fact, ...]:
    """Return how much the concept counts, each figure beside what it is to be held against."""
    again, refits, covering = concept.found_again, result.refits, concept.covering
    drawn = say("{range} when images are drawn again", range=_range(concept.interval))
    if concept.null_share > 0:
        chance = percent(concept.null_share)
        drawn += "; " + say("directions drawn by chance reach {share}", share=chance)
    facts = [Fact(say("share of the evidence"), percent(concept.share), drawn)]
    if concept.share_range:
        beside = say("share of it, and of its match when learned again")
        facts.append(Fact(say("over all fits"), _range(concept.share_range), beside))
    if again is not None and refits:
        random = exact(refits.random_patches, 2)
        beside = say("likeness to that match; random patches reach {random}", random=random)
        facts.append(Fact(say("found again"), exact(again, 2), beside))
    if covering:
        random = change(-covering.fall_at_random)
        beside = many(
            "change of the score in {n} image; at random {random}",
            "change of the score in {n} images; at random {random}",
            covering.images,
            random=random,
        )
        facts.append(Fact(say("covering it"), change(-covering.fall), beside))
    return tuple(facts)


def _range(around: tuple[float, float]) -> str:
    low, high = map(percent, around)
    return say("{low} to {high}", low=low, high=high)


def _misleads(site: Site, result: ClassResult, concept: Concept) -> Misleads | None:
    """Return what the labels say of the images the concept leads; None where none is labeled."""
    if concept.reliability is None:
        return None
    around, n, wrong = concept.reliability_interval, len(result.images), _wrong(result, concept)
    return Misleads(
        right=percent(concept.reliability),
        interval=span(*around) if around else "",
        labels=tuple(
            Class(name, site.slugs.get(label) if label is not None else None, whole(times))
            for (label, name), times in _labels(wrong)
        ),
        pictures=tuple(
            framed(result.sprite, i, n, say("labeled {name}", name=image.label_name))
            for i, image in wrong[:MISTAKES]
        ),
    )


def _wrong(result: ClassResult, concept: Concept) -> list[tuple[int, ImageEntry]]:
    """Return the images that the concept leads and that carry another label, by position."""
    return [
        (i, image)
        for i, image in enumerate(result.images)
        if image.dominant == concept.number and is_wrong(image, result.name.index)
    ]


def _labels(
    wrong: Sequence[tuple[int, ImageEntry]],
) -> list[tuple[tuple[int | None, str], int]]:
    """Count their labels, the most frequent first."""
    labels = Counter((i.label, i.label_name or say("another class")) for _, i in wrong)
    return sorted(labels.items(), key=lambda item: (-item[1], item[0][1]))


def _alike(site: Site, result: ClassResult, concept: Concept) -> Alike | None:
    """Return the most similar concepts of other classes, as the run holds them."""
    found = site.once(across)
    point = site.once(_points).get((result.name.index, concept.number))
    if found is None or found.model.reference is None or point is None:
        return None
    chance = found.model.reference.random_high
    near = [n for n in point.neighbors if n.cosine > chance][:SIMILAR]
    return Alike(
        concepts=tuple(_similar(found.seen(n), n) for n in near),
        chance=exact(chance, 2),
        group="" if point.group is None else group_address(point.group),
        classes=0 if point.group is None else len(found.group(point.group).members),
    )


def _similar(seen: Seen, near: Neighbor) -> Similar:
    alt = say("patches of concept {number} of {name}", number=near.concept, name=seen.name)
    shown = min(SIMILAR_TILES, seen.columns)
    return Similar(
        badge=seen.badge,
        name=seen.name,
        slug=seen.slug,
        cosine=exact(near.cosine, 2),
        mutual=near.mutual,
        tiles=Strip(seen.concept.tiles_file, alt, shown, seen.columns),
    )


def _points(site: Site) -> dict[tuple[int, int], ConceptPoint]:
    found = site.once(across)
    return {(p.index, p.concept): p for p in found.model.points} if found else {}


def _json(site: Site, result: ClassResult, concept: Concept) -> bytes:
    """Return every number of the page; where its pictures are cut from stands in class.json."""
    point = site.once(_points).get((result.name.index, concept.number))
    name, found = handles.named(site, result, concept), site.once(across)
    reference = found.model.reference if found else None
    labels = _labels(_wrong(result, concept))
    held = {
        "run": site.run.run,
        "class": result.name.model_dump(mode="json"),
        "concept": concept.model_dump(mode="json", exclude=set(APART)),
        "name": None if name is None else asdict(name),
        "images": len(result.images),
        "random_patches": result.refits.random_patches if result.refits else None,
        "mistakes": [{"index": i, "name": label, "count": n} for (i, label), n in labels],
        "similar": [n.model_dump(mode="json") for n in point.neighbors] if point else [],
        "shared_by": len(found.group(point.group).members)
        if found and point and point.group
        else 0,
        "random_pairs": reference.random_high if reference else None,
    }
    return (json.dumps(held, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


PAGE = Page(place=25, of_class=concept_pages)
