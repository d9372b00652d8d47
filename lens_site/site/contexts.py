"""From a class result to what its page says: every number written, nothing left to compute."""

from dataclasses import dataclass
from typing import Any

from lens_site.results.schema import ClassName, ClassResult, Extraction, Recursion
from lens_site.site.concepts import Badge, ConceptCard, badges_of, concept_card
from lens_site.site.figures import Dot, bars, graph_data, scatter
from lens_site.site.measures import Measures, Site, measures
from lens_site.site.numbers import brief, count, exact, percent
from lens_site.site.strategies import StrategyCard, strategy_card
from lens_site.site.summary import Part, leading, summarize
from lens_site.site.trust import Trust, trust


@dataclass(frozen=True)
class KeyFigure:
    """A number under the title, with its explanation on demand."""

    value: str
    label: str
    explanation: str


@dataclass(frozen=True)
class LegendEntry:
    """One color of the scatter."""

    badge: Badge
    images: int


@dataclass(frozen=True)
class Fit:
    """How the concepts were found, and how many were tried, each with the logit R² it reached."""

    method: str
    concepts: str
    rows: str
    crops: bool
    grid: str
    chosen: str
    tried: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Origin:
    """Where the parts of the concepts come from."""

    layer: str
    grid: str


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
    cancels: bool
    origin: Origin | None
    trust: Trust
    measures: Measures
    fit: Fit
    graph: dict[str, Any]
    images: int
    predicted: int


def class_page(
    result: ClassResult, slugs: dict[int, str], views_of_few: bool, site: Site
) -> ClassPage:
    """Return the context of a class page.

    ``slugs`` are the classes that have a page, ``site`` is what their metrics are.
    """
    badges = badges_of(result)
    labeled = any(i.label is not None for i in result.images)
    wrong = sum(i.label is not None and i.label != result.name.index for i in result.images)
    drawn = bars(result.concepts)
    return ClassPage(
        name=result.name,
        cancels=not any(c.share for c in result.concepts),
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
        strategies=tuple(strategy_card(s, result) for s in result.strategies),
        concepts=tuple(
            concept_card(c, badges[c.number], bar, slugs)
            for c, bar in zip(result.concepts, drawn, strict=True)
            if c.tiles or c.share
        ),
        dead=sum(not c.tiles and not c.share for c in result.concepts),
        origin=_origin(result.recursion),
        trust=trust(result),
        measures=measures(result.metrics, site),
        fit=_fit(result),
        graph=graph_data(result),
        images=len(result.images),
        predicted=result.predicted,
    )


def describe(result: ClassResult) -> str:
    """Return one plain line for search engines and link previews."""
    shares = [percent(c.share) for c in leading(result)]
    found = f"the leading concepts carry {', '.join(shares)} of the evidence" if shares else ""
    about = f"How a neural network recognizes “{result.name.name}”"
    images = f"{count(len(result.images), 'image')}, {count(len(result.strategies), 'strategy', 'strategies')}"  # noqa: E501
    return f"{about}: {images}" + (f"; {found}." if found else ".")


def by(grid: tuple[int, int]) -> str:
    """Write a grid, rows first."""
    return f"{grid[0]} × {grid[1]}"


def _origin(recursion: Recursion | None) -> Origin | None:
    return None if recursion is None else Origin(recursion.layer, by(recursion.grid))


def _fit(result: ClassResult) -> Fit:
    fit = result.extraction
    return Fit(
        method=fit.method,
        concepts=count(fit.concepts, "concept"),
        rows=count(fit.rows, "patch", "patches"),
        crops=fit.patches == "crops",
        grid=by(result.grid),
        chosen=_chosen(fit),
        tried=tuple((t.concepts, brief(t.logit_r2)) for t in fit.tried),
    )


def _chosen(fit: Extraction) -> str:
    """Say why so many concepts and not more; empty where the number was given."""
    reached = {t.concepts: t.logit_r2 for t in fit.tried}
    if fit.concepts not in reached:
        return ""
    more = min((k for k in reached if k > fit.concepts), default=None)
    if more is None:
        return f"{fit.concepts} is the largest number tried."
    gain = reached[more] - reached[fit.concepts]
    said = f"would add only {brief(gain)} to the logit R²" if gain > 0 else "would not tell more"
    return f"{fit.concepts} are enough: {more}, the next number tried, {said}."


def _key_figures(result: ClassResult) -> tuple[KeyFigure, ...]:
    taken, found = len(result.images), result.predicted
    drawn = "" if taken == found else f" Of {found:,} such images, {taken:,} were drawn by chance."
    metrics = result.metrics
    figures = (
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
    return (
        figures
        if metrics.stability is None
        else (*figures, _stability(metrics.stability, metrics.stability_images))
    )


def _stability(value: float, images: int) -> KeyFigure:
    return KeyFigure(
        exact(value, 2), "stability",
        "How much the concepts change when they are learned from other images of the class: 0 is "
        f"not at all, 1 is altogether. Four parts of {count(images, 'image')} are compared.",
    )  # fmt: skip
