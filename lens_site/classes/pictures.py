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
from lens_site.classes.inputs import FinerMaps, OpenImage, Settings
from lens_site.classes.recursion import sub_concepts
from lens_site.classifier import Classifier
from lens_site.images import crops

TILES, MINOR_TILES, PART_TILES = 20, 5, 4
"""Tiles shown with an important concept, with another one, and with a sub-concept."""

MOST_TILES = 80
"""Tiles of all important concepts together: with many of them, each shows fewer."""

MANY_IMAGES, TILES_OF_MANY = 200, 10
"""Beyond so many images a concept has fewer tiles: a class may weigh 0.9 MB, thumbnails and all."""


@dataclass(frozen=True)
class Apart:
    """A concept taken apart: weight and tiles per sub-concept, R² beside that of random rows."""

    tiles: Sequence[tuple[float, Sequence[prototypes.Tile]]]
    r2: float
    r2_random: float


@dataclass(frozen=True)
class Pictures:
    """Tiles and other examples of each concept, sub-concepts of those that have any, all files."""

    tiles: Sequence[Sequence[prototypes.Tile]]
    examples: Sequence[Examples]
    parts: Mapping[int, Apart]
    files: Mapping[str, bytes]


def draw_pictures(
    concepts: ClassConcepts,
    open_image: OpenImage,
    classifier: Classifier,
    settings: Settings,
    finer: FinerMaps | None,
) -> Pictures:
    """Choose the tiles of every concept and draw all picture files and code maps."""
    important = concepts.summary.important
    boxes = _boxes(concepts.codes_nhwk.shape[1:3], prototypes.WINDOW, classifier, settings)
    by_concept = list(np.moveaxis(concepts.codes_nhwk, 3, 0))
    many = _how_many(sum(important), len(by_concept[0]))
    tiles = [
        prototypes.select(codes, boxes, count=many if counts else MINOR_TILES)
        for codes, counts in zip(by_concept, important, strict=True)
    ]
    parts = _parts(concepts, finer, classifier, settings) if finer is not None else {}

    def view(i: int) -> Image.Image:
        preprocessing = classifier.preprocessing
        enough = prototypes.SIDE / (boxes[0, 0, 2] - boxes[0, 0, 0])  # no tile is enlarged
        return preprocessing.view(open_image(i, round(enough * preprocessing.zoom)))

    sheets = [
        sheet
        for i, codes in enumerate(by_concept)
        for sheet in prototypes.strips(i, tiles[i], codes)
    ]
    sheets += [prototypes.parts(i, [tiles for _, tiles in one.tiles]) for i, one in parts.items()]
    files = prototypes.draw(sheets, len(concepts.phi), view)
    files[prototypes.MAPS] = prototypes.code_maps(concepts.codes_nhwk, concepts.phi)
    examples = find_examples(concepts.codes_nhwk, concepts.phi, concepts.summary.dominant, boxes)
    return Pictures(tiles, examples, parts, files)


def _how_many(important: int, images: int) -> int:
    """Tiles of an important concept."""
    most = TILES_OF_MANY if images > MANY_IMAGES else TILES
    return min(most, max(MINOR_TILES, MOST_TILES // max(1, important)))


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
