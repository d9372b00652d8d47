"""Whether the network agrees that a picture shows its concept, and looks at it as at tiles.

Shapes: k concepts of the class, of which v have pictures.
"""

from collections.abc import Sequence

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from lens_site import visualization
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.studio import Pictures, Studio, encode_pictures
from lens_site.classifier import Classifier
from lens_site.results.numbers import rounded
from lens_site.results.schema import PictureCheck, Visualization


def check_pictures(
    drawn: Float[Tensor, "v 3 size size"],
    accentuated: Float[Tensor, "v 3 tile tile"],
    tiles: Sequence[Tensor],
    present: Sequence[int],
    concepts: ClassConcepts,
    studio: Studio,
    *,
    crops: bool,
) -> tuple[Visualization, ...]:
    """Check the pictures of the concepts at the positions ``present``, as they are shown.

    A picture stands for a patch, so the network sees it as it saw the crops it was made of: of one
    from noise the middle, as large as a crop, of a tile the whole. ``tiles`` are the natural ones,
    (n, 3, tile, tile) of each concept.
    """
    side = studio.side
    accentuated = resized(accentuated, side)
    middles = visualization.middle(drawn, studio.level.drawn.share, side)
    standings = _standings(middles, present, concepts, studio.classifier, crops)
    tile_standings = _standings(accentuated, present, concepts, studio.classifier, crops)
    like = [
        _Likeness(one, middles, accentuated, [resized(some, side) for some in tiles])
        for one in studio.earlier
    ]
    return tuple(
        Visualization(
            cell=cell,
            drawn=_check(standings[cell], [one.drawn(cell) for one in like]),
            accentuated=_check(tile_standings[cell], [one.accentuated(cell) for one in like]),
            likeness_of_tiles=tuple(rounded(one.tiles(cell)) for one in like),
            likeness_of_others=tuple(rounded(one.others(cell)) for one in like),
        )
        for cell in range(len(present))
    )


def resized(
    pictures: Float[Tensor, "n channels before before"], side: int
) -> Float[Tensor, "n channels side side"]:
    """Return pictures of another size."""
    if pictures.shape[2] == side:
        return pictures
    return interpolate(
        pictures, size=(side, side), mode="bilinear", align_corners=False, antialias=True
    )


def _check(standing: visualization.Standing, likeness: Sequence[float]) -> PictureCheck:
    return PictureCheck(
        rank=standing.rank,
        ratio=rounded(standing.ratio),
        likeness=tuple(rounded(value) for value in likeness),
    )


def _standings(
    pictures: Pictures,
    present: Sequence[int],
    concepts: ClassConcepts,
    classifier: Classifier,
    crops: bool,
) -> tuple[visualization.Standing, ...]:
    """Rank each picture's own concept by mean codes of places, or of the pooled map (``crops``)."""
    maps = encode_pictures(classifier, pictures).maps
    if crops:
        maps = maps.mean(dim=(2, 3), keepdim=True)
    places = maps.shape[2] * maps.shape[3]
    codes = concepts.extractor.encode(rearrange(maps, "n p h w -> (n h w) p"))
    mean = rearrange(codes, "(n s) k -> n s k", s=places).mean(dim=1).cpu()
    mean = mean[:, torch.from_numpy(concepts.order)]
    lengths = torch.from_numpy(concepts.dictionary).norm(dim=1)
    return visualization.standings(mean * lengths, present)


class _Likeness:
    """Activations at one earlier layer: a row a picture, channels averaged over places."""

    def __init__(
        self, classifier: Classifier, drawn: Pictures, accentuated: Pictures,
        tiles: Sequence[Tensor],
    ) -> None:  # fmt: skip
        def pooled(pictures: Pictures) -> Tensor:
            return encode_pictures(classifier, pictures).maps.mean(dim=(2, 3)).cpu()

        self._drawn, self._accentuated = pooled(drawn), pooled(accentuated)
        self._tiles = torch.split(pooled(torch.cat(list(tiles))), [len(some) for some in tiles])

    def drawn(self, cell: int) -> float:
        """Return how like the concept's tiles its picture from noise is."""
        return visualization.likeness(self._drawn[cell : cell + 1], self._tiles[cell])

    def accentuated(self, cell: int) -> float:
        """Return the same of the accentuated tile."""
        return visualization.likeness(self._accentuated[cell : cell + 1], self._tiles[cell])

    def tiles(self, cell: int) -> float:
        """Return how like each other the tiles are."""
        return visualization.likeness_within(self._tiles[cell])

    def others(self, cell: int) -> float:
        """Return how like the tiles are to those of other concepts; 0 where there are none."""
        others = [some for i, some in enumerate(self._tiles) if i != cell]
        return visualization.likeness(self._tiles[cell], torch.cat(others)) if others else 0.0
