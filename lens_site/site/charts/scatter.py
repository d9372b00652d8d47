"""The scatter of the images of a class: near are those recognized for the same reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from lens_site.results.schema import ClassResult
from lens_site.site.badges import is_wrong, tones
from lens_site.site.charts.axis import Axis
from lens_site.site.language import many

MARGIN, LEAST = 0.09, 0.2
"""Part of the range left free on each side, and the least range: one image stands in the middle."""


@dataclass(frozen=True)
class Dot:
    """One image; a diamond where it is a mistake."""

    x: str
    y: str
    tone: str
    wrong: bool


@dataclass(frozen=True)
class Scatter:
    """All images, and what they are in words."""

    alt: str
    dots: tuple[Dot, ...]


def axes(result: ClassResult) -> tuple[Axis, Axis]:
    """Return the axes that fit the images, rightwards and upwards."""
    across = _fitted([image.x for image in result.images])
    return across, _fitted([image.y for image in result.images], up=True)


def _fitted(values: Sequence[float], *, up: bool = False) -> Axis:
    middle = (min(values) + max(values)) / 2
    half = max(max(values) - min(values), LEAST) * (0.5 + MARGIN)
    return Axis(middle - half, middle + half, up)


def scatter(result: ClassResult) -> Scatter:
    """Return one dot an image, colored by leading concept."""
    colors, (across, up) = tones(result), axes(result)
    return Scatter(
        many(
            "Scatter of {n} image of {name}, colored by leading concept",
            "Scatter of {n} images of {name}, colored by leading concept",
            len(result.images),
            name=result.name.name,
        ),
        tuple(
            Dot(
                x=across.at(image.x),
                y=up.at(image.y),
                tone=colors[image.dominant],
                wrong=bool(is_wrong(image, result.name.index)),
            )
            for image in result.images
        ),
    )
