"""Write beside, then put in place: a reader sees the old thing or the new one, never half of one.

A folder that this program makes carries its mark, and only such a folder is ever replaced or
swept: what has none is the user's. Here are files and folders as wholes; what is in them is the
business of the rooms that write them.
"""

import ctypes
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from errno import ENOENT
from pathlib import Path
from typing import BinaryIO

from lens_site.errors import OutputError

MARK = ".lens"
"""File in every folder that this program made."""

SIGNATURE = b"Signature: lens-site\nLens made this folder, and may replace or delete it.\n"

PARTIAL = re.compile(r"\..*\.lens-partial-[0-9a-f]{12}")
"""Names of what is being written."""

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""Linux's names, renameat2(2)."""


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step; raises OutputError, as :func:`write_file`."""

    def fill(file: BinaryIO) -> None:
        file.write(data)

    write_file(path, fill)


def write_file(path: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Let ``fill`` write a new file beside ``path``, then put it in the place of ``path``.

    A link is followed. Only a regular file is replaced, never a device or a folder.

    Raises
    ------
    OutputError
        If the folder cannot be written, the disk is full, or something else than a file is there;
        ``path`` is then untouched.
    """
    beside: Path | None = None
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():
            raise OutputError(f"{path}: is no regular file; give the name of a file to write")
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = _beside(path)
        with beside.open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        if beside is not None:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def write_tree(path: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a new folder beside ``path``, then exchange the two and drop the old one.

    Raises
    ------
    OutputError
        If it cannot be written, or what is there was not made by this program; that is then
        untouched. One whole tree stands at every moment, at ``path`` or where :func:`recover`
        finds it.
    """
    recover(path)
    refuse_foreign(path)
    beside = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        (beside / MARK).write_bytes(SIGNATURE)
        fill(beside)
        refuse_foreign(path)
        _put(beside, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def mark(folder: Path) -> None:
    """Make a folder of the program's own, with its mark; one that holds anything stays as it is.

    An empty one may be of a process that was killed before it could mark it.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not folder.is_symlink() and {path.name for path in folder.iterdir()} <= {MARK}:
            (folder / MARK).write_bytes(SIGNATURE)
    except OSError as error:
        raise cannot_write(folder, error) from error


def is_ours(folder: Path) -> bool:
    """Whether ``folder`` is a folder, no link to one, that carries the program's mark."""
    try:
        return not folder.is_symlink() and (folder / MARK).read_bytes() == SIGNATURE
    except OSError:
        return False


def refuse_foreign(path: Path) -> None:
    """Refuse to replace what this program did not make; an empty folder may be replaced.

    Raises
    ------
    OutputError
        Naming it.
    """
    if not os.path.lexists(path) or is_ours(path):
        return
    what = "a link" if path.is_symlink() else "not a folder" if not path.is_dir() else ""
    if not what and not any(path.iterdir()):
        return
    raise OutputError(
        f"{path}: was not made by lens ({what or 'it does not carry its mark'}) and is left "
        "alone; move it away, or choose another --out"
    )


def refuse_gone(folder: Path) -> None:
    """Refuse to go on without a folder that this program made: a disk was unplugged.

    Raises
    ------
    OutputError
        Before anything is made in its place.
    """
    if not folder.is_dir():
        raise cannot_write(folder, FileNotFoundError(ENOENT, os.strerror(ENOENT)))


def recover(path: Path) -> None:
    """Bring back the old tree of a writer that was killed between two renames."""
    old = _old(path)
    if not os.path.lexists(path) and is_ours(old):
        with suppress(OSError):
            old.rename(path)


def sweep(folder: Path) -> None:
    """Remove what a killed writer left half-written in ``folder``; nobody else may be writing."""
    for left in sorted(folder.glob(".*.lens-*")):
        finished = left.name.endswith(".lens-old") and is_ours(left)
        partial = PARTIAL.fullmatch(left.name) is not None
        if partial and left.is_file() and not left.is_symlink():
            left.unlink(missing_ok=True)
        elif is_ours(left) and (partial or finished):
            shutil.rmtree(left, ignore_errors=True)


def cannot_write(path: Path, error: OSError) -> OutputError:
    """Translate an operating system's error into one line that says what to do."""
    reason = error.strerror or str(error)
    return OutputError(
        f"{str(path)[:200]}: cannot be written ({reason}); free some space or choose another "
        "--out; finished classes are kept, the same command goes on from there"
    )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.lens-partial-{secrets.token_hex(6)}")


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.lens-old")


def _put(new: Path, path: Path) -> None:
    """Put ``new`` at ``path``: by an exchange where the system can, else by two renames."""
    if not path.exists():
        new.rename(path)
    elif not _exchanged(new, path):
        old = _old(path)
        if is_ours(old):
            shutil.rmtree(old)
        path.rename(old)
        try:
            new.rename(path)
        except OSError:
            old.rename(path)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where the system or the disk cannot."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return bool(renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0)
