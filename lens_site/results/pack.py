"""The results of a run as one file: packed, checksummed, and unpacked without trusting it.

An archive ``lens-results-<run>.tar.gz`` holds the folder ``<run>/``: its ``run.json``, what was
found across classes, what the site is called, the network for the browser, what compares methods,
what compares the run with other runs, and every class folder that has a ``result.json``. Beside it
lies
``lens-results-<run>.tar.gz.sha256``, in the format of ``sha256sum --check``. Same results, same
bytes (with the same zlib).
"""

import gzip
import hashlib
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from lens_site.atomic import MARK, SIGNATURE, mark, write_bytes, write_file, write_tree
from lens_site.errors import ResultError
from lens_site.results.comparison import COMPARISONS
from lens_site.results.store import IDENTITY, MODEL, NAMES, NETWORK, PAIRS, RESULT, RUN

MOST_FILES, MOST_BYTES = 200_000, 20_000_000_000
"""What an archive may hold: 1000 classes with 200 files and 20 MB each."""

FREE_BYTES, RATIO = 100_000_000, 20
"""Files may weigh so much, or so many times the archive: pictures hardly shrink when packed."""

PART = re.compile(r"\w[\w.+-]{0,254}")
"""A component of a name in an archive."""

DAMAGED = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, OverflowError)


def archive_name(run: str) -> str:
    """File name of the archive of a run; the deployment looks for this pattern."""
    return f"lens-results-{run}.tar.gz"


def pack(run_dir: Path, archive: Path, slugs: Sequence[str]) -> str:
    """Write the classes of a run to ``archive``, its checksum beside it; return the checksum.

    Raises
    ------
    ResultError
        If ``run_dir`` is not the folder of a run, or holds no class.
    OutputError
        If the archive cannot be written; an older one is then untouched.
    """
    files = list(_files(run_dir, slugs))
    write_file(archive, lambda raw: _write(raw, run_dir, files))
    digest = _sha256(archive)
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
    run = _run_name(archive)
    mark(into)
    run_dir = into / run
    write_tree(run_dir, lambda new: _extract(archive, run, new))
    return run_dir


def _files(run_dir: Path, slugs: Sequence[str]) -> Iterator[Path]:
    """Yield what is of the run, then each class's files; half-written ones have dot names."""
    if not (run_dir / RUN).is_file():
        raise ResultError(
            f"{run_dir}: holds no run.json, wanted the results of a finished run; "
            "run lens-build first, or name its --out"
        )
    classes = [run_dir / slug for slug in sorted(slugs) if (run_dir / slug / RESULT).is_file()]
    if not classes:
        raise ResultError(
            f"{run_dir}: holds no class result, wanted at least one; run lens-build again"
        )
    yield run_dir / RUN
    known = (MODEL, NAMES, IDENTITY, NETWORK)
    yield from (run_dir / name for name in known if (run_dir / name).is_file())
    yield from sorted((*run_dir.glob(COMPARISONS), *run_dir.glob(PAIRS)))
    for folder in classes:
        yield from sorted(path for path in folder.rglob("[!.]*") if path.is_file())


def _write(raw: BinaryIO, run_dir: Path, files: list[Path]) -> None:
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
    words = beside.read_text(encoding="utf-8", errors="replace")[:200].split()
    wanted, digest = (words[0].lower() if words else "nothing"), _sha256(archive)
    if digest != wanted:
        raise ResultError(
            f"{archive}: has the SHA-256 {digest}, wanted {wanted} as {beside.name} says; "
            "fetch both files again"
        )


def _run_name(archive: Path) -> str:
    """Read the name of the run: the folder that holds the first entry."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for entry in tar:
                if parts := _safe_parts(archive, entry):
                    return parts[0]
    except (*DAMAGED, OSError) as error:
        raise _damaged(archive, error) from error
    raise ResultError(
        f"{archive}: is empty, wanted one folder with a run.json; lens pack makes one"
    )


def _extract(archive: Path, run: str, into: Path) -> None:
    """Copy plain files one by one: no links, no owners, no modes, no way out of ``into``."""
    room = min(MOST_BYTES, max(FREE_BYTES, RATIO * archive.stat().st_size))
    files = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for entry in tar:
                files, room = files + 1, room - entry.size
                if room < 0 or files > MOST_FILES:
                    raise ResultError(
                        f"{archive}: unpacks to more than results weigh (entry {files}, "
                        f"{entry.name[:60]!r} of {entry.size:,} bytes); do not trust this archive"
                    )
                top, *parts = _safe_parts(archive, entry) or (run,)
                if top != run:
                    raise ResultError(
                        f"{archive}: holds {run} and {top}, wanted one folder with a run.json; "
                        "lens pack makes one"
                    )
                content = tar.extractfile(entry)
                if content is not None and parts:  # None: a folder, made when its files come
                    path = into.joinpath(*parts)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with content, path.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except DAMAGED as error:
        raise _damaged(archive, error) from error
    if not (into / RUN).is_file():
        raise ResultError(
            f"{archive}: holds {run}, wanted one folder with a run.json; lens pack makes one"
        )
    for folder in sorted(into.glob("*/")):
        (folder / MARK).write_bytes(SIGNATURE)


def _damaged(archive: Path, error: Exception) -> ResultError:
    return ResultError(
        f"{archive}: is damaged ({error}), wanted a .tar.gz; fetch it again, or lens pack again"
    )


def _safe_parts(archive: Path, entry: tarfile.TarInfo) -> tuple[str, ...]:
    parts = PurePosixPath(entry.name).parts
    plain = entry.isdir() or (entry.isfile() and parts)
    if not plain or len(parts) > 3 or not all(PART.fullmatch(part) for part in parts):
        raise ResultError(
            f"{archive}: holds {entry.name[:200]!r}, wanted plain files inside one folder only; "
            "do not trust this archive, lens pack makes a good one"
        )
    return parts
