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

MOST = 0.5
"""From this part on a concept carries most of the evidence, and most images stay what they were."""

CANCELLED = 0.02
"""Up to this size, shares are what is left of ups and downs."""

WORTH_SAYING = 0.05
"""Under this part of the evidence, what counts against the class is not in the summary."""


@dataclass(frozen=True)
class Mention:
    """A concept inside a sentence."""

    number: int


Part = str | Mention


def summarize(result: ClassResult, views_of_few: bool) -> tuple[Part, ...]:
    """Return the sentences of a class page as words and concepts, in reading order."""
    return (
        *_evidence(result),
        *_counterevidence(result),
        *_kept(result),
        *_mistakes(result),
        *_cautions(result, views_of_few),
    )


def leading(result: ClassResult) -> tuple[Concept, ...]:
    """Return the one to three concepts worth naming: above chance, and not far behind the first."""
    strong = [c for c in result.concepts if c.share > max(0.02, c.null_share)]
    return tuple(c for c in strong[:3] if c.share >= 0.35 * strong[0].share)


def describe(result: ClassResult) -> str:
    """Return one plain line for search engines and link previews."""
    named = leading(result)
    together = percent(sum((c.share for c in named), 0.0))
    carry = f"{count(len(named), 'leading concept carries', 'leading concepts carry')} {together}"
    evidence = f"; {carry} of the evidence" if named else ""
    about = f"How a neural network recognizes “{result.name.name}”"
    return f"{about}, from {count(len(result.images), 'image')}{evidence}."


def _evidence(result: ClassResult) -> tuple[Part, ...]:
    """Say what the leading concepts carry, each and together."""
    named = leading(result)
    if not named:
        return _cancelled(result)
    first, *others = named
    share = f" ({percent(first.share)} of the evidence)"
    if not others:
        how = (
            "Mostly one concept: "
            if first.share >= MOST
            else "No single concept decides. The strongest is "
        )
        return (how, Mention(first.number), f"{share}. ")
    how = "One concept carries most: " if first.share >= MOST else "No single concept decides. "
    parts: list[Part] = [how]
    parts += ["" if first.share >= MOST else "The strongest are ", Mention(first.number), share]
    for position, concept in enumerate(others):
        joint = " and " if position == len(others) - 1 else ", "
        parts += [joint, Mention(concept.number), f" ({percent(concept.share)})"]
    return (*parts, f", {percent(sum(c.share for c in named))} together. ")


def _cancelled(result: ClassResult) -> tuple[Part, ...]:
    """Say so where no share is worth naming; where they cancel, which concept leads most often."""
    first = max(result.concepts, key=lambda c: (c.dominates, -c.number))
    if any(abs(c.share) > CANCELLED for c in result.concepts) or not first.dominates:
        return ("No single concept stands out for this class. ",)
    mean = result.kept is not None and result.kept.mean_part is not None
    return (
        "What an average image shows brings the score; the concepts say how an image differs from "
        "it, and over all images they raise the score as much as they lower it. "
        if mean
        else "Over all images the concepts raise the score as much as they lower it. ",
        Mention(first.number),
        f" leads in {percent(first.prevalence)} of the images. ",
    )


def _counterevidence(result: ClassResult) -> tuple[Part, ...]:
    """Say what counts against the class: a concept, and what the concepts leave out."""
    worst = min(result.concepts, key=lambda c: c.share)
    parts: list[Part] = []
    if worst.share <= -WORTH_SAYING:
        parts += [Mention(worst.number), f" counts against the class ({percent(worst.share)}). "]
    rest = result.kept.everything_else if result.kept else 0.0
    if abs(rest) >= WORTH_SAYING:
        way = "against" if rest < 0 else "for"
        parts.append(
            f"Everything else, which no concept holds, counts {way} it ({percent(rest)}). "
        )
    return tuple(parts)


def _kept(result: ClassResult) -> tuple[Part, ...]:
    """Say how often the network still names the class when it is shown the concepts alone."""
    if result.kept is None:
        return ()
    share, name = result.kept.same_class, result.name.name
    if len(result.images) == 1:
        told = "still says" if share else "no longer says"
        return (f"Shown only its concepts, the network {told} {name}. ",)
    if share < MOST:
        return (
            f"Shown only its concepts, the network says {name} for no more than {percent(share)} "
            "of the images, so much is left unsaid. ",
        )
    which = "every one" if share == 1 else percent(share)
    return (f"Shown only its concepts, the network still says {name} for {which} of the images. ",)


def _mistakes(result: ClassResult) -> tuple[Part, ...]:
    """Say how many labels differ; nothing at all where no image carries a label."""
    labels = [i for i in result.images if i.label is not None]
    if not labels:
        return ()
    wrong = [i.label_name or "another class" for i in labels if i.label != result.name.index]
    of = f"{len(labels):,} {'images' if len(labels) == len(result.images) else 'labeled images'}"
    if not wrong:
        return (f"All {of} are labeled as this class. ",) if len(labels) > 1 else ()
    if len(labels) == 1:
        return (f"The label of the image is another one: {wrong[0]}. ",)
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
    if views_of_few:
        parts.append(
            "All images are views of one photograph: the concepts are parts of that picture, "
            "not of the class at large. "
        )
    return tuple(parts)
