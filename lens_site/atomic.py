"""Write beside, flush, rename: a reader sees the old file or the new one, never half of one."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lens_site.errors import OutputError


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step.

    Raises
    ------
    OutputError
        If the folder cannot be written or the disk is full; ``path`` is then untouched.
    """
    beside = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def write_tree(path: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` write a new folder beside ``path``, then put it in the place of ``path``.

    Raises
    ------
    OutputError
        As :func:`write_bytes`; the old folder is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{path.name}.partial-", dir=path.parent, ignore_cleanup_errors=True
        ) as beside:
            new, old = Path(beside) / "new", Path(beside) / "old"
            new.mkdir()
            fill(new)
            if path.exists():
                path.rename(old)
            new.rename(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written in ``folder``."""
    for left in sorted(folder.glob(".*.partial*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def cannot_write(path: Path, error: OSError) -> OutputError:
    """Translate an operating system's error into one line that says what to do."""
    reason = error.strerror or str(error)
    return OutputError(
        f"{path}: cannot be written ({reason}); free some space or choose another --out; "
        "finished classes are kept, the same command goes on from there"
    )
