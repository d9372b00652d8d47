"""One owner of a piece of work at a time, in a folder that several machines may share.

A lease is a folder of numbered files; the highest number is the owner's. Whoever wants it creates
the next number, which a file system grants to one of all that try (``O_EXCL``, on NFS from version
3). Nothing is renamed and the highest number never goes, so two that find the same owner gone
cannot both follow it. Hence not filelock's SoftFileLease: where a file system cannot exchange two
names, as NFS cannot, that never succeeds an owner on another machine.

An owner touches its file every ``BEAT`` seconds. On the same machine the process itself is looked
at; on another one it counts as gone when its last touch is ``STALE`` seconds old by the clock of
the file system, never by that of a machine. An owner that was only stopped for so long and comes
back is not fenced off: it can ask before its last step whether another followed, and what a lease
guards must still bear to be done twice with the same outcome.
"""

import json
import os
import platform
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

BEAT, STALE = 5.0, 60.0
"""Seconds between two touches, and after which an untouched lease is free."""

FREE = b"free\n"
"""What an owner leaves in its file when it is done; on a full disk, a touch at time 0 alone."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lease: a process of a machine, and when its file was last touched."""

    host: str
    pid: int
    command: str
    since: str
    here: bool
    """Whether it is a process of this very machine."""
    touched: float

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.command}, since {self.since})"


class Lease:
    """A lease that this process owns, touched by a thread until it is released."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._thread.start()

    def is_lost(self) -> bool:
        """Whether another owner followed, or the folder is gone."""
        return _last(self.path.parent) != int(self.path.name)

    def release(self) -> None:
        """Leave it to the next one."""
        self._done.set()
        self._thread.join()
        with suppress(OSError):
            if self.path.exists():
                try:
                    self.path.write_bytes(FREE)
                except OSError:  # a full disk, where this is still possible
                    os.utime(self.path, (0, 0))

    def _beat(self) -> None:
        while not self._done.wait(BEAT):
            with suppress(OSError):
                os.utime(self.path)

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.release()


def acquire(folder: Path, name: str) -> Lease | None:
    """Take the lease ``name`` of a folder; None while another owner has it.

    Raises
    ------
    OSError
        When the folder cannot be written.
    """
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    last = _last(place)
    if last and _owner(place / str(last)) is not None:
        return None
    path = place / str(last + 1)
    try:
        with path.open("xb") as file:
            file.write(_record())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return None
    for old in place.iterdir():
        if old.name.isdigit() and int(old.name) <= last:
            old.unlink(missing_ok=True)
    return Lease(path)


def owner(folder: Path, name: str) -> Owner | None:
    """Return who holds the lease ``name`` of a folder now; None when it is free."""
    place = folder / name
    last = _last(place)
    return _owner(place / str(last)) if last else None


def owners(folder: Path) -> dict[str, Owner]:
    """Return who holds what in a folder of leases."""
    with suppress(OSError):
        found = {place.name: owner(folder, place.name) for place in sorted(folder.glob("*/"))}
        return {name: held for name, held in found.items() if held is not None}
    return {}


def _last(place: Path) -> int:
    """Return the highest number; 0 where there is none."""
    with suppress(OSError):
        return max((int(p.name) for p in place.iterdir() if p.name.isdigit()), default=0)
    return 0


def _owner(path: Path) -> Owner | None:
    """Read who owns a lease; None for one that was released or whose owner is gone."""
    try:
        with path.open("rb") as file:  # opening asks a server for the true time of the last touch
            data = file.read()
            touched = os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    if data == FREE or touched == 0:
        return None
    try:
        record = json.loads(data)
        held = Owner(
            host=str(record["host"]), pid=int(record["pid"]), command=str(record["command"]),
            since=str(record["since"]), here=record["machine"] == _machine(), touched=touched,
        )  # fmt: skip
        started = record["started"]
    except (ValueError, KeyError, TypeError):  # half-written: its owner has just come, or died
        held, started = Owner("an unknown machine", 0, "?", "?", False, touched), None
    if held.here:
        return held if _started(held.pid) == started else None
    return held if _now(path.parent.parent) - touched < STALE else None


def _now(folder: Path) -> float:
    """Tell the time by the clock of the file system that holds ``folder``.

    Where nothing can be written, this machine's clock must do.
    """
    clock = folder / ".clock"
    try:
        clock.touch()
        os.utime(clock)
        return clock.stat().st_mtime
    except OSError:
        return time.time()


def _record() -> bytes:
    words = [Path(word).name if i == 0 else word for i, word in enumerate(sys.argv)]
    record: Mapping[str, Any] = {
        "token": secrets.token_hex(8),
        "host": platform.node(),
        "machine": _machine(),
        "pid": os.getpid(),
        "started": _started(os.getpid()),
        "command": " ".join(words)[:200],
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    return json.dumps(record).encode()


def _machine() -> str:
    """Name the running system and the processes visible in it: a container is a machine."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return platform.node()


def _started(pid: int) -> str | None:
    """Tell a process from a later one with its number; None for one that is not there.

    Linux counts the start in ticks since it was booted (proc(5), field 22); a zombie is gone.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return "there"
