"""Pictures of the concepts of a class by gradients: from noise, and from the best real tile.

Shapes: k concepts of the class, of which v are present and get pictures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from lens_site import prototypes, visualization
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.inputs import Settings
from lens_site.classes.picture_checks import check_pictures, resized
from lens_site.classes.studio import Pictures, Studio
from lens_site.results.schema import Sprite, Visualization, Visualizations
from lens_site.visualization import Ascended, Directions, Effort, Sheet

SIDE, QUALITY = 224, 33
"""Most pixels of a side of a picture made from noise, and how well its file keeps it."""

TILE_QUALITY = 60

TILES = 5
"""Tiles of each concept that its pictures are compared with."""


@dataclass(frozen=True)
class Visualized:
    """Records of the concepts that have pictures, by position; how these were made; the files."""

    concepts: Mapping[int, Visualization]
    made: Visualizations
    files: Mapping[str, bytes]


def visualize(
    concepts: ClassConcepts,
    tiles: Sequence[Sequence[prototypes.Tile]],
    view: prototypes.View,
    studio: Studio,
    settings: Settings,
) -> Visualized | None:
    """Draw every concept that is present, write the files, and check what is in these.

    None for a class without such a concept.
    """
    present = [i for i, some in enumerate(tiles) if some]
    if not present:
        return None
    cuts = [_cut(tiles[i][:TILES], view) for i in present]
    wanted = _directions(concepts, present, studio)
    drawn = _drawn(wanted, studio, settings.seed)
    accentuated = _accentuated(wanted, torch.stack([some[0] for some in cuts]), studio, settings)
    sheet = Sheet(visualization.DRAWN, len(present), drawn.shape[2], QUALITY)
    tile_sheet = Sheet(visualization.ACCENTUATED, len(present), accentuated.shape[2], TILE_QUALITY)
    files = {
        sheet.file: visualization.write(sheet, drawn),
        tile_sheet.file: visualization.write(tile_sheet, accentuated),
    }
    ground = studio.spectrum.color
    records = check_pictures(
        visualization.read(sheet, files[sheet.file], ground),
        visualization.read(tile_sheet, files[tile_sheet.file], ground),
        cuts,
        present,
        concepts,
        studio,
        crops=settings.crops,
    )
    made = Visualizations(
        level=studio.name,
        photographs=studio.spectrum.photographs,
        layers=tuple(one.parts.layer for one in studio.earlier),
        drawn=_sprite(sheet),
        accentuated=_sprite(tile_sheet),
    )
    return Visualized(dict(zip(present, records, strict=True)), made, files)


def _sprite(sheet: Sheet) -> Sprite:
    return Sprite(file=sheet.file, columns=sheet.columns, size=sheet.size)


def _cut(tiles: Sequence[prototypes.Tile], view: prototypes.View) -> Pictures:
    pixels = [np.array(prototypes.cut(view(tile.image), tile.box)) for tile in tiles]
    return torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float() / 255


def _directions(concepts: ClassConcepts, present: Sequence[int], studio: Studio) -> Directions:
    """Return where in the space of activations the concepts lie, told apart from each other.

    The origin is what codes of 0 stand for: 0, or the mean of centered codes.
    """
    device = studio.classifier.device
    vectors = visualization.apart(torch.from_numpy(concepts.dictionary[list(present)]))
    extractor = concepts.extractor
    nothing = torch.zeros(1, extractor.k, dtype=extractor.dictionary.dtype)
    origin = extractor.decode(nothing.to(extractor.dictionary.device))[0]
    return Directions(vectors.to(device), origin.to(device))


def _drawn(wanted: Directions, studio: Studio, seed: int) -> Float[Tensor, "v 4 size size"]:
    """Return pictures from noise, with how much of each pixel is shown."""
    generator = torch.Generator(studio.classifier.device).manual_seed(seed)
    painter, phases = visualization.from_noise(
        studio.spectrum, len(wanted.vectors), generator=generator
    )
    done = _ascend(painter, phases, wanted, studio, studio.level.drawn, generator)
    masks = visualization.mask(done.attention)[:, None]
    size = min(SIDE, studio.spectrum.side)
    return torch.cat([resized(done.pictures, size), resized(masks, size)], dim=1).cpu()


def _accentuated(
    wanted: Directions, tiles: Pictures, studio: Studio, settings: Settings
) -> Float[Tensor, "v 3 tile tile"]:
    """Return the best tile of each concept, driven further."""
    generator = torch.Generator(studio.classifier.device).manual_seed(settings.seed)
    painter, phases = visualization.from_pictures(
        tiles.to(studio.classifier.device), studio.spectrum
    )
    done = _ascend(painter, phases, wanted, studio, studio.level.accentuated, generator)
    return done.pictures.cpu()


def _ascend(
    painter: visualization.Painter,
    phases: Tensor,
    wanted: Directions,
    studio: Studio,
    effort: Effort,
    generator: torch.Generator,
) -> Ascended:
    return visualization.ascend(
        painter,
        phases,
        wanted,
        studio.look,
        effort,
        side=studio.side,
        at_once=studio.at_once(effort.crops),
        generator=generator,
    )
