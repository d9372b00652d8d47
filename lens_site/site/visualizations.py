"""Pictures that gradients made of a concept, and what the network says of them, in words."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, PictureCheck, Sprite
from lens_site.site.language import many, say
from lens_site.site.numbers import exact
from lens_site.site.pictures import Crop, rows_of


@dataclass(frozen=True)
class Drawing:
    """One picture and its check."""

    picture: Crop
    right: bool
    verdict: str


@dataclass(frozen=True)
class Visual:
    """Both pictures of a concept, and how like its tiles the network finds them."""

    drawn: Drawing
    accentuated: Drawing
    likeness: str
    """A sentence on activations at the last earlier layer; empty where none was compared."""


def visual(concept: Concept, result: ClassResult) -> Visual | None:
    """Return what is shown of a concept's pictures; None where there are none."""
    made, one = result.visualizations, concept.visualization
    if made is None or one is None:
        return None
    shown = sum(c.visualization is not None for c in result.concepts)
    n = concept.number
    noise = say("picture of concept {number} drawn from noise by the network’s gradients", number=n)
    tile = say(
        "best patch of concept {number}, changed by the network’s gradients to hold more of it",
        number=n,
    )

    def drawing(sheet: Sprite, alt: str, check: PictureCheck) -> Drawing:
        row, column = divmod(one.cell, sheet.columns)
        crop = Crop(sheet.file, alt, column, row, sheet.columns, rows_of(sheet, shown))
        return Drawing(crop, check.is_right, _verdict(check))

    return Visual(
        drawn=drawing(made.drawn, noise, one.drawn),
        accentuated=drawing(made.accentuated, tile, one.accentuated),
        likeness=_likeness(concept),
    )


def _verdict(check: PictureCheck) -> str:
    """Say whether the network finds the concept in the picture."""
    if check.is_right:
        if check.ratio >= 10:
            return say("the network finds most of this concept in it, far more than the next")
        return say(
            "the network finds most of this concept in it, {number} times the next",
            number=exact(check.ratio, 1),
        )
    return many(
        "the network does not rank this picture first for this concept: {n} other comes before it",
        "the network does not rank this picture first for this concept: {n} others come before it",
        check.rank - 1,
    )


def _likeness(concept: Concept) -> str:
    one = concept.visualization
    if one is None or not one.drawn.likeness:
        return ""
    return say(
        "One stage earlier in the network, their activations correlate with those of the concept’s "
        "own patches by {drawn} and {driven}; patches of the concept do so among each other by "
        "{own}, with those of other concepts by {others}.",
        drawn=exact(one.drawn.likeness[0], 2),
        driven=exact(one.accentuated.likeness[0], 2),
        own=exact(one.likeness_of_tiles[0], 2),
        others=exact(one.likeness_of_others[0], 2),
    )
