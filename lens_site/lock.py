"""One writer in an output folder at a time: whoever comes second hears who is at work.

The lock is the system's (flock), so it ends with its owner, however that ends.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lens_site import atomic
from lens_site.errors import OutputError

LOCK, OWNER = ".lens.lock", ".lens.owner"
"""Files in the output folder: the lock, and who holds it."""


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold the lock of an output folder.

    Raises
    ------
    OutputError
        When another process holds it, or the folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise OutputError(
            f"{out}: {_owner(out)} is at work there; wait until it is done, or choose another --out"
        ) from None
    except (OSError, NotImplementedError) as error:
        raise atomic.cannot_write(
            out, error if isinstance(error, OSError) else OSError(str(error))
        ) from error
    try:
        owner = {
            "process": os.getpid(),
            "host": platform.node(),
            "command": " ".join(Path(a).name if i == 0 else a for i, a in enumerate(sys.argv))[
                :200
            ],
            "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        }
        atomic.write_bytes(out / OWNER, json.dumps(owner).encode())
        yield
    finally:
        lock.release()


def _owner(out: Path) -> str:
    """Say who holds the lock, as far as is known."""
    try:
        owner = json.loads((out / OWNER).read_bytes())
        return (
            f"process {owner['process']} on {owner['host']} ({owner['command']}, "
            f"since {owner['since']})"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
