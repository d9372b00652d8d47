"""Any folder of pictures, however nested; its first level of folders are the classes."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from lens_site.atomic import is_ours
from lens_site.errors import SourceError, UnreadableImage
from lens_site.images.decode import decode
from lens_site.images.source import Credit

EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".png", ".webp")
"""Compared without case; what a file holds is decided by its content, not by its name."""


def open_data(data: str, cache: Path) -> "FolderSource | None":
    """Open any path that is there."""
    try:
        root = Path(data).expanduser()
        there = bool(data) and root.exists()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, no such user
        return None
    return FolderSource(root) if there else None


class FolderSource:
    """The pictures under ``root``, listed once, sorted by relative path.

    Hidden files and folders are left out, and folders that Lens made. Links to files and folders
    are followed, and every folder is listed once. A picture that is there but cannot be read
    stays in ``keys``, so that it is reported and not lost.

    Raises
    ------
    SourceError
        If ``root`` is a file, if a folder cannot be listed, if there is no picture.
    """

    views_of_few = False

    def __init__(
        self,
        root: Path,
        *,
        name: str | None = None,
        description: str | None = None,
        credits: tuple[Credit, ...] = (),
    ) -> None:
        if not root.is_dir():
            raise SourceError(
                f"data: {root} is a file; wanted a folder of pictures; give the folder it lies in"
            )
        self._root = root
        self._files = sorted(_list(root))
        if not self._files:
            raise SourceError(
                f"data: no picture in {root}; looked for {', '.join(EXTENSIONS)} there and in "
                "the folders below; check the path"
            )
        self.keys: Sequence[str] = _keys(self._files)
        self.name = name or _printable(root.absolute().name or str(root))
        self.description = description or self._describe()
        self.credits = credits

    def group(self, i: int) -> str | None:
        """See :class:`ImageSource`: ``hat/new/1.jpg`` is of ``hat``, ``1.jpg`` of none."""
        folder, slash, _ = self.keys[i].partition("/")
        return folder if slash else None

    def stamp(self, i: int) -> str:
        """Return size and time of change in nanoseconds, or why they cannot be had."""
        try:
            status = (self._root / self._files[i]).stat()
        except OSError as error:
            return f"unreadable {error.errno}"
        return f"{status.st_size} {status.st_mtime_ns}"

    def read(self, i: int) -> bytes:
        """Return the file as it lies on the disk."""
        path = self._root / self._files[i]
        try:
            if path.exists() and not path.is_file():  # reading a pipe would wait for ever
                raise UnreadableImage("not a regular file")
            return path.read_bytes()
        except OSError as error:
            raise UnreadableImage(f"cannot be read ({error.strerror or error})") from error

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """See :class:`ImageSource`."""
        return decode(self.read(i), min_side)

    def _describe(self) -> str:
        groups = {self.group(i) for i in range(len(self.keys))} - {None}
        pictures = f"{len(self.keys):,} picture{'s' * (len(self.keys) > 1)}"
        if not groups:
            return f"{pictures} of the folder {self.name}."
        folders = f"{len(groups):,} folder{'s' * (len(groups) > 1)}"
        return f"{pictures} in {folders} of {self.name}."


def _list(root: Path) -> list[str]:
    try:
        return list(_walk(root))
    except OSError as error:
        raise SourceError(
            f"data: {_printable(str(error.filename or root))} cannot be listed "
            f"({error.strerror or error}); wanted a folder that may be read with all folders "
            "below; change its permissions or move it"
        ) from error


def _walk(root: Path) -> Iterator[str]:
    """Yield paths relative to the root: those of real folders first, then those behind links.

    Every folder is listed once, so links in circles, or many to one folder, end soon.
    """
    folders, linked = deque([(root, "")]), deque[tuple[Path, str]]()
    seen: set[tuple[int, int]] = set()
    while folders or linked:
        folder, prefix = folders.popleft() if folders else linked.popleft()
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name.startswith("."):
                    continue
                if _is_folder(entry):
                    if not is_ours(folder / entry.name):  # what Lens made is no input
                        below = (folder / entry.name, f"{prefix}{entry.name}/")
                        (linked if entry.is_symlink() else folders).append(below)
                elif entry.name.lower().endswith(EXTENSIONS):
                    yield prefix + entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: reported as a picture that cannot be read
        return False


def _keys(files: Sequence[str]) -> tuple[str, ...]:
    """Return names that results can hold, each once, for bytes may read like another name."""
    seen: dict[str, int] = {}
    keys = []
    for name in map(_printable, files):
        seen[name] = seen.get(name, 0) + 1
        keys.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(keys)


def _printable(name: str) -> str:
    r"""Write bytes of a file name that are not UTF-8 as ``\xff``, so that results can hold it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
