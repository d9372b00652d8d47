"""Any folder of pictures, however nested; its first level of folders are the classes."""

import os
import stat
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from lens_site.atomic import is_ours
from lens_site.errors import SourceError, UnreadableImage
from lens_site.images import splits
from lens_site.images.decode import decode
from lens_site.images.names import Names, each_once, printable
from lens_site.images.source import EXTENSIONS, Credit, counted

TAKES = "a folder of pictures"


def open_data(data: str, split: str | None, cache: Path) -> "FolderSource | None":
    """Open any path that is there; a part is a folder in it that is named so."""
    if not splits.exists(data):
        return None
    root = splits.expanded(data)
    if split is None or not root.is_dir():
        return FolderSource(root)
    folders = parts_of(root)
    folder = folders[splits.choose(folders, split, data)] if folders else None
    if folder is None:
        raise splits.no_split(data, split)
    name = printable(f"{root.absolute().name}-{split}")
    return FolderSource(folder, name=name, note=splits.said(split, folders, data))


def parts_of(root: Path) -> dict[str, Path]:
    """Folders in ``root`` that are named by parts of a set: ``train``, ``val``, ``test``."""
    found: dict[str, Path] = {}
    for word in (word for words in splits.SPLITS.values() for word in words):
        split = splits.split_of_word(word)
        if split is not None and (root / word).is_dir():
            found.setdefault(split, root / word)
    return found


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
        note: str = "",
    ) -> None:
        if not root.is_dir():
            raise SourceError(
                f"data: {root} is a file; wanted a folder of pictures; give the folder it lies in"
            )
        files = sorted(_list(root))
        if not files:
            raise SourceError(
                f"data: no picture in {root}; looked for {', '.join(EXTENSIONS)} there and in "
                "the folders below; check the path"
            )
        self._files = Names.of(files)
        self._above = os.fsencode(root) + b"/"
        self.keys: Sequence[str] = self._files if all(map(_is_plain, files)) else each_once(files)
        self.name = name or printable(root.absolute().name or str(root))
        self.credits = credits
        pictures, groups = counted(len(files), "picture"), set(map(_topmost, files)) - {None}
        folders = f" in {counted(len(groups), 'folder')}" if groups else ""
        of = "" if groups else "the folder "
        self.description = description or f"{pictures}{folders} of {of}{self.name}."
        self.found = ", ".join(filter(None, (pictures + folders, note)))
        if groups and all(splits.split_of_word(group or "") for group in groups):
            part = min(groups, key=str)
            self.found += f", taken for classes; for one of them give {root}:{part}"

    def group(self, i: int) -> str | None:
        """See :class:`ImageSource`: ``hat/new/1.jpg`` is of ``hat``, ``1.jpg`` of none."""
        return _topmost(self.keys[i])

    def stamp(self, i: int) -> str:
        """Return size and time of change in nanoseconds, or why they cannot be had."""
        try:
            status = os.stat(self._path(i))  # noqa: PTH116
        except OSError as error:
            return f"unreadable {error.errno}"
        return f"{status.st_size} {status.st_mtime_ns}"

    def read(self, i: int) -> bytes:
        """Return the file as it lies on the disk."""
        path = self._path(i)
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  # a pipe waits for ever
                raise UnreadableImage("not a regular file")
            with open(path, "rb") as file:  # noqa: PTH123
                return file.read()
        except OSError as error:
            raise UnreadableImage(f"cannot be read ({error.strerror or error})") from error

    def open(self, i: int, min_side: int | None) -> Image.Image:
        """See :class:`ImageSource`."""
        return decode(self.read(i), min_side)

    def _path(self, i: int) -> bytes:
        return self._above + self._files.raw(i)


def _topmost(key: str) -> str | None:
    folder, slash, _ = key.partition("/")
    return folder if slash else None


def _is_plain(name: str) -> bool:
    return name.isascii() or printable(name) == name


def _list(root: Path) -> list[str]:
    try:
        return list(_walk(root))
    except OSError as error:
        raise SourceError(
            f"data: {printable(str(error.filename or root))} cannot be listed "
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
        below: list[tuple[str, bool]] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if _is_folder(entry):
                    below.append((entry.name, entry.is_symlink()))
                elif entry.name.lower().endswith(EXTENSIONS):
                    yield prefix + entry.name
        for name, is_link in sorted(below):
            if not is_ours(folder / name):  # what Lens made is no input
                (linked if is_link else folders).append((folder / name, f"{prefix}{name}/"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: reported as a picture that cannot be read
        return False
