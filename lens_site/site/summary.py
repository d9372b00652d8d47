"""Sentences on how the classifier recognizes a class: one or two for its page, one for a link.

Concepts have no invented names: in a sentence a concept is its badge with its best tile, which
the template draws wherever a :class:`Mention` stands.
"""

from collections import Counter
from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.site.numbers import count, percent

FEW_IMAGES = 30
"""Under this many images the shares are a sketch, and the sentence says so."""

LITTLE_EXPLAINED = 0.5
"""Under this explained share of the logit the concepts tell less than half the story."""


@dataclass(frozen=True)
class Mention:
    """A concept inside a sentence."""

    number: int


Part = str | Mention


def summarize(result: ClassResult, views_of_few: bool) -> tuple[Part, ...]:
    """Return the sentences of a class page as words and concepts, in reading order."""
    return (
        *_evidence(result),
        *_decisions(result),
        *_counterevidence(result),
        *_mistakes(result),
        *_cautions(result, views_of_few),
    )


def leading(result: ClassResult) -> tuple[Concept, ...]:
    """Return the one to three concepts worth naming: above chance, and not far behind the first."""
    strong = [c for c in result.concepts if c.share > max(0.02, c.null_share)]
    return tuple(c for c in strong[:3] if c.share >= 0.35 * strong[0].share)


def describe(result: ClassResult) -> str:
    """Return one plain line for search engines and link previews."""
    shares = ", ".join(percent(c.share) for c in leading(result))
    evidence = f"; the leading concepts carry {shares} of the evidence" if shares else ""
    images = count(len(result.images), "image")
    strategies = count(len(result.strategies), "strategy", "strategies")
    about = f"How a neural network recognizes “{result.name.name}”"
    return f"{about}: {images}, {strategies}{evidence}."


def _evidence(result: ClassResult) -> tuple[Part, ...]:
    named = leading(result)
    if not named:
        return ("No single concept stands out for this class. ",)
    first, *others = named
    how = (
        "Recognized mostly by " if first.share >= 0.3 else "Recognized by several things at once: "
    )
    parts: list[Part] = [how, Mention(first.number), f" ({percent(first.share)} of the evidence)"]
    for position, concept in enumerate(others):
        joint = " and " if position == len(others) - 1 else ", "
        parts += [joint, Mention(concept.number), f" ({percent(concept.share)})"]
    return (*parts, ". ")


def _decisions(result: ClassResult) -> tuple[Part, ...]:
    if not result.images:
        return ()
    ranked = sorted(result.concepts, key=lambda c: (-c.dominates, c.number))
    first = ranked[0]
    if first.dominates == len(result.images):
        return ("It weighs most in every image. ",) if _is_first(result, first) else ()
    if first.dominates <= 1:
        return ()
    parts: list[Part] = [
        f"In {percent(first.prevalence)} of the images ", Mention(first.number), " weighs most"
    ]  # fmt: skip
    if len(ranked) > 1 and ranked[1].prevalence >= 0.1:
        second = ranked[1]
        parts += [f", in {percent(second.prevalence)} ", Mention(second.number)]
    return (*parts, ". ")


def _is_first(result: ClassResult, concept: Concept) -> bool:
    named = leading(result)
    return bool(named) and named[0].number == concept.number


def _counterevidence(result: ClassResult) -> tuple[Part, ...]:
    worst = min(result.concepts, key=lambda c: c.share)
    if worst.share > -0.05:
        return ()
    return (Mention(worst.number), f" counts against the class ({percent(worst.share)}). ")


def _mistakes(result: ClassResult) -> tuple[Part, ...]:
    """Say how many labels differ; nothing at all where no image carries a label."""
    labels = [i for i in result.images if i.label is not None]
    if not labels:
        return ()
    wrong = [i.label_name or "another class" for i in labels if i.label != result.name.index]
    of = f"{len(labels):,} {'images' if len(labels) == len(result.images) else 'labeled images'}"
    if not wrong:
        return (f"All {of} are labeled as this class. ",) if len(labels) > 1 else ()
    verb = "is a mistake" if len(wrong) == 1 else "are mistakes"
    name, often = min(Counter(wrong).items(), key=lambda item: (-item[1], item[0]))
    if len(wrong) == 1:
        tail = f" (labeled {name})"
    elif 2 * often > len(wrong):
        tail = f", {'all' if often == len(wrong) else 'most'} of them labeled {name}"
    else:
        tail = f", most often labeled {name}" if often > 1 else ""
    return (f"{len(wrong):,} of {of} {verb}{tail}. ",)


def _cautions(result: ClassResult, views_of_few: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    if len(result.images) < FEW_IMAGES:
        parts.append(f"Only {count(len(result.images), 'image')}: read this as a sketch. ")
    if result.metrics.explained_logit < LITTLE_EXPLAINED:
        share = percent(max(0.0, result.metrics.explained_logit))
        parts.append(f"The concepts explain only {share} of the logit, so much is left unsaid. ")
    if views_of_few:
        parts.append(
            "All images are views of one photograph: the concepts are parts of that picture, "
            "not of the class at large. "
        )
    return tuple(parts)
