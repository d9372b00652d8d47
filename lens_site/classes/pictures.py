"""The picture files of one class: which patches show its concepts and their parts, drawn.

Shapes: n images, k concepts, a grid of h × w positions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from lens_site import prototypes
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.examples import Examples, find_examples
from lens_site.classes.grouping import Grouping, surest_mistakes
from lens_site.classes.inputs import ClassImages, FinerMaps, OpenImage, Settings
from lens_site.classes.recursion import sub_concepts
from lens_site.classes.worth import worth_seeing
from lens_site.classifier import Classifier
from lens_site.images import crops
from lens_site.results.schema import Sharp, Sprite
from lens_site.results.shown import MINOR_TILES, tiles_of

PART_TILES = 4
"""Tiles of a sub-concept."""

LONG = 20
"""Tiles of an important concept where a class has bytes left; its page shows fewer."""


@dataclass(frozen=True)
class Apart:
    """A concept taken apart: weight and tiles per sub-concept, R² beside that of random rows."""

    tiles: Sequence[tuple[float, Sequence[prototypes.Tile]]]
    r2: float
    r2_random: float


@dataclass(frozen=True)
class Pictures:
    """Tiles and other examples of each concept, sub-concepts, all files and what they hold."""

    tiles: Sequence[Sequence[prototypes.Tile]]
    examples: Sequence[Examples]
    parts: Mapping[int, Apart]
    files: Mapping[str, bytes]
    sprite: Sprite
    sharp: Sharp | None


def draw_pictures(
    images: ClassImages,
    concepts: ClassConcepts,
    grouping: Grouping,
    open_image: OpenImage,
    classifier: Classifier,
    settings: Settings,
    finer: FinerMaps | None,
) -> Pictures:
    """Choose the tiles of every concept and draw all picture files and code maps."""
    important = concepts.summary.important
    boxes = _boxes(concepts.codes_nhwk.shape[1:3], prototypes.WINDOW, classifier, settings)
    by_concept = list(np.moveaxis(concepts.codes_nhwk, 3, 0))
    shown = [tiles_of(sum(important)) if counts else MINOR_TILES for counts in important]
    tiles = [
        prototypes.select(codes, boxes, count=LONG if counts else MINOR_TILES)
        for codes, counts in zip(by_concept, important, strict=True)
    ]
    parts = _parts(concepts, finer, classifier, settings) if finer is not None else {}

    view = viewer(open_image, classifier, concepts, settings)
    pairs = [
        prototypes.strips(i, tiles[i], codes, shown=shown[i]) for i, codes in enumerate(by_concept)
    ]
    others = [prototypes.parts(i, [tiles for _, tiles in one.tiles]) for i, one in parts.items()]
    larger = worth_seeing(
        (*grouping.strategies, *grouping.groups),
        surest_mistakes(images, range(len(concepts.phi))),
        [row[:n] for row, n in zip(tiles, shown, strict=True)],
        len(concepts.phi),
    )
    drawn = prototypes.draw(pairs, others, larger, len(concepts.phi), view)
    maps = prototypes.code_maps(concepts.codes_nhwk, concepts.phi)
    return Pictures(
        [row[:n] for row, n in zip(tiles, drawn.columns, strict=True)],
        find_examples(concepts.codes_nhwk, concepts.phi, concepts.summary.dominant, boxes),
        parts,
        {**drawn.files, prototypes.MAPS: maps},
        Sprite(file=prototypes.SPRITE, columns=prototypes.COLUMNS, size=drawn.thumbnail),
        _sharp(drawn),
    )


def _sharp(drawn: prototypes.Drawn) -> Sharp | None:
    if not drawn.larger:
        return None
    return Sharp(
        files=drawn.sheets, columns=prototypes.LARGER_COLUMNS, rows=prototypes.LARGER_ROWS,
        size=prototypes.LARGER_SIDE, images=drawn.larger,
    )  # fmt: skip


def viewer(
    open_image: OpenImage, classifier: Classifier, concepts: ClassConcepts, settings: Settings
) -> prototypes.View:
    """Return what gives the part of an image that the network sees, large enough for all uses."""
    boxes = _boxes(concepts.codes_nhwk.shape[1:3], prototypes.WINDOW, classifier, settings)

    def view(i: int) -> Image.Image:
        preprocessing = classifier.preprocessing
        tile = prototypes.SIDE / (boxes[0, 0, 2] - boxes[0, 0, 0])  # no tile is enlarged
        enough = max(tile, prototypes.LARGER_SIDE)
        return preprocessing.view(open_image(i, round(enough * preprocessing.zoom)))

    return view


def _parts(
    concepts: ClassConcepts, finer: FinerMaps, classifier: Classifier, settings: Settings
) -> dict[int, Apart]:
    """Sub-concepts of the important concepts that have any, with their tiles."""
    important = [i for i, yes in enumerate(concepts.summary.important) if yes]
    made = sub_concepts(
        concepts.codes_nhwk, important, finer.patches, method=settings.extraction,
        seed=settings.seed,
    )  # fmt: skip
    boxes = _boxes(finer.patches.shape[1:3], prototypes.FINE_WINDOW, classifier, settings)
    return {
        i: Apart(
            tiles=[
                (float(weight), prototypes.select(codes, boxes, count=PART_TILES))
                for weight, codes in zip(parts.weights, np.moveaxis(parts.codes, 3, 0), strict=True)
            ],
            r2=parts.r2,
            r2_random=parts.r2_random,
        )
        for i, parts in made.items()
    }


def _boxes(
    grid: tuple[int, ...], window: float, classifier: Classifier, settings: Settings
) -> Float[np.ndarray, "h w 4"]:
    """Which part of the view each patch stands for."""
    if settings.crops:
        return crops.boxes(classifier.preprocessing.crop)
    return prototypes.windows(*grid, side=window)
