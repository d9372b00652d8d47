"""How it works: one image of the site followed through every step, then the formulas."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum

from lens_site.results.schema import ClassResult, ImageEntry
from lens_site.results.shown import TYPICAL
from lens_site.site.badges import Badge, badges_of
from lens_site.site.cards import featured
from lens_site.site.charts.axis import Axis, written
from lens_site.site.language import later, say
from lens_site.site.numbers import by, exact, letter, percent
from lens_site.site.pictures import Crop, picture
from lens_site.site.records import MenuEntry, Page, Site, View

STEPS = 5
"""Concepts whose part of the score is shown one by one."""


@dataclass(frozen=True)
class Window:
    """One of the square windows an image is cut into; all in percent of the image."""

    left: str
    top: str
    side: str


@dataclass(frozen=True)
class Step:
    """One concept in the worked example: its patch of light and its part of the score."""

    badge: Badge
    value: str
    width: str
    against: bool
    heat: Crop | None


@dataclass(frozen=True)
class Sum:
    """The contributions of one image, and what remains of its score."""

    method: str
    adds_up: bool
    steps: tuple[Step, ...]
    others: str
    everything_else: str
    constant: str
    score: str


@dataclass(frozen=True)
class Peers:
    """The group of the image, and images that are typical of it; a strategy where it has a name."""

    name: str
    size: int
    pictures: tuple[Crop, ...]


@dataclass(frozen=True)
class Example:
    """One image of the site's own data, followed through every step."""

    slug: str
    name: str
    images: int
    picture: Crop
    probability: str
    grid: str
    rows: int
    columns: int
    windows: tuple[Window, ...]
    count: int
    concepts: tuple[Badge, ...]
    dominant: Badge
    sum: Sum
    strategy: Peers


@dataclass(frozen=True)
class Method:
    """What the page shows; ``crops`` says that a patch is a window."""

    example: Example | None
    extraction: str
    importance: str
    layer: str
    crops: bool
    lead: bool
    """Whether the lead over the runner-up is explained."""


def method(site: Site) -> Iterator[View]:
    """Return the page, its example from the class with most to see."""
    best, config = site.once(featured), site.run.config
    yield View(
        "method/index.html",
        Method(
            example=example(site.result(best[0].slug)) if best else None,
            extraction=str(config.get("extraction", "nmf")),
            importance=str(config.get("importance", "gradient-input")),
            layer=str(config.get("layer") or ""),
            crops=config.get("patches") == "crops",
            lead=config.get("score") == "margin",
        ),
    )


def example(result: ClassResult) -> Example:
    """Choose the image that shows most of its concepts among their tiles, and follow it."""
    position = _most_shown(result)
    image, badges = result.images[position], badges_of(result)
    return Example(
        slug=result.name.slug,
        name=result.name.name,
        images=len(result.images),
        picture=picture(
            result,
            position,
            say("an image that the network classifies as {name}", name=result.name.name),
        ),
        probability=percent(image.probability),
        grid=by(result.grid),
        rows=result.grid[0],
        columns=result.grid[1],
        windows=_windows(result) if result.extraction.patches == "crops" else (),
        count=len(result.concepts),
        concepts=tuple(badges[c.number] for c in result.concepts if c.tiles),
        dominant=badges[image.dominant],
        sum=_sum(result, position),
        strategy=_peers(result, image),
    )


def _windows(result: ClassResult) -> tuple[Window, ...]:
    """Return all windows of an image, row by row; the tiles know where each begins."""
    tiles = [t for c in result.concepts for t in c.tiles]
    lefts = {t.column: t.box[0] for t in tiles}
    tops = {t.row: t.box[1] for t in tiles}
    side = max((t.box[2] - t.box[0] for t in tiles), default=1.0)
    return tuple(
        Window(*(written(100 * v) for v in (left, top, side)))
        for _, top in sorted(tops.items())
        for _, left in sorted(lefts.items())
    )


def _sum(result: ClassResult, position: int) -> Sum:
    """Return the largest contributions of an image, one by one, and the others together."""
    image, badges = result.images[position], badges_of(result)
    phi, order = image.importance, _by_size(image)
    axis = Axis(0.0, max([*(abs(v) for v in phi), 1e-9]))
    score = image.logit if image.margin is None or result.score == "logit" else image.margin
    return Sum(
        method=result.importance_method,
        adds_up=result.adds_up,
        steps=tuple(
            Step(
                badge=badges[i + 1],
                value=exact(phi[i], 2),
                width=axis.between(0.0, phi[i]),
                against=phi[i] < 0,
                heat=_heat(result, i + 1, position),
            )
            for i in order[:STEPS]
        ),
        others=exact(fsum(phi[i] for i in order[STEPS:]), 2) if order[STEPS:] else "",
        everything_else=exact(image.everything_else, 2),
        constant=exact(score - fsum((*phi, image.everything_else)), 2),
        score=exact(score, 2),
    )


def _peers(result: ClassResult, image: ImageEntry) -> Peers:
    """Return the strategy of the image; without one, the group that its leading concept leads."""
    groups = [s for s in result.strategies if s.number == image.strategy] or [
        g for g in result.groups if g.dominant == image.dominant
    ]
    if not groups:
        return Peers("", 0, ())
    group = groups[0]
    return Peers(
        letter(group.number) if image.strategy is not None and result.strategies else "",
        group.size,
        tuple(
            picture(result, position, say("image of the same group"))
            for position in group.prototypes[:TYPICAL]
        ),
    )


def _most_shown(result: ClassResult) -> int:
    """Return the surest image that is a tile of three of its five largest concepts, or of most.

    Sharp ones come before all others.
    """
    sharp = result.sharp.images if result.sharp else ()

    def shown(position: int) -> tuple[bool, int, float, int]:
        image = result.images[position]
        hits = sum(_heat(result, i + 1, position) is not None for i in _by_size(image)[:STEPS])
        return position in sharp, min(hits, 3), image.probability, -position

    return max(range(len(result.images)), key=shown)


def _by_size(image: ImageEntry) -> list[int]:
    """Return the positions of the concepts of an image, the largest contribution first."""
    phi = image.importance
    return sorted(range(len(phi)), key=lambda i: (-abs(phi[i]), i))


def _heat(result: ClassResult, number: int, position: int) -> Crop | None:
    """Return the heat map of one image for one concept, where the result holds it."""
    concept = next(c for c in result.concepts if c.number == number)
    images = [tile.image for tile in concept.tiles]
    if position not in images:
        return None
    alt = say("the image, lit where concept {number} is present", number=number)
    return Crop(concept.heat_file, alt, column=images.index(position), columns=len(images))


PAGE = Page(place=30, of_site=method, menu=MenuEntry(later("Method"), "method/index.html"))
