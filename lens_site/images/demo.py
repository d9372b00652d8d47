"""The built-in demo: random views of seven photographs that other packages ship.

The photographs lie inside scikit-image and scikit-learn, so nothing is downloaded. Their
authors and licences are as these packages state them: the docstrings of ``skimage.data`` and the
README beside scikit-learn's pictures.
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
from lens_site.images.decode import decode
from lens_site.images.source import Credit

VIEWS = 150
"""Views of each photograph."""

SEED = 0

SCALE = (0.08, 1.0)
RATIO = (3 / 4, 4 / 3)
"""Share of the photograph's area and width / height of a view, as torchvision's defaults."""


@dataclass(frozen=True)
class Photo:
    """One photograph: the class it shows, the file, the digest that its credit is true of."""

    label: str
    package: str
    file: str
    sha256: str
    credit: Credit


PHOTOS = (
    Photo(
        "tripod",
        "skimage",
        "data/camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        Credit(
            key="camera",
            title="Camera",
            author="Lav Varshney",
            licence="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.camera",
        ),
    ),
    Photo(
        "Egyptian cat",
        "skimage",
        "data/chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        Credit(
            key="chelsea",
            title="Chelsea the cat",
            author="Stefan van der Walt",
            licence="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.chelsea",
        ),
    ),
    Photo(
        "palace",
        "sklearn",
        "datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        Credit(
            key="china",
            title="china.jpg",
            author="danielbuechele",
            licence="CC BY 2.0",
            source="https://www.flickr.com/photos/danielbuechele/6061409035/sizes/z/in/photostream/",
        ),
    ),
    Photo(
        "espresso",
        "skimage",
        "data/coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        Credit(
            key="coffee",
            title="Coffee cup",
            author="Rachel Michetti, courtesy of Pikolo Espresso Bar",
            licence="CC0",
            source="https://scikit-image.org/docs/stable/api/skimage.data.html#skimage.data.coffee",
        ),
    ),
    Photo(
        "daisy",
        "sklearn",
        "datasets/images/flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        Credit(
            key="flower",
            title="flower.jpg",
            author="danielbuechele by scikit-learn's README, which links to a page of vultilion",
            licence="CC BY 2.0",
            source="https://www.flickr.com/photos/vultilion/6056698931/sizes/z/in/photostream/",
        ),
    ),
    Photo(
        "moped",
        "skimage",
        "data/motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        Credit(
            key="motorcycle",
            title="Motorcycle, left picture of a stereo pair (Middlebury 2014 stereo benchmark)",
            author="Nera Nesic, Porter Westling, Xi Wang, York Kitajima, Greg Krathwohl and "
            "Daniel Scharstein, Middlebury College",
            licence="none stated; distributed with scikit-image",
            source="http://vision.middlebury.edu/stereo/data/scenes2014/",
        ),
    ),
    Photo(
        "missile",
        "skimage",
        "data/rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        Credit(
            key="rocket",
            title="Launch of DSCOVR on Falcon 9",
            author="SpaceX",
            licence="public domain",
            source="https://www.flickr.com/photos/spacexphotos/16511594820/in/photostream/",
        ),
    ),
)
"""Sorted by key. Each file is in the wheels of scikit-image 0.24 and scikit-learn 1.5 and later."""


class DemoSource:
    """The demo; keys read ``coffee/017``, the group is the class that the photograph shows.

    View i is drawn by a generator of its own, seeded by photograph and number, so it is the same
    whatever else is asked for. A view is a rectangle of the photograph with the photograph's own
    pixels, mirrored half of the time: unlike torchvision's RandomResizedCrop it is not stretched
    to a square, resizing being the classifier's business.

    Raises
    ------
    SourceError
        If scikit-image or scikit-learn is missing or ships another photograph by that name:
        the credits would then be false.
    """

    name = "demo"
    description = (
        f"{VIEWS * len(PHOTOS):,} random views, cropped and half of them mirrored, of "
        f"{len(PHOTOS)} photographs: one photograph a class, so no sample of what the class can be."
    )
    credits = tuple(photo.credit for photo in PHOTOS)
    views_of_few = True

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
    spec = find_spec(photo.package)  # finds the folder without importing the package
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders)), photo.file) if folders else None
    if path is None or not path.is_file():
        raise SourceError(
            f"data: demo needs {photo.package}/{photo.file}, which is not installed; "
            "wanted scikit-image and scikit-learn; install both, or use --data FOLDER"
        )
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise SourceError(
            f"data: demo: {path} is another photograph than the one credited; wanted the file of "
            "scikit-image 0.26 and scikit-learn 1.9; install these, or use --data FOLDER"
        )
    return data
