"""A site of the pictures that may be shown, no heavier than its host takes."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from lens_site.results import lighter, store
from lens_site.site.publish.render import SiteReport

SAMPLE = 24
"""Classes whose pictures are tried, to see how much smaller those of all would be."""

LEFT = 0.97
"""Of the bytes there are for pictures, so many are counted on: the sample is not the whole."""

Shown = Literal["own", "thumbnails", "none"]


@runtime_checkable
class Wanted(Protocol):
    """The part of a configuration that is read here."""

    @property
    def out(self) -> Path:
        """Where copies of results are made, in ``cache``, and removed after."""

    @property
    def images(self) -> Shown:
        """What is shown of photographs."""

    @property
    def max_size(self) -> int:
        """Megabytes that the site may weigh."""


def render_within(
    render: Callable[[Sequence[Path]], SiteReport], runs: Sequence[Path], wanted: Wanted
) -> SiteReport:
    """Render runs, their pictures as ``wanted`` says, and smaller still if the site is too heavy.

    ``render`` renders what results it gets. What was chosen stands in the notes of the report.

    Raises
    ------
    As ``render``.
    """
    cache, most = wanted.out / "cache", int(wanted.max_size * 1_000_000)
    with ExitStack() as copies:
        shown = [copies.enter_context(lightened(run, cache, wanted.images)) for run in runs]
        report = render(shown)
        if report.bytes <= most:
            return report
        chosen = _smaller(shown, report.bytes, most)
        fitted = [copies.enter_context(_copy(run, cache / "fitted", chosen)) for run in shown]
        report = render(fitted)
    return replace(report, notes=(*report.notes, _told(report, chosen, most)))


@contextmanager
def lightened(run_dir: Path, cache: Path, images: Shown) -> Iterator[Path]:
    """Give results whose pictures are as ``images`` says: these, or a copy that ends with this.

    Raises
    ------
    ResultError
        When a class result is missing or damaged.
    OutputError
        When the copy cannot be written.
    """
    if images == "own":
        yield run_dir
        return
    detail = lighter.THUMBNAILS if images == "thumbnails" else lighter.NONE
    with _copy(run_dir, cache / "shown", detail) as shown:
        yield shown


@contextmanager
def _copy(run_dir: Path, into: Path, detail: lighter.Detail) -> Iterator[Path]:
    try:
        yield lighter.lighten(run_dir, into, detail)
    finally:
        shutil.rmtree(into, ignore_errors=True)


def _smaller(runs: Sequence[Path], now: int, most: int) -> lighter.Detail:
    """Return the gentlest way to make the pictures fit, judged by some classes; else the last."""
    built = [(run, c.slug) for run in runs for c in store.read_run(run).classes
             if c.status == "built"]  # fmt: skip
    sample = built[:: -(-len(built) // SAMPLE)]

    def weight(classes: list[tuple[Path, str]], detail: lighter.Detail | None = None) -> int:
        return sum(lighter.weight(run, [slug], detail) for run, slug in classes)

    before, whole = weight(sample), weight(built)
    room = LEFT * (most - (now - whole))
    for detail in lighter.SMALLER:
        if whole * weight(sample, detail) / before <= room:
            return detail
    return lighter.SMALLER[-1]


def _told(report: SiteReport, chosen: lighter.Detail, most: int) -> str:
    """Say what was chosen, and what to do where even that is too much."""
    size, limit = f"{report.bytes / 1e6:.0f} MB", f"{most / 1e6:.0f} MB"
    how = (
        f"pictures are at most {chosen.side} pixels wide, thumbnails {chosen.thumbnail}, in "
        f"quality {chosen.quality}"
    )
    if report.bytes <= most:
        return f"to stay within {limit}, {how}: the site weighs {size}"
    return (
        f"the site weighs {size}, more than {limit}, though {how}; build it with a smaller "
        "--max-images, or --no-browser"
    )
