"""From a class result to what its page says: every number written, nothing left to compute."""

from dataclasses import dataclass
from typing import Any

from lens_site.results.schema import ClassName, ClassResult, Concept, Strategy
from lens_site.site.figures import (
    Bar,
    Crop,
    Dot,
    bars,
    first_tile,
    graph_data,
    scatter,
    thumbnail,
    tones,
)
from lens_site.site.numbers import count, exact, letter, percent
from lens_site.site.summary import Part, leading, summarize
from lens_site.site.trust import Trust, trust


@dataclass(frozen=True)
class KeyFigure:
    """A number under the title, with its explanation on demand."""

    value: str
    label: str
    explanation: str


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
    exact: dict[str, str]


@dataclass(frozen=True)
class Slice:
    """The part of one concept in a strategy's profile, in percent of the bar."""

    number: int
    tone: str
    width: str
    label: str


@dataclass(frozen=True)
class StrategyCard:
    """Images recognized for the same reason."""

    name: str
    size: str
    share: str
    reliability: str | None
    profile: tuple[Slice, ...]
    prototypes: tuple[Crop, ...]
    outliers: tuple[Crop, ...]
    mistakes: str


@dataclass(frozen=True)
class LegendEntry:
    """One color of the scatter."""

    badge: Badge
    images: int


@dataclass(frozen=True)
class ClassPage:
    """Everything ``class.html`` shows."""

    name: ClassName
    description: str
    summary: tuple[Part, ...]
    badges: dict[int, Badge]
    figures: tuple[KeyFigure, ...]
    dots: tuple[Dot, ...]
    legend: tuple[LegendEntry, ...]
    labeled: bool
    mistakes: int
    strategies: tuple[StrategyCard, ...]
    concepts: tuple[ConceptCard, ...]
    dead: int
    trust: Trust
    graph: dict[str, Any]
    images: int
    predicted: int


def class_page(result: ClassResult, slugs: dict[int, str], views_of_few: bool) -> ClassPage:
    """Return the context of a class page; ``slugs`` are the classes that have a page."""
    badges = badges_of(result)
    labeled = any(i.label is not None for i in result.images)
    wrong = sum(i.label is not None and i.label != result.name.index for i in result.images)
    drawn = bars(result.concepts)
    return ClassPage(
        name=result.name,
        description=describe(result),
        summary=summarize(result, views_of_few),
        badges=badges,
        figures=_key_figures(result),
        dots=scatter(result),
        legend=tuple(
            LegendEntry(badges[c.number], c.dominates) for c in result.concepts if c.dominates
        ),
        labeled=labeled,
        mistakes=wrong,
        strategies=tuple(_strategy(s, result) for s in result.strategies),
        concepts=tuple(
            _concept(c, badges[c.number], bar, slugs)
            for c, bar in zip(result.concepts, drawn, strict=True)
            if c.tiles or c.share
        ),
        dead=sum(not c.tiles and not c.share for c in result.concepts),
        trust=trust(result),
        graph=graph_data(result),
        images=len(result.images),
        predicted=result.predicted,
    )


def badges_of(result: ClassResult) -> dict[int, Badge]:
    """Return the badge of each concept, by number."""
    colors = tones(result)
    return {c.number: Badge(c.number, colors[c.number], first_tile(c)) for c in result.concepts}


def describe(result: ClassResult) -> str:
    """Return one plain line for search engines and link previews."""
    shares = [percent(c.share) for c in leading(result)]
    found = f"the leading concepts carry {', '.join(shares)} of the evidence" if shares else ""
    about = f"How a neural network recognizes “{result.name.name}”"
    images = f"{count(len(result.images), 'image')}, {count(len(result.strategies), 'strategy', 'strategies')}"  # noqa: E501
    return f"{about}: {images}" + (f"; {found}." if found else ".")


def _key_figures(result: ClassResult) -> tuple[KeyFigure, ...]:
    taken, found = len(result.images), result.predicted
    drawn = "" if taken == found else f" Of {found:,} such images, {taken:,} were drawn by chance."
    metrics = result.metrics
    return (
        KeyFigure(
            f"{taken:,}", "image" if taken == 1 else "images",
            "The images that the network takes for this class, right or wrong." + drawn,
        ),
        KeyFigure(
            f"{len(result.strategies)}",
            "strategy" if len(result.strategies) == 1 else "strategies",
            "Groups of images that are recognized for the same reason: their concepts weigh "
            "alike.",
        ),
        KeyFigure(
            percent(metrics.explained_logit), "of the logit explained",
            "The logit is the score the network gives the class. This is how much of it the "
            f"concepts below account for; the rest was left out. Exactly "
            f"{exact(metrics.explained_logit)}.",
        ),
        KeyFigure(
            exact(metrics.relative_l2, 2), "reconstruction error",
            "What the concepts lose of the network's inner picture of the images, as relative "
            "ℓ2 distance: 0 is nothing, 1 is everything. A high error with a high explained "
            "logit means that what was lost hardly mattered for this class.",
        ),
    )  # fmt: skip


def _concept(concept: Concept, badge: Badge, bar: Bar, slugs: dict[int, str]) -> ConceptCard:
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


def _strategy(strategy: Strategy, result: ClassResult) -> StrategyCard:
    name = letter(strategy.number)
    images = len(result.images)
    mistakes = ", ".join(f"{m.name} ({m.count})" for m in strategy.mistakes[:4])
    more = sum(m.count for m in strategy.mistakes[4:])
    return StrategyCard(
        name=name,
        size=count(strategy.size, "image"),
        share=percent(strategy.prevalence),
        reliability=None if strategy.reliability is None else percent(strategy.reliability),
        profile=_profile(strategy, result),
        prototypes=tuple(
            thumbnail(result.sprite, p, images, f"typical image of strategy {name}, {rank}")
            for rank, p in enumerate(strategy.prototypes[:4], start=1)
        ),
        outliers=tuple(
            thumbnail(result.sprite, p, images, f"unusual image of strategy {name}, {rank}")
            for rank, p in enumerate(strategy.outliers[:2], start=1)
        ),
        mistakes=mistakes + (f", {more} more" if more else ""),
    )


def _profile(strategy: Strategy, result: ClassResult) -> tuple[Slice, ...]:
    """Return the concepts of a strategy's mean profile as slices of one bar, largest first."""
    colors = tones(result)
    total = sum(abs(p) for p in strategy.profile) or 1.0
    parts = sorted(enumerate(strategy.profile, start=1), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(
        Slice(number, colors[number], f"{100 * abs(part) / total:.2f}", percent(part / total))
        for number, part in parts
        if abs(part) / total >= 0.03
    )
