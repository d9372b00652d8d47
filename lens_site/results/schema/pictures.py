"""Sheets of small pictures: the images of a class, and what gradients drew of its concepts."""

from typing import Literal

from pydantic import Field

from lens_site.results.schema.record import FileName, Record

VisualizationLevel = Literal["off", "preview", "standard", "full"]
"""How much work goes into a visualization."""


ShownPictures = Literal["own", "smaller", "thumbnails", "none"]
"""What became of the photographs in results that were made for publishing."""


class Sprite(Record):
    """Many pictures of one size in one file, a grid, row by row."""

    file: FileName
    columns: int = Field(ge=1)
    size: int = Field(description="side of one of them in pixels")


class Sharp(Record):
    """Larger pictures of some images, as the network sees them: full sheets, row by row."""

    files: tuple[FileName, ...] = Field(description="each but the last holds a full grid")
    columns: int = Field(ge=1)
    rows: int = Field(ge=1, description="of a full sheet; the last one ends with its last picture")
    size: int = Field(description="side of a picture in pixels")
    images: tuple[int, ...] = Field(description="which images, in the order of the pictures")


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
    accentuated: PictureCheck = Field(description="of its best tile driven further")
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
    accentuated: Sprite
