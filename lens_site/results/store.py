"""The only door to result files: ``OUT/results/<run>/<slug>/`` and ``run.json``."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from lens_site import atomic
from lens_site.errors import ResultError, first_line
from lens_site.results.schema import SCHEMA_VERSION, ClassResult, RunResult

RESULT, RUN, ARRAYS = "result.json", "run.json", "arrays.safetensors"

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

    atomic.write_tree(run_dir / result.name.slug, fill)


def read_class(run_dir: Path, slug: str, *, verify: bool = True) -> ClassResult:
    """Read a class result and check the SHA-256 of its files.

    Raises
    ------
    ResultError
        When it is missing, of another schema version, or damaged.
    """
    folder = run_dir / slug
    result = _read(folder / RESULT, ClassResult)
    for name, wanted in result.files.items() if verify else ():
        try:
            got = sha256((folder / name).read_bytes())
        except OSError as error:
            raise ResultError(
                f"{folder / name}: cannot be read ({error.strerror}); {AGAIN}"
            ) from None
        if got != wanted:
            raise ResultError(f"{folder / name}: its SHA-256 differs from {RESULT}; {AGAIN}")
    return result


AGAIN = "run lens-build again to compute it anew"


def write_run(run_dir: Path, run: RunResult) -> None:
    """Write ``run.json`` in one step; raises OutputError."""
    atomic.write_bytes(run_dir / RUN, to_json(run))


def read_run(run_dir: Path) -> RunResult:
    """Read ``run.json``; raises ResultError when it is missing or damaged."""
    return _read(run_dir / RUN, RunResult)


def verify_run(run_dir: Path) -> RunResult:
    """Read a run and every class it lists as built; raises ResultError for the first bad one."""
    run = read_run(run_dir)
    for status in run.classes:
        if status.status == "built":
            read_class(run_dir, status.slug)
    return run


def to_json(record: BaseModel) -> bytes:
    """Serialize to the same bytes for the same values."""
    return (json.dumps(record.model_dump(mode="json"), ensure_ascii=False) + "\n").encode()


def latest_run(out: Path) -> Path:
    """Return the folder of the run last written under ``OUT/results``; raises ResultError."""
    runs = sorted((out / "results").glob(f"*/{RUN}"), key=lambda p: (p.stat().st_mtime_ns, p))
    if not runs:
        raise ResultError(f"{out / 'results'}: no results; run lens-build --out {out} first")
    return runs[-1].parent


def _read(path: Path, kind: type[Model]) -> Model:
    try:
        data = json.loads(path.read_bytes())
        found = data.get("schema_version")
        if found != SCHEMA_VERSION:
            raise ResultError(
                f"{path}: has schema version {found}, this Lens reads {SCHEMA_VERSION}; {AGAIN}"
            )
        return kind.model_validate(data)
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
    except (ValueError, AttributeError, ValidationError) as error:
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {AGAIN}") from None
