"""What gradients drew of a concept, with what the network says of it: a failure is told as one."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, PictureCheck, Sprite
from lens_site.site.numbers import count, exact
from lens_site.site.pictures import Crop, thumbnail

MOST = 99.0
"""Ratios are cut off here."""


@dataclass(frozen=True)
class Drawn:
    """A picture that is no photograph."""

    crop: Crop
    told: str
    right: bool
    """Whether the network finds more of the concept in it than of any other of the class."""


def drawn(result: ClassResult, concept: Concept) -> tuple[Drawn, ...]:
    """Return the picture made from noise, then the best tile driven further; none where off."""
    made, sheets = concept.visualization, result.visualizations
    if made is None or sheets is None:
        return ()
    cells = sum(c.visualization is not None for c in result.concepts)

    def picture(sheet: Sprite, check: PictureCheck, what: str) -> Drawn:
        alt = f"concept {concept.number}, {what[0].lower()}{what[1:]}"
        crop = thumbnail(sheet, made.cell, cells, alt)
        return Drawn(crop, f"{what}, no photograph. {_says(check)}", check.is_right)

    shown = [picture(sheets.drawn, made.drawn, "Drawn from noise by the network’s gradients")]
    if sheets.accentuated and made.accentuated:
        shown.append(picture(sheets.accentuated, made.accentuated, "Its best tile, driven further"))
    return tuple(shown)


def _says(check: PictureCheck) -> str:
    if not check.is_right:
        others = count(check.rank - 1, "other concept")
        return f"It failed: the network finds more of {others} in it."
    times = f"over {MOST:.0f}" if check.ratio >= MOST else exact(check.ratio, 1)
    return f"The network finds {times} times as much of this concept in it as of the next."
