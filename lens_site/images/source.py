"""What every source of pictures promises, and the one door that opens them by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL import Image

from lens_site import named
from lens_site.errors import SourceError, did_you_mean
from lens_site.images import splits

ROOM, LAST = "images.sources", "folder"
"""Where the kinds of sources are, and the one that takes what no other does."""

EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
"""Of pictures, compared without case; what a file holds is decided by its content."""


@dataclass(frozen=True)
class Credit:
    """Where one picture, or a set of them, comes from; ``key`` names it inside the source."""

    key: str
    title: str
    author: str
    license: str
    source: str


@runtime_checkable
class ImageSource(Protocol):
    """Pictures in a fixed order; picture ``i`` is ``keys[i]``.

    Safe to use from threads, and in another process after pickling. ``found``, a line on what is
    there and where its labels come from, is told before the work starts; it may be missing.
    """

    @property
    def name(self) -> str:
        """A word for the set: ``demo``, ``imagenette`` or the folder's own name."""

    @property
    def description(self) -> str:
        """One sentence for visitors."""

    @property
    def credits(self) -> tuple[Credit, ...]:
        """Authors and licenses; empty where the source does not know them."""

    @property
    def views_of_few(self) -> bool:
        """Whether the pictures are random views of a few photographs."""

    @property
    def keys(self) -> Sequence[str]:
        """Stable, unique names; a relative path with forward slashes for files.

        Sorted, or in the order of the disk, so that reading one after the other never goes back.
        """

    def group(self, i: int) -> str | None:
        """Name the class of a picture, by WordNet id, index or name, None for none.

        Of a folder of pictures it is the topmost folder above the picture.
        """

    def stamp(self, i: int) -> str:
        """Change whenever the picture may have changed; cheap, never reads the picture."""

    def read(self, i: int) -> bytes:
        """Return the bytes whose digest stands for the picture; raises UnreadableImage."""

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """Return upright RGB pixels; raises UnreadableImage with its reason in one line.

        A large JPEG may come at 1/2, 1/4 or 1/8 of its size as long as its shorter side keeps
        ``min_side`` pixels; None asks for every pixel.
        """


def open_source(data: str, *, cache: Path | None = None) -> ImageSource:
    """Open ``demo``, ``imagenette``, pictures as they lie on a disk, or ``package.module:Source``.

    ``:train``, ``:val`` or ``:test`` after a name or path asks for a part of the set. A built-in
    name wins over a folder of that name in the working directory; ``./demo`` is the folder. A
    source from outside is a class or a function without arguments. Downloads and indices go to
    ``cache``, by default ``~/.cache/lens``.

    Raises
    ------
    SourceError
        For a folder that is missing, cannot be listed or holds no picture, a part that is not
        there, photographs of the demo that are not installed, a failed download, and what is no
        source.
    """
    kinds = [named.module(ROOM, word) for word in sorted(named.names(ROOM), key=_last)]
    words = [kind.TAKES for kind in kinds if kind.TAKES.isidentifier()]
    place, split = splits.parse(data, words)
    if split is None and named.is_outside(data) and not splits.exists(data):
        return _from_outside(data)
    for kind in kinds:
        source: ImageSource | None = kind.open_data(
            place, split, cache or Path.home() / ".cache" / "lens"
        )
        if source is not None:
            return source
    raise SourceError(
        f"data: no folder or file {data!r}; wanted {', '.join(kind.TAKES for kind in kinds)}"
        f"{did_you_mean(data, words) or '; check the path'}"
    )


def what_it_found(source: ImageSource) -> str:
    """Say in a line what is in a source: its ``found``, which one from outside may lack."""
    return getattr(source, "found", "") or counted(len(source.keys), "picture")


def counted(number: int, thing: str) -> str:
    """``1,000 classes``."""
    plural = "es" if thing.endswith("s") else "s"
    return f"{number:,} {thing}{plural if number != 1 else ''}"


def _last(word: str) -> tuple[bool, str]:
    return word == LAST, word


def _from_outside(data: str) -> ImageSource:
    made = named.outside(data, "data", error=SourceError)()
    if not isinstance(made, ImageSource):
        raise SourceError(
            f"data: {data} makes {type(made).__name__}, wanted what "
            "lens_site.images.source.ImageSource promises: name, description, credits, "
            "views_of_few, keys, group, stamp, read and open"
        )
    return made
