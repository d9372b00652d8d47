"""The built-in demo: random views of six photographs that are there once Lens is installed.

Four lie in ``photographs`` beside this file: the files of scikit-image, whose docstrings of
``skimage.data`` state author and license. Two lie inside scikit-learn, with its README beside them.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from lens_site.errors import SourceError
from lens_site.images import splits
from lens_site.images.decode import decode
from lens_site.images.source import Credit

VIEWS = 150
"""Views of each photograph."""

SEED = 0

TAKES = "demo"

SCALE = (0.08, 1.0)
RATIO = (3 / 4, 4 / 3)
"""Share of the photograph's area and width / height of a view, as torchvision's defaults."""


@dataclass(frozen=True)
class Photo:
    """One photograph: the class it shows, the file, the digest that its credit is true of."""

    label: str
    folder: tuple[str, str]
    file: str
    sha256: str
    credit: Credit


OURS = ("lens_site", "images/sources/photographs")
SKLEARN = ("sklearn", "datasets/images")
"""A package, and the folder inside it."""

PHOTOS = (
    Photo(
        "tripod",
        OURS,
        "camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        Credit(
            key="camera",
            title="Camera",
            author="Lav Varshney",
            license="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.camera",
        ),
    ),
    Photo(
        "Egyptian cat",
        OURS,
        "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        Credit(
            key="chelsea",
            title="Chelsea the cat",
            author="Stefan van der Walt",
            license="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.chelsea",
        ),
    ),
    Photo(
        "palace",
        SKLEARN,
        "china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        Credit(
            key="china",
            title="china.jpg",
            author="danielbuechele",
            license="CC BY 2.0",
            source="https://www.flickr.com/photos/danielbuechele/6061409035/sizes/z/in/photostream/",
        ),
    ),
    Photo(
        "espresso",
        OURS,
        "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        Credit(
            key="coffee",
            title="Coffee cup",
            author="Rachel Michetti, courtesy of Pikolo Espresso Bar",
            license="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.coffee",
        ),
    ),
    Photo(
        "daisy",
        SKLEARN,
        "flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        Credit(
            key="flower",
            title="flower.jpg",
            author="danielbuechele by scikit-learn's README, which links to a page of vultilion",
            license="CC BY 2.0",
            source="https://www.flickr.com/photos/vultilion/6056698931/sizes/z/in/photostream/",
        ),
    ),
    Photo(
        "missile",
        OURS,
        "rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        Credit(
            key="rocket",
            title="Launch of DSCOVR on Falcon 9",
            author="SpaceX",
            license="public domain",
            source="https://www.flickr.com/photos/spacexphotos/16511594820/in/photostream/",
        ),
    ),
)
"""Sorted by key. scikit-learn's files are in its wheels of 1.5 and later."""


def open_data(data: str, split: str | None, cache: Path) -> "DemoSource | None":
    """Open what is called demo."""
    if data != TAKES:
        return None
    if split is not None:
        raise splits.no_split(data, split)
    return DemoSource()


class DemoSource:
    """The demo; keys read ``coffee/017``, the group is the class that the photograph shows.

    View i is drawn by a generator of its own, seeded by photograph and number, so it is the same
    whatever else is asked for. A view is a rectangle of the photograph with the photograph's own
    pixels, mirrored half of the time: unlike torchvision's RandomResizedCrop it is not stretched
    to a square, resizing being the classifier's business.

    Raises
    ------
    SourceError
        If a photograph is missing, or is another than the one credited.
    """

    name = "demo"
    description = (
        f"{VIEWS * len(PHOTOS):,} random views, cropped and half of them mirrored, of "
        f"{len(PHOTOS)} photographs: one photograph a class, so no sample of what the class can be."
    )
    credits = tuple(photo.credit for photo in PHOTOS)
    views_of_few = True
    found = f"{VIEWS * len(PHOTOS):,} views of {len(PHOTOS)} photographs"

    def __init__(self) -> None:
        self.keys: Sequence[str] = tuple(
            f"{photo.credit.key}/{view:03d}" for photo in PHOTOS for view in range(VIEWS)
        )
        self._pictures = [decode(_verified(photo), None) for photo in PHOTOS]

    def group(self, i: int) -> str | None:
        """Return the class that the photograph shows, as ImageNet names it."""
        return PHOTOS[i // VIEWS].label

    def stamp(self, i: int) -> str:
        """Return the text of :meth:`read`, which is known without reading a file."""
        return self.read(i).decode()

    def read(self, i: int) -> bytes:
        """Return photograph, crop and mirroring in words: they determine the pixels."""
        photo = PHOTOS[i // VIEWS]
        box, mirrored = self._view(i)
        side = "mirrored" if mirrored else "as it is"
        return f"{photo.credit.key} sha256 {photo.sha256} box {box} {side}".encode()

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """Return the view; ``min_side`` changes nothing, a photograph is small."""
        box, mirrored = self._view(i)
        picture = self._pictures[i // VIEWS].crop(box)
        return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else picture

    def _view(self, i: int) -> tuple[tuple[int, int, int, int], bool]:
        index, view = divmod(i, VIEWS)
        generator = np.random.default_rng((SEED, *PHOTOS[index].credit.key.encode(), view))
        box = _random_box(*self._pictures[index].size, generator=generator)
        return box, bool(generator.random() < 0.5)


def _random_box(
    width: int, height: int, *, generator: np.random.Generator
) -> tuple[int, int, int, int]:
    """Draw the rectangle of a RandomResizedCrop: left, top, right, bottom in pixels.

    The area is uniform in ``SCALE``, the ratio of sides log-uniform in ``RATIO``, the place
    uniform where it fits. What does not fit is drawn again; torchvision gives up after ten
    draws, but of these photographs, at most 1.51 times as wide as high, most draws fit.

    Source: torchvision.transforms.RandomResizedCrop.get_params.
    """
    while True:
        area = width * height * generator.uniform(*SCALE)
        ratio = math.exp(generator.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if w <= width and h <= height:
            left = int(generator.integers(0, width - w, endpoint=True))
            top = int(generator.integers(0, height - h, endpoint=True))
            return left, top, left + w, top + h


def _verified(photo: Photo) -> bytes:
    package, folder = photo.folder
    spec = find_spec(package)  # finds the folder without importing the package
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places)), folder, photo.file) if places else None
    if path is None or not path.is_file():
        raise SourceError(
            f"data: demo needs {package}/{folder}/{photo.file}, which is not installed; "
            "wanted lens-site and scikit-learn; install both, or use --data FOLDER"
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise SourceError(
            f"data: demo: {path} is another photograph than the one credited; wanted the file of "
            "this lens-site and scikit-learn 1.9; install these, or use --data FOLDER"
        )
    return data
