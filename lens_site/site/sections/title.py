"""The top of a class page: what the class is, how it is recognized in a sentence, key figures."""

from dataclasses import dataclass

from lens_site.results.measures import MEASURES
from lens_site.results.schema import ClassName, ClassResult
from lens_site.site.badges import Badge, badges_of
from lens_site.site.numbers import count, exact, percent
from lens_site.site.records import Section, Site
from lens_site.site.summary import Part, summarize


@dataclass(frozen=True)
class KeyFigure:
    """A number under the title, with its explanation on demand."""

    value: str
    label: str
    explanation: str


@dataclass(frozen=True)
class Title:
    """What the section shows; ``badges`` are what its summary mentions, by number."""

    name: ClassName
    also: tuple[str, ...]
    summary: tuple[Part, ...]
    badges: dict[int, Badge]
    figures: tuple[KeyFigure, ...]


def title(site: Site, result: ClassResult) -> Title:
    """Return what the section shows."""
    return Title(
        name=result.name,
        also=tuple(s for s in result.name.synonyms if s != result.name.name),
        summary=summarize(result, site.run.data.views_of_few),
        badges=badges_of(result),
        figures=_figures(result),
    )


def _figures(result: ClassResult) -> tuple[KeyFigure, ...]:
    figures = (_images(result), _strategies(result), _explained(result), _error(result))
    if result.metrics.stability is None:
        return figures
    return (*figures, _stability(result.metrics.stability, result.metrics.stability_images))


def _images(result: ClassResult) -> KeyFigure:
    shown, predicted = len(result.images), result.predicted
    explanation = "The images that the network takes for this class, right or wrong."
    if shown != predicted:
        explanation += f" Of {predicted:,} such images, {shown:,} were drawn by chance."
    return KeyFigure(f"{shown:,}", "image" if shown == 1 else "images", explanation)


def _strategies(result: ClassResult) -> KeyFigure:
    return KeyFigure(
        f"{len(result.strategies)}",
        "strategy" if len(result.strategies) == 1 else "strategies",
        "Groups of images that are recognized for the same reason: their concepts weigh alike.",
    )


def _explained(result: ClassResult) -> KeyFigure:
    share, words = result.metrics.explained_logit, MEASURES["explained_logit"].words
    return KeyFigure(
        percent(share),
        "of the logit explained",
        f"The logit is the score the network gives the class. {words} The rest was left out. "
        f"Exactly {exact(share)}.",
    )


def _error(result: ClassResult) -> KeyFigure:
    measure = MEASURES["relative_l2"]
    return KeyFigure(
        exact(result.metrics.relative_l2, 2),
        measure.name,
        f"{measure.words} 0 is nothing, 1 is everything. A high error with a high explained "
        "logit means that what was lost hardly mattered for this class.",
    )


def _stability(value: float, images: int) -> KeyFigure:
    measure = MEASURES["stability"]
    return KeyFigure(
        exact(value, 2),
        measure.name,
        f"{measure.words} 0 is not at all, 1 is altogether. Four parts of "
        f"{count(images, 'image')} are compared.",
    )


SECTION = Section(place=10, context=title)
