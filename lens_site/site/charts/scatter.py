"""The scatter of the images of a class: near are those recognized for the same reasons.

Plotly, given the same box and the same reach, puts its dots where this picture had them.
"""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult
from lens_site.site.badges import is_wrong, tones
from lens_site.site.charts.axis import Axis

REACH = 1.2
"""The box shows [-REACH, REACH] on both axes; the layout fills [-1, 1] of it."""

ACROSS, UP = Axis(-REACH, REACH), Axis(-REACH, REACH, up=True)


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


def scatter(result: ClassResult) -> Scatter:
    """Return one dot an image, colored by dominant concept."""
    colors = tones(result)
    images, name = len(result.images), result.name.name
    return Scatter(
        f"Scatter of {images} images of {name}, colored by the concept that weighs most",
        tuple(
            Dot(
                x=ACROSS.at(image.x),
                y=UP.at(image.y),
                tone=colors[image.dominant],
                wrong=bool(is_wrong(image, result.name.index)),
            )
            for image in result.images
        ),
    )
