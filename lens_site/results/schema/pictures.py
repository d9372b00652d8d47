"""Sheets of small pictures: the images of a class, and what gradients drew of its concepts."""

from typing import Literal

from pydantic import Field

from lens_site.results.schema.record import FileName, Record

VisualizationLevel = Literal["off", "preview", "standard", "full"]
"""How much work goes into a visualization."""


class Sprite(Record):
    """Many pictures of one size in one file, a grid, row by row."""

    file: FileName
    columns: int = Field(ge=1)
    size: int = Field(description="side of one of them in pixels")


class PictureCheck(Record):
    """What the network says of a picture that was made for a concept, as it is shown."""

    rank: int = Field(
        ge=1, description="of its own concept among those of the class, by their codes; 1 is right"
    )
    ratio: float = Field(description="its own code over the largest of the others, at most 99")
    likeness: tuple[float, ...] = Field(
        default=(),
        description="correlation of its activations with those of the concept's tiles, one for "
        "each layer of the class's visualizations",
    )

    @property
    def is_right(self) -> bool:
        """Whether the network finds more of its own concept in it than of any other."""
        return self.rank == 1


class Visualization(Record):
    """Pictures of one concept made by the network's gradients: no photographs."""

    cell: int = Field(ge=0, description="place of its pictures in both sheets, row by row")
    drawn: PictureCheck = Field(description="of the picture made from noise (MACO)")
    accentuated: PictureCheck | None = Field(
        default=None, description="of its best tile driven further; None for one without tiles"
    )
    likeness_of_tiles: tuple[float, ...] = Field(
        default=(), description="the same correlation among the concept's tiles themselves"
    )
    likeness_of_others: tuple[float, ...] = Field(
        default=(), description="and of these with tiles of the other concepts of the class"
    )


class Visualizations(Record):
    """How the pictures of a class were made, and the files they are in."""

    level: VisualizationLevel
    photographs: int = Field(
        description="pictures of the set whose mean magnitude was taken; 0: 1/f in its place"
    )
    layers: tuple[str, ...] = Field(description="earlier layers at which likeness was measured")
    drawn: Sprite = Field(description="transparent where the network did not look")
    accentuated: Sprite | None = Field(default=None, description="None where no concept has tiles")
