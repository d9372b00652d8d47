"""Who may write in an output folder: one builder alone, or shards of one build together.

Each holds a lease of the folder, so that this is true across the machines that share it. Everyone
takes a lease first and looks at the others' then: of two that come at once, one is refused or both.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lens_site import atomic, lease
from lens_site.errors import OutputError

HOLDERS = ".lens.holders"
"""Folder in the output folder: the leases of those at work there."""

ALONE, SHARD, DOOR = "alone", "shard-", "door"
"""Names of the leases, a shard's with what it is called; shards come in one after the other."""

POLL = 0.5
"""Seconds between two looks at a lease that may become free."""


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold an output folder alone.

    Raises
    ------
    OutputError
        When another process is at work there, or the folder cannot be written.
    """
    with _taken(out, ALONE, wait=_until_it_beats):
        for name, other in lease.owners(out / HOLDERS).items():
            if name != ALONE:
                raise _at_work(out, other)
        yield


@contextmanager
def shared(out: Path, shard: str, *, first: Callable[[], None]) -> Iterator[None]:
    """Hold an output folder together with other shards; a second one of this name waits.

    Before anyone is in, ``first`` is called.

    Raises
    ------
    OutputError
        When a builder works there alone, or the folder cannot be written.
    """
    with ExitStack() as inside:
        while True:
            with turn(out, DOOR):
                if (other := lease.owner(out / HOLDERS, ALONE)) is not None:
                    raise _at_work(out, other)
                there = _shards(out)
                if shard not in there:
                    if not there:
                        first()
                    inside.enter_context(turn(out, SHARD + shard))
                    break
            time.sleep(POLL)
        yield


@contextmanager
def turn(out: Path, name: str) -> Iterator[None]:
    """Hold a lease of an output folder; as long as another process holds it, wait.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    with _taken(out, name, wait=lambda found, first: True):
        yield


def others(out: Path, shard: str) -> list[str]:
    """Names of the other shards that are at work in an output folder."""
    return [name for name in _shards(out) if name != shard]


def _shards(out: Path) -> list[str]:
    names = lease.owners(out / HOLDERS)
    return [name.removeprefix(SHARD) for name in names if name.startswith(SHARD)]


@contextmanager
def _taken(
    out: Path, name: str, *, wait: Callable[[lease.Owner, lease.Owner], bool]
) -> Iterator[None]:
    """Hold a lease of the folder; while another holds it, ``wait`` says whether to go on trying."""
    first: lease.Owner | None = None
    try:
        while (mine := lease.acquire(out / HOLDERS, name)) is None:
            found = lease.owner(out / HOLDERS, name)
            first = first or found
            if found is not None and first is not None and not wait(found, first):
                raise _at_work(out, found)
            time.sleep(POLL)
    except OSError as error:
        raise atomic.cannot_write(out, error) from error
    with mine:
        yield


def _until_it_beats(found: lease.Owner, first: lease.Owner) -> bool:
    """Whether it is open if an owner lives: it is on another machine and was not seen to beat."""
    return not found.here and found.touched == first.touched


def _at_work(out: Path, other: lease.Owner) -> OutputError:
    return OutputError(
        f"{out}: {other} is at work there; wait until it is done, or choose another --out"
    )
