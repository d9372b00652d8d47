"""The files of a site and their SHA-256, as ``sha256sum --check`` reads them.

What is missing, damaged or too much is found by this list, by ``lens check`` and the next build.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from lens_site.atomic import MARK

MANIFEST = "SHA256SUMS"
"""Name of the list, at the top of the site."""


def write(site: Path) -> None:
    """List every file of the site but the list itself and the program's mark."""
    lines = [f"{_sha256(path)}  {path.relative_to(site).as_posix()}\n" for path in _files(site)]
    (site / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")


def differences(site: Path) -> Iterator[tuple[str, str]]:
    """Yield name and fault of every file that is not as listed; nothing for a whole site."""
    try:
        lines = (site / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        yield MANIFEST, "missing or damaged"
        return
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    there = {path.relative_to(site).as_posix(): path for path in _files(site)}
    for name in sorted(set(wanted) | set(there)):
        if name not in there:
            yield name, "missing"
        elif name not in wanted:
            yield name, "not listed"
        elif _sha256(there[name]) != wanted[name]:
            yield name, "damaged"


def _files(site: Path) -> list[Path]:
    return sorted(
        path for path in site.rglob("*")
        if path.name not in (MARK, MANIFEST) and (path.is_file() or path.is_symlink())
    )  # fmt: skip


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "unreadable"
