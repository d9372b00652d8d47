"""``lens status``: how far a build is."""

import sys
from pathlib import Path
from typing import SupportsFloat

import click

from lens_site.cli.commands import main
from lens_site.cli.options import OUT, LensCommand
from lens_site.cli.terminal import printable

DONE, FAILED, AT_WORK, STOPPED = 0, 1, 3, 4
"""Exit codes; 2 is wrong usage everywhere."""


@main.command(cls=LensCommand)
@OUT
def status(out: Path) -> None:
    """Say how far the build in OUT is: done, failed, left, speed, time and disk still needed.

    Reads files alone, so it can be asked anywhere OUT can be read, at any time. Exit codes: 0 all
    is done, 1 done but for classes that failed, or the disk will be too small, 3 at work, 4 stopped
    before the end.

    Try: lens status --out build
    """
    from lens_site.engine.status import State, state

    def lines(now: State) -> list[str]:
        told = [f"run {now.run}"]
        speed = f", {now.images_per_second:.0f} images/s" if now.images_per_second else ""
        told.append(f"images: {now.predicted} of {now.images} predicted{speed}")
        if now.planned:
            told.append(
                f"classes: {now.built} built, {len(now.failed)} failed, {now.left} left"
                f" of {now.built + len(now.failed) + now.left}"
            )
        told += [f"failed {one.slug}: {one.reason}" for one in now.failed]
        if now.seconds_left is not None:
            what = "" if now.planned else " for the images, then the classes"
            told.append(f"time left: about {duration(now.seconds_left)}{what}")
        more = f", about {size(now.bytes_left)} more for the classes left" if now.left else ""
        told.append(f"disk: {size(now.bytes)}{more}; {size(now.bytes_free)} free")
        told += [f"at work: {one}" for one in now.at_work]
        if now.whole and not now.at_work:
            told.append("all is written down")
        elif not now.at_work:
            told.append("nobody is at work: start the same command again (or its shards) to go on")
        return told

    now = state(out)
    for line in lines(now):
        click.echo(printable(line))
    too_small = now.bytes_left > now.bytes_free
    if now.whole and not now.at_work:
        sys.exit(FAILED if now.failed else DONE)
    sys.exit(FAILED if too_small else AT_WORK if now.at_work else STOPPED)


def duration(seconds: SupportsFloat) -> str:
    """Write seconds as people do.

    >>> duration(75), duration(7300)
    ('1 min 15 s', '2 h 1 min')
    """
    whole = round(float(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def size(many: SupportsFloat) -> str:
    """Write bytes as disks are sold, in powers of a thousand.

    >>> size(1_500), size(49_000_000_000)
    ('1.5 kB', '49 GB')
    """
    left = float(many)
    for unit in ("B", "kB", "MB", "GB"):
        if left < 1000:
            return f"{left:.3g} {unit}"
        left /= 1000
    return f"{left:.3g} TB"
