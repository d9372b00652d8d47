"""What a build looks like in a terminal: live bars for people, plain lines for logs."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from lens_site.engine.events import (
    ClassBegun,
    ClassEnded,
    Event,
    Loaded,
    Planned,
    Predicted,
    Report,
)
from lens_site.results.schema import RunResult

LINE_EVERY = 5.0
"""Seconds between two plain lines of a long stage."""

console = Console(stderr=True, highlight=False)


@contextmanager
def progress() -> Iterator[Report]:
    """Yield the listener of a build."""
    if console.is_terminal:
        with _bars() as bars:
            yield LiveReport(bars)
    else:
        yield PlainReport()


@contextmanager
def rendering() -> Iterator[Callable[[int, int], None]]:
    """Yield the listener of a rendering."""
    if not console.is_terminal:
        console.print("rendering")
        yield lambda done, total: None
        return
    with _bars() as bars:
        task = bars.add_task("rendering", total=None, note="")
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _bars() -> Progress:
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", table_column=None),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[note]}", style="dim"),
        console=console,
    )


class LiveReport:
    """Two bars: images predicted, classes computed; the classes at work beside them."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.images = bars.add_task("loading the model", total=None, note="")
        self.classes = bars.add_task("classes", total=None, visible=False, note="")
        self.at_work: list[str] = []
        self.begun, self.fresh = time.perf_counter(), 0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded():
                self.bars.update(
                    self.images,
                    description="predicting images",
                    total=event.images,
                    note=f"{event.classifier} on {event.device}",
                )
                self.begun = time.perf_counter()
            case Predicted():
                self._predicted(event)
            case Planned():
                done = event.current
                self.bars.update(
                    self.classes,
                    total=event.compute + done,
                    completed=done,
                    visible=True,
                    note=f"{done} unchanged" if done else "",
                )
            case ClassBegun():
                self.at_work.append(event.name.name)
                self.bars.update(self.classes, note=", ".join(self.at_work))
            case ClassEnded():
                self.at_work.remove(event.status.name)
                self.bars.update(self.classes, advance=1, note=", ".join(self.at_work))

    def _predicted(self, event: Predicted) -> None:
        self.bars.advance(self.images, event.images)
        if not event.cached:
            self.fresh += event.images
            speed = self.fresh / (time.perf_counter() - self.begun)
            self.bars.update(self.images, note=f"{speed:.0f} images/s")


class PlainReport:
    """A line now and then."""

    def __init__(self) -> None:
        self.total = self.done = self.fresh = self.classes = self.ended = 0
        self.begun = self.last = time.perf_counter()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded():
                self.total, self.begun = event.images, time.perf_counter()
                console.print(
                    f"{event.images} images of {event.data}; {event.classifier} on {event.device}"
                )
            case Predicted():
                self._predicted(event)
            case Planned():
                self.classes = event.compute
                console.print(f"{event.compute} classes to compute, {event.current} unchanged")
            case ClassEnded():
                self.ended += 1
                status = event.status
                reason = f": {status.reason}" if status.reason else ""
                console.print(
                    f"class {self.ended}/{self.classes} {status.slug} {status.status}{reason}"
                )

    def _predicted(self, event: Predicted) -> None:
        self.done += event.images
        self.fresh += 0 if event.cached else event.images
        now = time.perf_counter()
        if self.done == self.total or now - self.last > LINE_EVERY:
            self.last = now
            speed = self.fresh / max(now - self.begun, 1e-9)
            left = (self.total - self.done) / speed if speed else 0.0
            console.print(
                f"predicted {self.done}/{self.total} images, "
                f"{speed:.0f} images/s, {left:.0f} s left"
            )


def summary(run: RunResult, out: Path, seconds: float, *, fresh: bool) -> None:
    """Print what became of every class, and where to look."""
    built = [c for c in run.classes if c.status == "built"]
    table = Table(box=None, pad_edge=False, title_justify="left")
    for heading, justify in (("class", "left"), ("images", "right"), ("", "left")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for c in sorted(run.classes, key=lambda c: (c.status != "built", -c.images))[:40]:
        table.add_row(f"{c.index:>4} {c.name}", str(c.images), c.reason or c.status)
    output = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    output.print(table)
    if len(run.classes) > 40:
        output.print(f"… and {len(run.classes) - 40} more in run.json")
    for image in run.unreadable[:10]:
        output.print(f"skipped {image.key}: {image.reason}", soft_wrap=True)
    if len(run.unreadable) > 10:
        output.print(
            f"… and {len(run.unreadable) - 10} more unreadable images, all on the About page"
        )
    failed = sum(c.status == "failed" for c in run.classes)
    few = sum(c.status == "few" for c in run.classes)
    output.print(
        f"{len(built)} built, {few} with too few images, {failed} failed, "
        f"{len(run.unreadable)} images unreadable, in {seconds:.0f} s"
    )
    if run.accuracy is not None:
        output.print(f"{run.accuracy:.1%} of the labelled images are predicted as labelled")
    site = out / "site" / "index.html"
    output.print(f"site: {site}{'' if fresh else ' (unchanged)'}", soft_wrap=True)
