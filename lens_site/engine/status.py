"""How far a build is, read from its files alone: while it is at work, or after it stopped."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lens_site import lease, lock
from lens_site.engine.work import Fate, Work, works
from lens_site.results import latest_run, read_run, store
from lens_site.results.schema import ClassStatus


@dataclass(frozen=True)
class State:
    """What is there, what is not yet, who is at work, and how long and how large it will be."""

    run: str
    images: int
    predicted: int
    images_per_second: float
    planned: bool
    """Whether it is known which classes there are."""
    built: int
    failed: tuple[ClassStatus, ...]
    left: int
    seconds_left: float | None
    """None where nothing is left, or nothing says how fast it goes."""
    at_work: tuple[str, ...]
    """Who does what, a line each."""
    whole: bool
    """Whether the run is written down as a whole."""
    bytes: int
    """Of results and tables."""
    bytes_left: int
    """That the classes left will take, if they are like those that are there."""
    bytes_free: int


def state(out: Path) -> State:
    """Read how far the newest build in an output folder is.

    Raises
    ------
    ResultError
        When there is none.
    """
    found = works(out)
    if not found or found[0].is_joined():
        return _ended(out)
    return _under_way(out, found[0])


def _ended(out: Path) -> State:
    run_dir = latest_run(out)
    run = read_run(run_dir)
    failed = tuple(one for one in run.classes if one.status == "failed")
    return State(
        run=run.run, images=run.data.images, predicted=run.data.images, images_per_second=0.0,
        planned=True, built=sum(one.status == "built" for one in run.classes), failed=failed,
        left=0, seconds_left=None, at_work=_holders(out), whole=True,
        bytes=_size(run_dir) + _size(out / "cache"), bytes_left=0,
        bytes_free=shutil.disk_usage(out).free,
    )  # fmt: skip


def _under_way(out: Path, work: Work) -> State:
    told, holders = work.told(), _holders(out)
    images = max((int(one.get("of", 0)) for one in told.values()), default=0)
    speed = sum((float(one.get("images_per_second", 0)) for one in told.values()), 0.0)
    slugs = list(work.keys())
    predicted = images if slugs else _predicted(work, told)
    fates = {slug: fate for slug, fate in work.fates().items() if slug in slugs}
    failed = tuple(f.status for f in fates.values() if f.status.status == "failed")
    there = {*work.current(), *fates}
    built = len(there) - len(failed)
    left = len(slugs) - len(there)
    each = _size_of_some([work.run_dir / slug for slug in sorted(there)])
    return State(
        run=work.run, images=images, predicted=predicted, images_per_second=speed,
        planned=bool(slugs), built=built, failed=failed, left=left,
        seconds_left=_seconds_left(images - predicted, speed, left, work, fates),
        at_work=(*holders, *_doing(work)), whole=False,
        bytes=_size(work.run_dir) + _size(out / "cache"), bytes_left=int(left * each),
        bytes_free=shutil.disk_usage(out).free,
    )  # fmt: skip


def _predicted(work: Work, told: Mapping[str, Mapping[str, Any]]) -> int:
    """Count images of finished parts, and those of the parts at work."""
    parts = work.parts()
    under_way = (one for one in told.values() if one.get("part") not in parts)
    return sum(parts.values()) + sum(int(one.get("images", 0)) for one in under_way)


def _seconds_left(
    images: int, speed: float, classes: int, work: Work, fates: Mapping[str, Fate]
) -> float | None:
    """Estimate from the speed of the images, then of the classes that have ended so far.

    Times are those of files, by one clock.
    """
    if images:
        return images / speed if speed else None
    if not classes or not fates:
        return None
    ends = {slug: work.fate_file(slug).stat().st_mtime for slug in fates}
    first = min(ends[slug] - fate.seconds for slug, fate in fates.items())
    return classes * max(max(ends.values()) - first, 1e-3) / len(fates)


def _holders(out: Path) -> tuple[str, ...]:
    """Say who is in the output folder."""
    owners = lease.owners(out / lock.HOLDERS).items()
    return tuple(
        f"{name.replace(lock.SHARD, 'shard ') if name != lock.ALONE else 'a build'}: {other}"
        for name, other in owners
        if name != lock.DOOR
    )


def _doing(work: Work) -> tuple[str, ...]:
    """Say what is being done: by leases of shards, or by what a build alone tells."""
    leases = lease.owners(work.leases).items()
    return tuple(f"{name}: process {other.pid} on {other.host}" for name, other in leases)


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


SOME = 50
"""Classes whose size stands for that of all."""


def _size_of_some(folders: Sequence[Path]) -> float:
    """Mean bytes of class results; 0 where there is none."""
    some = [folder for folder in folders if (folder / store.RESULT).is_file()][:SOME]
    return sum(map(_size, some)) / len(some) if some else 0.0
