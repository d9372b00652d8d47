"""The results of a run as one file: packed, checksummed, and unpacked without trusting it.

An archive ``lens-results-<run>.tar.gz`` holds the folder ``<run>/``: its ``run.json``, the tables
that compare methods, and every class folder that has a ``result.json``. Beside it lies
``lens-results-<run>.tar.gz.sha256``, in the format of ``sha256sum --check``. Same results, same
bytes (with the same zlib).
"""

import gzip
import hashlib
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from lens_site.atomic import cannot_write, write_bytes, write_tree
from lens_site.errors import ResultError
from lens_site.results.comparison import COMPARISONS
from lens_site.results.store import RESULT, RUN

DAMAGED = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


def archive_name(run: str) -> str:
    """File name of the archive of a run; the deployment looks for this pattern."""
    return f"lens-results-{run}.tar.gz"


def pack(run_dir: Path, archive: Path) -> str:
    """Write a run's results to ``archive``, its checksum beside it, and return the checksum.

    Raises
    ------
    ResultError
        If ``run_dir`` is not the folder of a run, or holds no class.
    OutputError
        If the archive cannot be written; an older one is then untouched.
    """
    files = list(_files(run_dir))
    beside = archive.with_name(f".{archive.name}.partial")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        _write(beside, run_dir, files)
        digest = _sha256(beside)
        beside.replace(archive)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise cannot_write(archive, error) from error
    write_bytes(_checksum_file(archive), f"{digest}  {archive.name}\n".encode())
    return digest


def unpack(archive: Path, into: Path) -> Path:
    """Verify ``archive`` against the checksum beside it, if there is one, and unpack it.

    Returns the run's folder, ``into/<run>``. It appears whole or not at all, and takes the place
    of one that was there. Nothing is ever written outside ``into``, whatever the archive says.

    Raises
    ------
    ResultError
        If the archive is missing, damaged, not the one the checksum was made of, or holds
        anything but the plain files of one run.
    OutputError
        If ``into`` cannot be written.
    """
    _verify(archive)
    try:
        into.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".unpack.partial-", dir=into) as beside:
            _extract(archive, Path(beside))
            unpacked = _only_run(archive, Path(beside))
            run_dir = into / unpacked.name
            write_tree(run_dir, lambda new: _move(unpacked, new))
    except OSError as error:
        raise cannot_write(into, error) from error
    return run_dir


def _files(run_dir: Path) -> Iterator[Path]:
    """Yield ``run.json``, tables, then each class's files; half-written ones have dot names."""
    if not (run_dir / RUN).is_file():
        raise ResultError(
            f"{run_dir}: holds no run.json, wanted the results of a finished run; "
            "run lens-build first, or name its --out"
        )
    classes = sorted(path.parent for path in run_dir.glob(f"[!.]*/{RESULT}"))
    if not classes:
        raise ResultError(
            f"{run_dir}: holds no class result, wanted at least one; run lens-build again"
        )
    yield run_dir / RUN
    yield from sorted(run_dir.glob(COMPARISONS))
    for folder in classes:
        yield from sorted(path for path in folder.rglob("[!.]*") if path.is_file())


def _write(path: Path, run_dir: Path, files: list[Path]) -> None:
    with path.open("wb") as raw:
        with (
            gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for file in files:
                name = (run_dir.resolve().name / file.relative_to(run_dir)).as_posix()
                entry = tarfile.TarInfo(name)  # owner 0, time 0, mode 0644: the same everywhere
                entry.size = file.stat().st_size
                with file.open("rb") as content:
                    tar.addfile(entry, content)
        raw.flush()
        os.fsync(raw.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksum_file(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.sha256")


def _verify(archive: Path) -> None:
    if not archive.is_file():
        raise ResultError(
            f"{archive}: no such file, wanted a results archive; lens pack writes one"
        )
    beside = _checksum_file(archive)
    if not beside.is_file():
        return
    words = beside.read_text(encoding="utf-8", errors="replace").split()
    wanted, found = (words[0].lower() if words else "nothing"), _sha256(archive)
    if found != wanted:
        raise ResultError(
            f"{archive}: has the SHA-256 {found}, wanted {wanted} as {beside.name} says; "
            "fetch both files again"
        )


def _extract(archive: Path, into: Path) -> None:
    """Copy plain files one by one: no links, no owners, no modes, no way out of ``into``."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for entry in tar:
                path = into.joinpath(*_safe_parts(archive, entry))
                content = tar.extractfile(entry)
                if content is not None:  # None: a folder, made when its files come
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with content, path.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except DAMAGED as error:
        raise ResultError(
            f"{archive}: is damaged ({error}), wanted a .tar.gz; fetch it again, or lens pack again"
        ) from error


def _safe_parts(archive: Path, entry: tarfile.TarInfo) -> tuple[str, ...]:
    parts = PurePosixPath(entry.name).parts
    plain = entry.isfile() or entry.isdir()
    if not plain or any(p == ".." or set(p) & set("/\\:\0") for p in parts):
        raise ResultError(
            f"{archive}: holds {entry.name!r}, wanted plain files inside one folder only; "
            "do not trust this archive, lens pack makes a good one"
        )
    return parts


def _only_run(archive: Path, folder: Path) -> Path:
    runs = sorted(folder.iterdir())
    if len(runs) != 1 or not (runs[0] / RUN).is_file():
        names = ", ".join(run.name for run in runs) or "nothing"
        raise ResultError(
            f"{archive}: holds {names}, wanted one folder with a run.json; lens pack makes one"
        )
    return runs[0]


def _move(source: Path, target: Path) -> None:
    for path in sorted(source.iterdir()):
        path.rename(target / path.name)
