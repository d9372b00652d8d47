"""Pictures that gradients made of a concept, and what the network says of them, in words."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, PictureCheck, Sprite
from lens_site.site.numbers import count, exact
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
    noise = f"picture of concept {n} drawn from noise by the network’s gradients"
    tile = f"best patch of concept {n}, changed by the network’s gradients to hold more of it"

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
        times = "far more than" if check.ratio >= 10 else f"{exact(check.ratio, 1)} times"
        return f"the network finds most of this concept in it, {times} the next"
    others = count(check.rank - 1, "other comes", "others come")
    return f"the network does not rank this picture first for this concept: {others} before it"


def _likeness(concept: Concept) -> str:
    one = concept.visualization
    if one is None or not one.drawn.likeness:
        return ""
    return (
        "One stage earlier in the network, their activations correlate with those of the concept’s "
        f"own patches by {exact(one.drawn.likeness[0], 2)} and "
        f"{exact(one.accentuated.likeness[0], 2)}; patches of the concept do so among each other "
        f"by {exact(one.likeness_of_tiles[0], 2)}, with those of other concepts by "
        f"{exact(one.likeness_of_others[0], 2)}."
    )
