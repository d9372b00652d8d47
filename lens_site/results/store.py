"""The only door to result files: ``OUT/results/<run>/<slug>/`` and ``run.json``."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from errno import ENOENT
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lens_site import atomic
from lens_site.errors import ResultError, first_line
from lens_site.results.schema import (
    SCHEMA_VERSION,
    ClassResult,
    Identity,
    ModelResult,
    Names,
    PairResult,
    RunResult,
)

RESULT, RUN, MODEL, ARRAYS = "result.json", "run.json", "model.json", "arrays.safetensors"
NAMES = "names.json"

IDENTITY = "site.json"
"""What the site is called and how it looks, where the user said so."""

PAIRS = "compare-*.json"
"""Pattern of the files that compare a run with others."""

NETWORK = "network.safetensors"
"""The network for the visitor's browser, beside the classes of a run."""

SEALED = b'{"sha256":"'
"""How a sealed file begins."""

Model = TypeVar("Model", bound=BaseModel)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def write_class(run_dir: Path, result: ClassResult, files: Mapping[str, bytes]) -> None:
    """Write a class result and its files in one step; raises OutputError."""

    def fill(folder: Path) -> None:
        for name, data in sorted(files.items()):
            (folder / name).write_bytes(data)
        (folder / RESULT).write_bytes(to_json(result))

    atomic.mark(run_dir)
    atomic.write_tree(run_dir / result.name.slug, fill)


def read_class(run_dir: Path, slug: str, *, verify: bool = True) -> ClassResult:
    """Read a class result and check the SHA-256 of its files.

    Raises
    ------
    ResultError
        When it is missing, of another schema version, damaged, or not that of ``slug``.
    """
    folder = run_dir / slug
    if folder.is_symlink():
        raise ResultError(f"{folder}: is a link, wanted the folder of a class; {AGAIN}")
    result = _read(folder / RESULT, ClassResult)
    if result.name.slug != slug:
        raise ResultError(f"{folder}: holds the class {result.name.slug}; {AGAIN}")
    for name, wanted in result.files.items() if verify else ():
        if sha256(file_bytes(folder / name)) != wanted:
            raise ResultError(f"{folder / name}: its SHA-256 differs from {RESULT}; {AGAIN}")
    return result


AGAIN = "run lens-build again to compute it anew"


def write_run(run_dir: Path, run: RunResult) -> None:
    """Write ``run.json`` in one step; raises OutputError."""
    _write_beside(run_dir, RUN, run)


def write_network(run_dir: Path, data: bytes | None) -> None:
    """Write the network for the browser where it is not there yet; remove it for None.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    path = run_dir / NETWORK
    if data is None:
        path.unlink(missing_ok=True)
    elif not path.is_file() or sha256(path.read_bytes()) != sha256(data):
        atomic.write_bytes(path, data)


def read_network(run_dir: Path, run: RunResult) -> bytes | None:
    """Read the network for the browser, and check its SHA-256; None where the run has none.

    Raises
    ------
    ResultError
        When it is missing or damaged.
    """
    if run.browser is None or not run.browser.file:
        return None
    data = file_bytes(run_dir / run.browser.file)
    if sha256(data) != run.browser.sha256:
        raise ResultError(f"{run_dir / run.browser.file}: its SHA-256 differs from {RUN}; {AGAIN}")
    return data


def read_run(run_dir: Path) -> RunResult:
    """Read ``run.json``; raises ResultError when it is missing or damaged."""
    return _read(run_dir / RUN, RunResult)


def write_model(run_dir: Path, model: ModelResult) -> None:
    """Write ``model.json`` in one step; raises OutputError."""
    _write_beside(run_dir, MODEL, model)


def load_model(run_dir: Path) -> ModelResult | None:
    """Read what was found across classes; None where a run holds no ``model.json``.

    Raises
    ------
    ResultError
        When it is damaged or of another schema version.
    """
    return _read_if_there(run_dir / MODEL, ModelResult)


def write_names(run_dir: Path, names: Names) -> None:
    """Write ``names.json`` in one step; raises OutputError."""
    _write_beside(run_dir, NAMES, names)


def load_names(run_dir: Path) -> Names | None:
    """Read the names of concepts; None where a run holds no ``names.json``.

    Raises
    ------
    ResultError
        When it is damaged or of another schema version.
    """
    return _read_if_there(run_dir / NAMES, Names)


def write_identity(run_dir: Path, identity: Identity) -> None:
    """Write ``site.json`` in one step, or remove it where the user said nothing.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    if identity == Identity():
        (run_dir / IDENTITY).unlink(missing_ok=True)
    else:
        _write_beside(run_dir, IDENTITY, identity)


