"""What those who work at one run leave for each other, in ``OUT/cache/work-<run>``.

::

    run.json, keys.json   the run as it will be when every class is built; the classes' keys
    parts/3-of-16         this part of the images is predicted
    fates/<slug>.json     what became of a class, by whom, in how many seconds
    at/<name>.json        how far one of those at work is
    leases/               who predicts, computes or joins what now
    joined                all is there, written down and rendered

The results themselves stand in the run's folder; here is what they do not say. Whoever begins
while nobody is at work begins with nothing of this. Nothing here needs torch.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lens_site import atomic, lease
from lens_site.errors import ResultError
from lens_site.lease import Lease
from lens_site.results import read_class, read_run, store
from lens_site.results.schema import ClassStatus, RunResult

PREFIX, KEYS, JOINED = "work-", "keys.json", "joined"


@dataclass(frozen=True)
class Fate:
    """What became of a class."""

    status: ClassStatus
    key: str
    seconds: float
    by: str


@dataclass(frozen=True)
class Work:
    """The work at one run."""

    out: Path
    run: str

    @property
    def folder(self) -> Path:
        """Where all of this lies."""
        return self.out / "cache" / f"{PREFIX}{self.run}"

    @property
    def run_dir(self) -> Path:
        """Where the results lie."""
        return self.out / "results" / self.run

    @property
    def leases(self) -> Path:
        """Who does what."""
        return self.folder / "leases"

    # what is to be done

    def is_planned(self) -> bool:
        """Whether it is known what is to be done."""
        return (self.folder / store.RUN).is_file() and (self.folder / KEYS).is_file()

    def plan(self, run: RunResult, keys: Mapping[str, str], current: Sequence[str]) -> None:
        """Write down the run as it will be, the keys by slug, and what is there already.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        record = {"keys": dict(sorted(keys.items())), "current": sorted(current)}
        self._write(self.folder / KEYS, record)
        store.write_run(self.folder, run)

    def planned(self) -> RunResult:
        """Read the run as it will be; raises ResultError."""
        return read_run(self.folder)

    def keys(self) -> dict[str, str]:
        """Keys of the classes by slug; empty before there is a plan."""
        return dict(_read(self.folder / KEYS).get("keys", {}))

    def current(self) -> list[str]:
        """Slugs of the classes that were there before."""
        return list(_read(self.folder / KEYS).get("current", ()))

    # who does it

    @contextmanager
    def claim(self, name: str) -> Iterator[Lease | None]:
        """Own a piece of work; None where another does."""
        atomic.refuse_gone(self.out / "cache")
        try:
            mine = lease.acquire(self.leases, name)
        except OSError as error:
            raise atomic.cannot_write(self.leases, error) from error
        if mine is None:
            yield None
        else:
            with mine:
                yield mine

    # what is done

    def predicted(self, part: str, images: int) -> None:
        """Note that a part of the images is predicted; raises OutputError, as all that note."""
        self._write(self.folder / "parts" / part, {"images": images})

    def is_predicted(self, part: str) -> bool:
        """Whether a part of the images is predicted."""
        return (self.folder / "parts" / part).is_file()

    def parts(self) -> dict[str, int]:
        """How many images each predicted part has."""
        found = sorted((self.folder / "parts").glob("[!.]*"))
        return {path.name: int(_read(path).get("images", 0)) for path in found}

    def fate_file(self, slug: str) -> Path:
        """Where it is noted what became of a class."""
        return self.folder / "fates" / f"{slug}.json"

    def ended(self, fate: Fate) -> None:
        """Note what became of a class."""
        self._write(
            self.fate_file(fate.status.slug),
            {
                "status": fate.status.model_dump(mode="json"), "key": fate.key,
                "seconds": fate.seconds, "by": fate.by,
            },
        )  # fmt: skip

    def fates(self) -> dict[str, Fate]:
        """Return what is noted of classes, by slug."""
        paths = sorted((self.folder / "fates").glob("*.json"))
        return {p.stem: fate for p in paths if (fate := _fate(p)) is not None}

    def fate(self, planned: ClassStatus, key: str) -> ClassStatus | None:
        """Return what became of a class as it is planned; None when it is still to be computed."""
        noted = _fate(self.fate_file(planned.slug))
        if noted is not None and noted.key == key:
            there = (self.run_dir / planned.slug / store.RESULT).is_file()
            if there or noted.status.status == "failed":
                return noted.status
        with suppress(ResultError):
            if read_class(self.run_dir, planned.slug, verify=False).key == key:
                return planned
        return None

    @contextmanager
    def joining(self) -> Iterator[bool]:
        """Own the end of the work, unless another does or did; it is noted when all went well."""
        with self.claim("join") as mine:
            ours = mine is not None and not self.is_joined()
            yield ours
            if ours:
                self._write(self.folder / JOINED, {})

    def is_joined(self) -> bool:
        """Whether the run is written down as a whole."""
        return (self.folder / JOINED).is_file()

    # how far they are

    def tell(self, name: str, progress: Mapping[str, Any]) -> None:
        """Say how far one of those at work is."""
        self._write(self.folder / "at" / f"{name}.json", progress)

    def told(self) -> dict[str, dict[str, Any]]:
        """How far each of those at work is, or was when it ended."""
        return {p.stem: _read(p) for p in sorted((self.folder / "at").glob("*.json"))}

    def _write(self, path: Path, record: Mapping[str, Any]) -> None:
        atomic.refuse_gone(self.out / "cache")
        atomic.write_bytes(path, json.dumps(record).encode())


def works(out: Path) -> list[Work]:
    """List the works in an output folder, the newest first."""
    found = (out / "cache").glob(f"{PREFIX}*/")
    paths = sorted(found, key=lambda p: (-p.stat().st_mtime_ns, p))
    return [Work(out, p.name.removeprefix(PREFIX)) for p in paths]


def clear(out: Path) -> None:
    """Drop what killed builders left half-written or half-done; nobody else may be at work."""
    for folder in (out, out / "cache", out / "results", *sorted((out / "results").glob("*/"))):
        atomic.sweep(folder)
    for work in works(out):
        shutil.rmtree(work.folder, ignore_errors=True)


def _fate(path: Path) -> Fate | None:
    data = _read(path)
    try:
        status = ClassStatus.model_validate(data["status"])
        return Fate(status, str(data["key"]), float(data["seconds"]), str(data["by"]))
    except (KeyError, TypeError, ValueError):
        return None


def _read(path: Path) -> dict[str, Any]:
    """Read a record; an absent or damaged one is empty."""
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
