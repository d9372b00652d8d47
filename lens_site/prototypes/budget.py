"""How many bytes the pictures of a class may weigh, and what gives way where they would weigh more.

A thousand classes are one site, and a site may weigh 1 GB. Tiles and lit pictures come first, then
thumbnails of all images, then larger pictures of as many as fit, then more tiles.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import NamedTuple

from PIL import Image

BUDGET = 430_000
"""Bytes of all pictures of a class together."""

STRIPS, SPRITE = 170_000, 110_000
"""Bytes of all tiles and lit pictures, and of the thumbnails."""

LESS = (0, 15, 30, 45, 100)
"""Taken off the quality of pictures, until they fit; with the last, even noise does."""

EFFORT = 2
"""WebP's method: 4 is 5 % smaller and takes twice the time."""


class Painted(NamedTuple):
    """A picture to be written, and its quality."""

    picture: Image.Image
    quality: int


def webp(picture: Image.Image, quality: int) -> bytes:
    """Return the bytes of a WebP file."""
    file = BytesIO()
    picture.save(file, "WEBP", quality=max(0, quality), method=EFFORT)
    return file.getvalue()


def within(painted: Mapping[str, Painted], most: int) -> dict[str, bytes]:
    """Return the files of pictures, in the best quality in which they weigh no more than ``most``.

    In the worst quality they may weigh more: there is nothing left to take off.
    """
    files: dict[str, bytes] = {}
    for less in LESS:
        files = {name: webp(p.picture, p.quality - less) for name, p in painted.items()}
        if weight(files) <= most:
            break
    return files


def weight(*files: Mapping[str, bytes]) -> int:
    """Return the bytes of all these files."""
    return sum(len(data) for some in files for data in some.values())


def first_within(candidates: Iterable[Painted], most: int) -> tuple[int, bytes]:
    """Return the first candidate that weighs no more than ``most``, else the last: position, file.

    Raises
    ------
    ValueError
        Without candidates.
    """
    position, data = -1, b""
    for position, candidate in enumerate(candidates):  # noqa: B007
        data = webp(*candidate)
        if len(data) <= most:
            break
    if position < 0:
        raise ValueError("pictures: got no candidate, wanted one or more")
    return position, data