def load_identity(run_dir: Path) -> Identity:
    """Read what the user said of the site; the usual one where a run holds no ``site.json``.

    Raises
    ------
    ResultError
        When it is damaged or of another schema version.
    """
    return _read_if_there(run_dir / IDENTITY, Identity) or Identity()


def write_pair(run_dir: Path, pair: PairResult) -> None:
    """Write what two runs have in common beside the first of them; raises OutputError."""
    _write_beside(run_dir, pair_file(pair.runs[1]), pair)


def load_pair(run_dir: Path, other: str) -> PairResult | None:
    """Read what a run has in common with another; None where they were not compared.

    Raises
    ------
    ResultError
        When it is damaged or of another schema version.
    """
    return _read_if_there(run_dir / pair_file(other), PairResult)


def pair_file(other: str) -> str:
    """Return the name of the file that compares a run with ``other``."""
    return PAIRS.replace("*", other)


def remove_class(run_dir: Path, slug: str) -> None:
    """Remove the result of a class that is no longer right; one that is not there is none."""
    if atomic.is_ours(run_dir / slug):
        shutil.rmtree(run_dir / slug, ignore_errors=True)


def verify_run(run_dir: Path) -> RunResult:
    """Read a run, every class it lists as built, and what was found across them, and names.

    Raises
    ------
    ResultError
        For the first that is bad.
    """
    run = read_run(run_dir)
    load_model(run_dir)
    load_names(run_dir)
    load_identity(run_dir)
    read_network(run_dir, run)
    for status in run.classes:
        if status.status == "built":
            read_class(run_dir, status.slug)
    return run


def to_json(record: BaseModel) -> bytes:
    """Serialize to the same bytes for the same values, sealed by their own SHA-256.

    The file begins with the member ``sha256``: the digest of the file without that member.
    """
    facts = record.model_dump(mode="json")
    return seal((json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def seal(text: bytes) -> bytes:
    """Put the digest of a JSON object before its first member."""
    return SEALED + sha256(text).encode() + b'",' + text[1:]


def unseal(data: bytes) -> bytes | None:
    """Return what a sealed file holds without its seal; None when the seal is not its own."""
    head = len(SEALED) + 64
    text = b"{" + data[head + 2 :]
    sealed = data[:head] == SEALED + sha256(text).encode() and data[head : head + 2] == b'",'
    return text if sealed else None


def latest_run(out: Path) -> Path:
    """Return the folder of the run last written under ``OUT/results``; raises ResultError."""
    runs = sorted((out / "results").glob(f"*/{RUN}"), key=lambda p: (p.stat().st_mtime_ns, p))
    if not runs:
        raise ResultError(f"{out / 'results'}: no results; run lens-build --out {out} first")
    return runs[-1].parent


def _write_beside(run_dir: Path, name: str, record: BaseModel) -> None:
    """Write a file of the run, beside its classes."""
    atomic.mark(run_dir)
    atomic.write_bytes(run_dir / name, to_json(record))


def _read_if_there(path: Path, kind: type[Model]) -> Model | None:
    return _read(path, kind) if path.exists() else None


def _read(path: Path, kind: type[Model]) -> Model:
    try:
        data = file_bytes(path)
        text = unseal(data)
        written = json.loads(data if text is None else text)
        version = written.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ResultError(
                f"{path}: has schema version {str(version)[:20]}, this Lens reads "
                f"{SCHEMA_VERSION}; {AGAIN}"
            )
        if text is None:
            raise ResultError(f"{path}: its SHA-256 is not the one it begins with; {AGAIN}")
        return kind.model_validate(written)
    except (ValueError, AttributeError, RecursionError, ValidationError) as error:
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {AGAIN}") from None


def file_bytes(path: Path) -> bytes:
    """Read a file that belongs to results: a regular one, no link to somewhere else."""
    try:
        if path.is_symlink() or not path.is_file():
            raise FileNotFoundError(ENOENT, "no such file")
        return path.read_bytes()
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
