"""One class in two runs: the concepts both use, those only one uses, and figures side by side.

At an address that stays: ``compare/<run>--<run>/0967-espresso/``. Addresses of pictures are from
the root of the first run's pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lens_site.results.schema import (
    Alone,
    ClassPair,
    ClassResult,
    LabelCount,
    Said,
    Strategy,
)
from lens_site.site.badges import Badge, badges_of
from lens_site.site.beside import Figure, figures
from lens_site.site.charts.bars import Bar, bars
from lens_site.site.charts.correlation import Correlation, correlation
from lens_site.site.handles import address
from lens_site.site.labels import labels
from lens_site.site.language import many, say
from lens_site.site.numbers import by, exact, letter, percent, whole
from lens_site.site.pictures import Crop, Strip, strips, thumbnail
from lens_site.site.records import Other, Page, Site, View
from lens_site.site.retold import retell

TILES = 5
"""Tiles that stand for a concept."""

TYPICAL = 5
"""Images that stand for a strategy."""


@dataclass(frozen=True)
class Held:
    """A concept of one of the two runs."""

    badge: Badge
    address: str
    folder: str
    share: str
    right: str
    """How often the images it leads are labeled as the class; empty where that is not known."""
    bar: Bar
    tiles: Strip | None


@dataclass(frozen=True)
class Both:
    """A concept of each run that are active together."""

    first: Held
    second: Held
    value: str
    chart: Correlation


@dataclass(frozen=True)
class Only:
    """A concept of one run alone, and how far the nearest of the other is."""

    held: Held
    nearest: str
    chart: Correlation


@dataclass(frozen=True)
class Group:
    """A strategy of one run, or a leading group where images do not separate."""

    name: str
    share: str
    right: str
    dominant: Badge
    folder: str
    pictures: tuple[Crop, ...]


@dataclass(frozen=True)
class Side:
    """What the page shows of one run."""

    label: str
    address: str
    """Of the class there."""
    only: tuple[Only, ...]
    groups: tuple[Group, ...]
    apart: bool
    """Whether the groups are strategies, which stand apart."""
    said: str


@dataclass(frozen=True)
class CompareClass:
    """What the page shows."""

    name: str
    index: int
    slug: str
    sentence: str
    reason: str
    images: str
    grid: str
    absolute: bool
    both: tuple[Both, ...]
    sides: tuple[Side, Side]
    figures: tuple[Figure, ...]
    previous: str
    next: str


def compare_class(site: Site, result: ClassResult) -> Iterator[View]:
    """Return a page for each other run that comes after this one and has the class."""
    for other in site.others:
        slugs = [one.slug for one in other.pair.classes]
        if other.first and result.name.slug in slugs:
            i = slugs.index(result.name.slug)
            around = ("", *slugs, "")[i : i + 3]
            theirs = other.site.result(result.name.slug, verify=False)
            page = _page(site, other, other.pair.classes[i], result, theirs, around)
            first = f"classes/{result.name.slug}/{result.concepts[0].tiles_file}"
            yield View(f"{other.pages}{result.name.slug}/index.html", page, first)


def _page(
    site: Site,
    other: Other,
    pair: ClassPair,
    first: ClassResult,
    second: ClassResult,
    around: Sequence[str],
) -> CompareClass:
    names = labels([site.run, other.site.run])
    called = (names[site.run.run], names[other.site.run.run])
    one, two = _held(first, ""), _held(second, other.root)
    return CompareClass(
        name=first.name.name,
        index=first.name.index,
        slug=first.name.slug,
        sentence=_sentence(pair, first, second, called),
        reason=pair.reason,
        images=many("{n} image", "{n} images", pair.images),
        grid=by(pair.grid),
        absolute=pair.absolute,
        both=tuple(
            Both(
                one[m.first], two[m.second], exact(m.correlation, 2),
                correlation(m.correlation, m.chance),
            )
            for m in pair.matches
        ),
        sides=(
            _side(called, first, "", [_only(a, one) for a in pair.first_alone], pair.first_said),
            _side(
                called[::-1], second, other.root, [_only(a, two) for a in pair.second_alone],
                pair.second_said,
            ),
        ),
        figures=figures(first, second, alike=_alike(site, other)),
        previous=around[0],
        next=around[2],
    )  # fmt: skip


def _alike(site: Site, other: Other) -> bool:
    """Say whether both runs look at the same layer of the same network."""
    one, two = (run.classifier.weights_sha256 for run in (site.run, other.site.run))
    layers = {str(run.config.get("layer")) for run in (site.run, other.site.run)}
    return one == two and len(layers) == 1


def _held(result: ClassResult, root: str) -> dict[int, Held]:
    """Return the concepts of a class by number; bars of one class share an axis."""
    badges, slug = badges_of(result), result.name.slug
    drawn = bars(result.concepts)
    return {
        c.number: Held(
            badge=badges[c.number],
            address=root + address(slug, c.number),
            folder=f"{root}classes/{slug}/",
            share=percent(c.share),
            right="" if c.reliability is None or not c.dominates else percent(c.reliability),
            bar=bar,
            tiles=rows[0] if (rows := strips(c, TILES)) else None,
        )
        for c, bar in zip(result.concepts, drawn, strict=True)
    }


def _only(alone: Alone, held: dict[int, Held]) -> Only:
    nearest = say("concept {number}", number=alone.nearest) if alone.nearest else ""
    return Only(held[alone.concept], nearest, correlation(alone.correlation, alone.chance))


def _sentence(
    pair: ClassPair, first: ClassResult, second: ClassResult, called: tuple[str, str]
) -> str:
    """Say how many concepts both use, and how much of the evidence these carry in each."""
    if pair.reason:
        reason = retell(pair.reason)
        return say("The concepts of the two cannot be compared: {reason}.", reason=reason)
    if not pair.matches:
        return say(
            "No concept of one is active where one of the other is, more than chance would have it."
        )
    shares = (
        sum(first.concepts[m.first - 1].share for m in pair.matches),
        sum(second.concepts[m.second - 1].share for m in pair.matches),
    )
    return many(
        "{n} concept is active in both at the same places of the same images. It carries {share1} "
        "of the evidence in {run1} and {share2} in {run2}.",
        "{n} concepts are active in both at the same places of the same images. They carry "
        "{share1} of the evidence in {run1} and {share2} in {run2}.",
        len(pair.matches),
        share1=percent(shares[0]),
        run1=called[0],
        share2=percent(shares[1]),
        run2=called[1],
    )


def _side(
    called: tuple[str, str], result: ClassResult, root: str, only: list[Only], said: Said
) -> Side:
    folder, groups = f"{root}classes/{result.name.slug}/", result.strategies or result.groups
    return Side(
        label=called[0],
        address=f"{folder}index.html",
        only=tuple(only),
        groups=tuple(_group(result, group, folder) for group in groups),
        apart=bool(result.strategies),
        said=_said(called, result.name.name, said),
    )


def _group(result: ClassResult, group: Strategy, folder: str) -> Group:
    images = len(result.images)
    alt = say("a typical image of group {letter}", letter=letter(group.number))
    return Group(
        name=letter(group.number),
        share=percent(group.prevalence),
        right="" if group.reliability is None else percent(group.reliability),
        dominant=badges_of(result)[group.dominant],
        folder=folder,
        pictures=tuple(
            thumbnail(result.sprite, position, images, "" if i else alt)
            for i, position in enumerate(group.prototypes[:TYPICAL])
        ),
    )


def _said(called: tuple[str, str], name: str, said: Said) -> str:
    """Say what the other run makes of the images of this one."""
    words = {"run1": called[0], "run2": called[1], "name": name}
    if not said.images:
        return say("{run2} explains none of the images that {run1} calls {name}.", **words)
    if said.same == said.images:
        return many(
            "The one image that {run1} calls {name}, {run2} calls so, too.",
            "Of {n} images that {run1} calls {name}, {run2} calls all of them so, too.",
            said.images,
            **words,
        )
    return many(
        "Of {n} image that {run1} calls {name}, {run2} calls {same} ({share}) so, too; the others "
        "{others}.",
        "Of {n} images that {run1} calls {name}, {run2} calls {same} ({share}) so, too; the others "
        "{others}.",
        said.images,
        same=whole(said.same),
        share=percent(said.same / said.images),
        others=_listed(said.instead),
        **words,
    )


def _listed(labels: Sequence[LabelCount]) -> str:
    return ", ".join(f"{label.name} ({whole(label.count)})" for label in labels)


PAGE = Page(place=46, of_class=compare_class, there=lambda site: bool(site.others))
