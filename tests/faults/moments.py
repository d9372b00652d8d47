"""Something befalls a build at a chosen moment: when it opens a certain file."""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing.connection import Connection
from pathlib import Path

from fleet import GRACE, OPTIONS, context, obey_permissions
from support import TESTS

from lens_site import lease
from lens_site.results.predictions import ROW

FEW = (*OPTIONS, "--classes", "hue 0,hue 30,hue 60,hue 90", "--visualization", "off")
"""Options of a build that predicts all pictures of ``hues`` and computes four classes."""

Deed = Callable[[], object]
"""What is done at the moment, in the process of the build; it goes there as a pickle."""


@dataclass(frozen=True)
class Moment:
    """When a file whose path has this pattern is opened, the first time or a later one."""

    pattern: str
    time: int = 1


PREDICTING = Moment("*/0100.png")
"""Of 144 pictures, read in order in batches of 16, at most two or three ahead."""

CLASSES = Moment("*/results/*/.*.lens-partial-*/arrays.safetensors", 3)
"""The third class is being written, so at least one is there."""

ACROSS = Moment("*/results/*/.model.json.lens-partial-*")
RENDERING = Moment("*/.site.lens-partial-*/classes/0002-hue-60/index.html")

STAGES = {
    "predicting": PREDICTING, "classes": CLASSES, "across": ACROSS, "rendering": RENDERING,
}  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """The exit code of a build, and what it said."""

    code: int | None
    said: str

    @property
    def last(self) -> str:
        """The last line."""
        return self.said.splitlines()[-1]


def build(
    data: Path, out: Path, *more: str, at: Moment | None = None, do: Deed | None = None
) -> Ended:
    """Build in a process of its own; ``do`` is done there at the moment, if it comes.

    What is said goes through a pipe, for files may be what cannot be written.
    """
    arguments = ["build", "--data", str(data), "--out", str(out), *FEW, *more]
    ours, theirs = context().Pipe(duplex=False)
    process = context().Process(target=_in_child, args=(arguments, out.parent, theirs, at, do))
    process.start()
    theirs.close()
    process.join(GRACE)
    process.kill()
    process.join()
    said = b""
    with ours:
        while part := os.read(ours.fileno(), 2**16):
            said += part
    return Ended(process.exitcode, said.decode())


def _in_child(
    arguments: list[str], home: Path, said: Connection, at: Moment | None, do: Deed | None
) -> None:
    os.chdir(TESTS)
    os.environ["HOME"] = str(home)
    obey_permissions()
    for stream in (1, 2):
        os.dup2(said.fileno(), stream)
    if at is not None and do is not None:
        _watch(at, do)
    from lens_site.cli import main

    main(arguments, prog_name="lens")


def _watch(at: Moment, do: Deed) -> None:
    """Do it when the moment comes, in the thread that opens the file, before it is open."""
    left = at.time

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event != "open" or left == 0 or not isinstance(arguments[0], str | bytes):
            return
        if fnmatchcase(os.fsdecode(arguments[0]), at.pattern):
            left -= 1
            if left == 0:
                do()

    sys.addaudithook(hear)


def terminate() -> None:
    """Get a SIGTERM."""
    os.kill(os.getpid(), signal.SIGTERM)


def fill_disk() -> None:
    """Let no file grow from now on: names can be made, bytes cannot be written."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))


def follow_owners(out: Path) -> None:
    """Do what others do that take an owner of a class for gone, and be done at once."""
    for place in out.glob("cache/work-*/leases/*/"):
        (place / str(1 + max(int(path.name) for path in place.iterdir()))).write_bytes(lease.FREE)


def take_away(path: Path) -> None:
    """Rename a file or folder: it is no longer there."""
    path.rename(aside(path))


def in_its_place(folder: Path) -> None:
    """Put a file where a folder was, and the folder aside."""
    take_away(folder)
    folder.write_text("no folder")


def aside(path: Path) -> Path:
    """Return where a path is put that is taken away."""
    return path.with_name(f"{path.name}-aside")


def bring_back(path: Path) -> None:
    """Undo that something was taken away."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    aside(path).rename(path)


def forbid(folder: Path) -> None:
    """Let nothing be made in a folder and those below."""
    for path in (folder, *folder.rglob("*/")):
        path.chmod(0o555)


def allow(folder: Path) -> None:
    """Undo that."""
    for path in (folder, *folder.rglob("*/")):
        path.chmod(0o755)


def rows(out: Path) -> int:
    """Count the predictions that are on the disk."""
    names = out.glob("cache/predictions-*/*/image.bin")
    return sum(path.stat().st_size for path in names) // ROW["image"].itemsize


def half_done(out: Path) -> list[Path]:
    """Find what a build should have taken away: half-written files, leases not given back."""
    left = [path for path in sorted(out.rglob("*")) if ".lens-partial-" in path.name]
    for place in (*out.glob(".lens.holders/*/"), *out.glob("cache/work-*/leases/*/")):
        last = max(place.iterdir(), key=lambda path: int(path.name))
        if last.read_bytes() != lease.FREE and last.stat().st_mtime:
            left.append(last)
    return left
