"""Sentences on how the classifier recognizes a class: one or two for its page, one for a link.

Concepts have no invented names: in a sentence a concept is its badge with its best tile, which
the template draws wherever a :class:`Mention` stands.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept
from lens_site.site.language import later, many, many_as, say
from lens_site.site.numbers import percent, whole

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
    about = many(
        "How a neural network recognizes “{name}”, from {n} image",
        "How a neural network recognizes “{name}”, from {n} images",
        len(result.images),
        name=result.name.name,
    )
    if not named:
        return f"{about}."
    carry = many(
        "{n} leading concept carries {share} of the evidence",
        "{n} leading concepts carry {share} of the evidence",
        len(named),
        share=together,
    )
    return f"{about}; {carry}."


def _evidence(result: ClassResult) -> tuple[Part, ...]:
    """Say what the leading concepts carry, each and together."""
    named = leading(result)
    if not named:
        return _cancelled(result)
    shares = {f"share{i}": percent(c.share) for i, c in enumerate(named, start=1)}
    together = percent(sum(c.share for c in named))
    told = _named(len(named), mostly=named[0].share >= MOST)
    return mixed(told, [c.number for c in named], **shares, together=together)


def _named(concepts: int, *, mostly: bool) -> str:
    """Return the sentence for one, two or three concepts, the first of which may carry most."""
    return {
        (1, True): later("Mostly one concept: {concept1} ({share1} of the evidence)."),
        (1, False): later(
            "No single concept decides. The strongest is {concept1} ({share1} of the evidence)."
        ),
        (2, True): later(
            "One concept carries most: {concept1} ({share1} of the evidence) and {concept2} "
            "({share2}), {together} together."
        ),
        (2, False): later(
            "No single concept decides. The strongest are {concept1} ({share1} of the evidence) "
            "and {concept2} ({share2}), {together} together."
        ),
        (3, True): later(
            "One concept carries most: {concept1} ({share1} of the evidence), {concept2} "
            "({share2}) and {concept3} ({share3}), {together} together."
        ),
        (3, False): later(
            "No single concept decides. The strongest are {concept1} ({share1} of the evidence), "
            "{concept2} ({share2}) and {concept3} ({share3}), {together} together."
        ),
    }[concepts, mostly]


def mixed(message: str, concepts: Sequence[int], **values: str) -> tuple[Part, ...]:
    """Return a text with a space after it; ``{concept1}`` … in it are those concepts."""
    marks = {f"concept{i}": f"\0{number}\0" for i, number in enumerate(concepts, start=1)}
    pieces = f"{say(message, **values, **marks)} ".split("\0")
    parts = [Mention(int(p)) if i % 2 else p for i, p in enumerate(pieces)]
    return tuple(p for p in parts if p)


def _cancelled(result: ClassResult) -> tuple[Part, ...]:
    """Say so where no share is worth naming; where they cancel, which concept leads most often."""
    first = max(result.concepts, key=lambda c: (c.dominates, -c.number))
    if any(abs(c.share) > CANCELLED for c in result.concepts) or not first.dominates:
        return (say("No single concept stands out for this class."), " ")
    mean = result.kept is not None and result.kept.mean_part is not None
    told = (
        later(
            "What an average image shows brings the score; the concepts say how an image differs "
            "from it, and over all images they raise the score as much as they lower it."
        )
        if mean
        else later("Over all images the concepts raise the score as much as they lower it.")
    )
    return (
        f"{say(told)} ",
        *mixed(
            later("{concept1} leads in {share} of the images."),
            [first.number],
            share=percent(first.prevalence),
        ),
    )


def _counterevidence(result: ClassResult) -> tuple[Part, ...]:
    """Say what counts against the class: a concept, and what the concepts leave out."""
    worst = min(result.concepts, key=lambda c: c.share)
    parts: list[Part] = []
    if worst.share <= -WORTH_SAYING:
        told = later("{concept1} counts against the class ({share}).")
        parts += mixed(told, [worst.number], share=percent(worst.share))
    rest = result.kept.everything_else if result.kept else 0.0
    if abs(rest) >= WORTH_SAYING:
        told = (
            later("Everything else, which no concept holds, counts against it ({share}).")
            if rest < 0
            else later("Everything else, which no concept holds, counts for it ({share}).")
        )
        parts += [say(told, share=percent(rest)), " "]
    return tuple(parts)


def _kept(result: ClassResult) -> tuple[Part, ...]:
    """Say how often the network still names the class when it is shown the concepts alone."""
    if result.kept is None:
        return ()
    share, name = result.kept.same_class, result.name.name
    if len(result.images) == 1:
        told = (
            later("Shown only its concepts, the network still says {name}.")
            if share
            else later("Shown only its concepts, the network no longer says {name}.")
        )
    elif share < MOST:
        told = later(
            "Shown only its concepts, the network says {name} for no more than {share} of the "
            "images, so much is left unsaid."
        )
    elif share == 1:
        told = later(
            "Shown only its concepts, the network still says {name} for every one of the images."
        )
    else:
        told = later(
            "Shown only its concepts, the network still says {name} for {share} of the images."
        )
    return (say(told, name=name, share=percent(share)), " ")


def _mistakes(result: ClassResult) -> tuple[Part, ...]:
    """Say how many labels differ; nothing at all where no image carries a label."""
    labels = [i for i in result.images if i.label is not None]
    if not labels:
        return ()
    wrong = [i.label_name or say("another class") for i in labels if i.label != result.name.index]
    every = len(labels) == len(result.images)
    if not wrong and len(labels) == 1:
        return ()
    if not wrong:
        told = (
            say("All {images} images are labeled as this class.", images=whole(len(labels)))
            if every
            else say(
                "All {images} labeled images are labeled as this class.", images=whole(len(labels))
            )
        )
        return (told, " ")
    if len(labels) == 1:
        return (say("The label of the image is another one: {name}.", name=wrong[0]), " ")
    of = (
        many_as("of so many", "{n} image", "{n} images", len(labels))
        if every
        else many_as("of so many", "{n} labeled image", "{n} labeled images", len(labels))
    )
    return (_wrong(wrong, of), " ")


def _wrong(wrong: Sequence[str], images: str) -> str:
    """Say how many of the images are mistakes, and which label most of them carry."""
    name, often = min(Counter(wrong).items(), key=lambda item: (-item[1], item[0]))
    if len(wrong) == 1:
        told = later("{wrong} of {images} is a mistake (labeled {name}).")
    elif often == len(wrong):
        told = later("{wrong} of {images} are mistakes, all of them labeled {name}.")
    elif 2 * often > len(wrong):
        told = later("{wrong} of {images} are mistakes, most of them labeled {name}.")
    elif often > 1:
        told = later("{wrong} of {images} are mistakes, most often labeled {name}.")
    else:
        told = later("{wrong} of {images} are mistakes.")
    return say(told, wrong=whole(len(wrong)), images=images, name=name)


def _cautions(result: ClassResult, views_of_few: bool) -> tuple[Part, ...]:
    parts: list[Part] = []
    if len(result.images) < FEW_IMAGES:
        told = many(
            "Only {n} image: read this as a sketch.",
            "Only {n} images: read this as a sketch.",
            len(result.images),
        )
        parts += [told, " "]
    if views_of_few:
        told = say(
            "All images are views of one photograph: the concepts are parts of that picture, "
            "not of the class at large."
        )
        parts += [told, " "]
    return tuple(parts)
