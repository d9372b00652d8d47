"""The top of a class page: what the class is, how it is recognized in a sentence, key figures."""

from dataclasses import dataclass

from lens_site.results.schema import ClassName, ClassResult
from lens_site.site.badges import Badge, badges_of, is_wrong
from lens_site.site.language import many, say, say_as
from lens_site.site.numbers import capital, whole
from lens_site.site.records import Section, Site
from lens_site.site.retold import retell
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
    figures: tuple[KeyFigure, ...] = (_images(result),)
    if len(result.images) > 1:
        figures = (*figures, _concepts(result), _groups(result))
    verdicts = [is_wrong(image, result.name.index) for image in result.images]
    known = [verdict for verdict in verdicts if verdict is not None]
    return (*figures, _mistakes(sum(known), len(known))) if known else figures


def _images(result: ClassResult) -> KeyFigure:
    shown, predicted = len(result.images), result.predicted
    explanation = say("The images that the network classifies as this class, right or wrong.")
    if shown != predicted:
        drawn = say(
            "Of {predicted} such images, {shown} were drawn by chance.",
            predicted=whole(predicted),
            shown=whole(shown),
        )
        explanation += f" {drawn}"
    return KeyFigure(whole(shown), many("image", "images", shown), explanation)


def _concepts(result: ClassResult) -> KeyFigure:
    counting = sum(c.important for c in result.concepts)
    return KeyFigure(
        f"{counting}",
        many("concept that counts", "concepts that count", counting),
        many(
            "Of {n} concept: those that lead in more images than chance would have it, with a "
            "share above what random directions reach.",
            "Of {n} concepts: those that lead in more images than chance would have it, with a "
            "share above what random directions reach.",
            len(result.concepts),
        ),
    )


def _groups(result: ClassResult) -> KeyFigure:
    groups, tested = len(result.strategies), result.separation
    if groups:
        return KeyFigure(
            f"{groups}",
            many("group that stands apart", "groups that stand apart", groups),
            say(
                "Strategies: groups of images that are recognized for reasons of their own, more "
                "separate than one continuous cloud would be."
            ),
        )
    why = (
        f"{capital(retell(tested.reason))}."
        if tested and tested.reason
        else say("The images blend these concepts.")
    )
    return KeyFigure(say_as("groups", "no"), say("separate groups"), why)


def _mistakes(wrong: int, labeled: int) -> KeyFigure:
    return KeyFigure(
        whole(wrong),
        many("mistake", "mistakes", wrong),
        many(
            "Of {n} labeled image, those whose label is another class.",
            "Of {n} labeled images, those whose label is another class.",
            labeled,
        ),
    )


SECTION = Section(place=10, context=title)
