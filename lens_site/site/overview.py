"""The contexts of home, method and about: what the pages that speak of the whole run show."""

from dataclasses import dataclass
from math import fsum

from lens_site.results.schema import ClassResult, RunResult
from lens_site.site.concepts import Badge, badges_of
from lens_site.site.contexts import by
from lens_site.site.figures import Crop, thumbnail
from lens_site.site.numbers import exact, letter, percent
from lens_site.site.summary import leading

FEATURED = 6


@dataclass(frozen=True)
class Card:
    """A class in the gallery of the home page."""

    slug: str
    index: int
    name: str
    also: str
    images: int
    strategies: int
    explained: float
    reliability: float | None
    picture: str
    leads: tuple[tuple[Badge, str], ...]
    quartet: tuple[tuple[Badge, str], ...]
    concepts: int
    appeal: float

    @property
    def line(self) -> str:
        """The two figures under the name."""
        plural = "strategy" if self.strategies == 1 else "strategies"
        images = "image" if self.images == 1 else "images"
        return f"{self.images:,} {images} · {self.strategies} {plural}"


SUMS = {"gradient-input", "integrated-gradients", "occlusion", "shap"}
"""Methods whose contributions add up to the score of the concepts when the head is linear."""


@dataclass(frozen=True)
class Window:
    """One of the square windows an image is cut into; all in percent of the image."""

    left: str
    top: str
    side: str


@dataclass(frozen=True)
class Step:
    """One concept in the worked example: its patch of light and its part of the logit."""

    badge: Badge
    value: str
    width: str
    against: bool
    heat: Crop | None


@dataclass(frozen=True)
class Example:
    """One image of the site's own data, followed through every step."""

    slug: str
    name: str
    picture: Crop
    grid: str
    rows: int
    columns: int
    windows: tuple[Window, ...]
    importance: str
    sums: bool
    probability: str
    concepts: tuple[Badge, ...]
    steps: tuple[Step, ...]
    others: str
    rest: str
    logit: str
    dominant: Badge
    strategy: str
    strategy_size: int
    strategy_pictures: tuple[Crop, ...]
    images: int
    count: int


def card(result: ClassResult, picture: str) -> Card:
    """Return the gallery card of a class; ``picture`` is its file of leading tiles."""
    labels = [i.label == result.name.index for i in result.images if i.label is not None]
    badges = badges_of(result)
    important = sum(c.important for c in result.concepts)
    explained = result.metrics.explained_logit
    return Card(
        slug=result.name.slug,
        index=result.name.index,
        name=result.name.name,
        also=", ".join(s for s in result.name.synonyms if s != result.name.name),
        images=len(result.images),
        strategies=len(result.strategies),
        explained=explained,
        reliability=sum(labels) / len(labels) if labels else None,
        picture=picture,
        leads=tuple((badges[c.number], percent(c.share)) for c in leading(result)),
        quartet=tuple((badges[c.number], percent(c.share)) for c in result.concepts[:4] if c.tiles),
        concepts=sum(bool(c.tiles) for c in result.concepts[:4]),
        appeal=min(important, 4) * max(0.0, explained) * min(len(result.images), 200),
    )


def featured(cards: list[Card]) -> list[Card]:
    """Return the classes with most to see: several concepts, well explained, many images."""
    return sorted(cards, key=lambda c: (-c.appeal, c.index))[:FEATURED]


def accuracy(run: RunResult) -> str:
    """Return how often the label is what the classifier predicts; empty without labels."""
    return "" if run.accuracy is None else percent(run.accuracy)


def example(result: ClassResult, linear: bool) -> Example:
    """Choose the image that shows most of its concepts among their tiles, and follow it."""
    position = _most_shown(result)
    image = result.images[position]
    badges = badges_of(result)
    order = sorted(range(len(image.importance)), key=lambda i: (-abs(image.importance[i]), i))
    strategy = next(s for s in result.strategies if s.number == image.strategy)
    scale = max([*(abs(v) for v in image.importance), 1e-9])
    return Example(
        slug=result.name.slug,
        name=result.name.name,
        picture=thumbnail(
            result.sprite, position, len(result.images),
            f"an image that the network takes for {result.name.name}",
        ),
        grid=by(result.grid),
        rows=result.grid[0],
        columns=result.grid[1],
        windows=_windows(result) if result.extraction.patches == "crops" else (),
        importance=result.importance,
        sums=linear and result.importance in SUMS,
        probability=percent(image.probability),
        concepts=tuple(badges[c.number] for c in result.concepts if c.tiles),
        steps=tuple(
            Step(
                badge=badges[i + 1],
                value=exact(image.importance[i], 2),
                width=f"{100 * abs(image.importance[i]) / scale:.1f}",
                against=image.importance[i] < 0,
                heat=_heat(result, i + 1, position),
            )
            for i in order[:5]
        ),
        others=exact(fsum(image.importance[i] for i in order[5:]), 2) if order[5:] else "",
        rest=exact(image.logit - fsum(image.importance), 2),
        logit=exact(image.logit, 2),
        dominant=badges[image.dominant],
        strategy=letter(image.strategy),
        strategy_size=strategy.size,
        strategy_pictures=tuple(
            thumbnail(result.sprite, p, len(result.images), "image of the same strategy")
            for p in strategy.prototypes[:5]
        ),
        images=len(result.images),
        count=len(result.concepts),
    )  # fmt: skip


def _windows(result: ClassResult) -> tuple[Window, ...]:
    """Return all windows of an image, row by row; the tiles know where each begins."""
    tiles = [t for c in result.concepts for t in c.tiles]
    lefts = {t.column: t.box[0] for t in tiles}
    tops = {t.row: t.box[1] for t in tiles}
    side = max((t.box[2] - t.box[0] for t in tiles), default=1.0)
    return tuple(
        Window(*(f"{100 * v:.2f}" for v in (left, top, side)))
        for _, top in sorted(tops.items())
        for _, left in sorted(lefts.items())
    )


def _most_shown(result: ClassResult) -> int:
    """Return the surest image that is a tile of three of its five largest concepts, or of most."""

    def shown(position: int) -> tuple[int, float, int]:
        image = result.images[position]
        order = sorted(range(len(image.importance)), key=lambda i: -abs(image.importance[i]))
        hits = sum(_heat(result, i + 1, position) is not None for i in order[:5])
        return min(hits, 3), image.probability, -position

    return max(range(len(result.images)), key=shown)


def _heat(result: ClassResult, number: int, position: int) -> Crop | None:
    """Return the heat map of one image for one concept, where the result holds it."""
    concept = next(c for c in result.concepts if c.number == number)
    for column, tile in enumerate(concept.tiles):
        if tile.image == position:
            alt = f"the image, lit where concept {number} is present"
            return Crop(concept.heat_file, alt, column=column, columns=len(concept.tiles))
    return None
