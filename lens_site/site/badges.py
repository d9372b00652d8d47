"""A concept wherever it is mentioned: its number, its color, its best tile; and which show up."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult, Concept, ImageEntry
from lens_site.site.handles import PAGE, told
from lens_site.site.palette import tone
from lens_site.site.pictures import Crop, first_tile


@dataclass(frozen=True)
class Badge:
    """A concept in a word: number, color, best tile, and the handle it is called by, if any."""

    number: int
    tone: str
    tile: Crop | None
    handle: str = ""

    @property
    def page(self) -> str:
        """Address of the page of the concept, from the folder of its class."""
        return PAGE.format(two=f"{self.number:02d}")


NOTICEABLE = 0.05
"""Part of the images that a concept leads in from which on it has a color, whether it counts."""


def tones(result: ClassResult) -> dict[int, str]:
    """Return the color name of each concept, by its number; those that matter little are gray."""
    return {
        c.number: tone(rank, c.important or c.prevalence >= NOTICEABLE)
        for rank, c in enumerate(sorted(result.concepts, key=lambda c: c.number), start=1)
    }


def badges_of(result: ClassResult) -> dict[int, Badge]:
    """Return the badge of each concept, by number."""
    colors = tones(result)
    return {
        c.number: Badge(c.number, colors[c.number], first_tile(c), told(c, result))
        for c in result.concepts
    }


def is_present(concept: Concept) -> bool:
    """Say whether a concept is shown at all: it fires somewhere, or has a share."""
    return bool(concept.tiles or concept.share)


def is_wrong(image: ImageEntry, index: int) -> bool | None:
    """Say whether the label differs from the class; None when there is no label."""
    return None if image.label is None else image.label != index
