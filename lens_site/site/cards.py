"""A class as a card: what home shows of each, which to begin with, and its strip of tiles."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lens_site.errors import ResultError, first_line
from lens_site.results import store
from lens_site.results.schema import ClassResult
from lens_site.site.badges import Badge, badges_of
from lens_site.site.language import many
from lens_site.site.numbers import percent
from lens_site.site.pictures import Crop
from lens_site.site.records import Site
from lens_site.site.summary import leading

FEATURED = 6
TILES = 4
"""Concepts of which the strip shows the best tile."""

MOST_PIXELS = 20_000_000
"""Pixels of a strip: a thousand tiles."""

FILE, SIDE = "card.webp", 128
"""Name of the strip beside the class page, and the side of its tiles in pixels."""


@dataclass(frozen=True)
class Card:
    """A class in the gallery of the home page."""

    slug: str
    index: int
    name: str
    also: str
    wordnet: str
    images: int
    groups: int
    """Groups of images that stand apart."""
    kept: float | None
    """How much of the error of a constant guess the concepts remove."""
    reliability: float | None
    leads: tuple[tuple[Badge, str], ...]
    quartet: tuple[tuple[Badge, str], ...]
    tiles: int
    appeal: float

    @property
    def line(self) -> str:
        """The figures under the name."""
        images = many("{n} image", "{n} images", self.images)
        apart = many("{n} group apart", "{n} groups apart", self.groups)
        return f"{images} · {apart}" if self.groups else images

    @property
    def page(self) -> str:
        """Address of the class page."""
        return f"classes/{self.slug}/index.html"

    @property
    def picture(self) -> str:
        """Address of the strip of tiles."""
        return f"classes/{self.slug}/{FILE}"

    @property
    def tile(self) -> Crop:
        """The first tile of the strip."""
        return Crop(self.picture, "", columns=self.tiles)


def cards(site: Site) -> tuple[Card, ...]:
    """Return the cards of all classes, by index."""
    return tuple(card(result) for result in site.results(verify=False))


def featured(site: Site) -> tuple[Card, ...]:
    """Return the classes with most to see: several concepts, well kept, many images."""
    return tuple(sorted(site.once(cards), key=lambda c: (-c.appeal, c.index))[:FEATURED])


def card(result: ClassResult) -> Card:
    """Return the card of one class."""
    right = [i.label == result.name.index for i in result.images if i.label is not None]
    badges = badges_of(result)
    important = sum(c.important for c in result.concepts)
    kept = result.kept.skill if result.kept else None
    first = [c for c in result.concepts[:TILES] if c.tiles]
    return Card(
        slug=result.name.slug,
        index=result.name.index,
        name=result.name.name,
        also=", ".join(s for s in result.name.synonyms if s != result.name.name),
        wordnet=result.name.wordnet,
        images=len(result.images),
        groups=len(result.strategies),
        kept=kept,
        reliability=sum(right) / len(right) if right else None,
        leads=tuple((badges[c.number], percent(c.share)) for c in leading(result)),
        quartet=tuple((badges[c.number], percent(c.share)) for c in first),
        tiles=len(first),
        appeal=min(important, 4) * (0.5 + max(0.0, kept or 0.0)) * min(len(result.images), 200),
    )


def strip(result: ClassResult, folder: Path) -> bytes | None:
    """Return one picture of the best tile of each first concept, side by side; None without any."""
    sources = [folder / c.tiles_file for c in result.concepts[:TILES] if c.tiles]
    if not sources:
        return None
    joined = Image.new("RGB", (SIDE * len(sources), SIDE))
    for position, source in enumerate(sources):
        tile = first_tile(source)
        joined.paste(tile.resize((SIDE, SIDE)), (SIDE * position, 0))
    written = io.BytesIO()
    joined.save(written, "WEBP", quality=75, method=4)
    return written.getvalue()


def first_tile(source: Path) -> Image.Image:
    """Cut the first tile off a strip; the pictures of results are not trusted to be small."""
    try:
        with Image.open(source, formats=("WEBP",)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError(f"{opened.width} × {opened.height} pixels")
            return opened.convert("RGB").crop((0, 0, opened.height, opened.height))
    except Exception as error:  # Pillow's decoders raise a dozen types for damaged files
        raise ResultError(
            f"{source}: is no strip of tiles ({first_line(error)}); {store.AGAIN}"
        ) from error
