"""A shared concept in a row: a tile of each of its first classes, and their names."""

from dataclasses import dataclass

from lens_site.site.across import Across, group_address
from lens_site.site.findings import named
from lens_site.site.numbers import exact
from lens_site.site.pictures import Crop

TILES = 4
"""Classes that show a tile."""


@dataclass(frozen=True)
class GroupRow:
    """One group; its address is from the root of the site."""

    number: int
    address: str
    classes: int
    names: str
    cosine: str
    tiles: tuple[tuple[str, Crop], ...]
    """The best tile of each of the first members, and the folder it is in."""


def rows(found: Across, most: int | None = None) -> tuple[GroupRow, ...]:
    """Return the groups, those of most classes first."""
    return tuple(
        GroupRow(
            number=group.number,
            address=group_address(group.number),
            classes=len(group.members),
            names=named([m.name for m in found.members(group)]),
            cosine=exact(group.cosine, 2),
            tiles=tuple(
                (m.folder, crop) for m in found.members(group)[:TILES] for crop in m.tiles[:1]
            ),
        )
        for group in found.model.groups[:most]
    )
