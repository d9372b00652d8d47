"""What every source of pictures promises, and the one door that opens them by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from PIL import Image

from lens_site import named
from lens_site.errors import SourceError, did_you_mean

ROOM, LAST = "images.sources", "folder"
"""Where the kinds of sources are, and the one that takes what no other does."""


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
    """Pictures in a fixed order; picture ``i`` is ``keys[i]``. Safe to use from threads."""

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
        """Sorted, stable, unique names; a relative path with forward slashes for files."""

    def group(self, i: int) -> str | None:
        """Name the class folder of a picture: the topmost folder above it, None for none."""

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
    """Open ``demo``, ``imagenette``, a folder of pictures, or ``package.module:Source``.

    A built-in name wins over a folder of that name in the working directory; ``./demo`` is
    the folder. A source from outside is a class or a function without arguments. Downloads go to
    ``cache``, by default ``~/.cache/lens``.

    Raises
    ------
    SourceError
        For a folder that is missing, cannot be listed or holds no picture, a file in place
        of a folder, photographs of the demo that are not installed, a failed download, and what
        is no source.
    """
    if named.is_outside(data):
        return _from_outside(data)
    words = sorted(named.names(ROOM), key=lambda word: (word == LAST, word))
    for word in words:
        kind = named.module(ROOM, word)
        source: ImageSource | None = kind.open_data(data, cache or Path.home() / ".cache" / "lens")
        if source is not None:
            return source
    raise SourceError(
        f"data: no folder {data!r}; wanted a folder of pictures or one of {', '.join(words[:-1])}"
        f"{did_you_mean(data, words[:-1]) or '; check the path'}"
    )


def _from_outside(data: str) -> ImageSource:
    made = named.outside(data, "data", error=SourceError)()
    if not isinstance(made, ImageSource):
        raise SourceError(
            f"data: {data} makes {type(made).__name__}, wanted what "
            "lens_site.images.source.ImageSource promises: name, description, credits, "
            "views_of_few, keys, group, stamp, read and open"
        )
    return made
