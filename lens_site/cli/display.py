"""What a build looks like in a terminal: live bars for people, plain lines for logs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from lens_site.cli.terminal import plain, printable, say
from lens_site.engine.estimate import TimeLeft, in_words
from lens_site.engine.events import (
    ClassBegun,
    ClassEnded,
    ClassLeft,
    Comparing,
    Elsewhere,
    Event,
    Loaded,
    Part,
    Planned,
    Predicted,
    Report,
    Waiting,
)
from lens_site.results.comparison import Comparison
from lens_site.results.schema import RunResult

if TYPE_CHECKING:
    from lens_site.explain import Explanation

LINE_EVERY = 5.0
"""Seconds between two plain lines of a long stage."""

MOST = 40
"""Classes and images told of one by one."""

COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("class", "right"),
    ("name", "left"),
    ("images", "right"),
    ("", "left"),
)

EXPLAINED: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("concept", "right"),
    ("share", "right"),
    ("logits", "right"),
    ("points towards", "left"),
)

console = Console(stderr=True, highlight=False)


@contextmanager
def progress(last: Path) -> Iterator[Report]:
    """Yield the listener of a build; ``last`` is the ``report.json`` of the one before."""
    left = TimeLeft(last)

    def to(listener: Report) -> Report:
        def hear(event: Event) -> None:
            left(event)
            listener(event)

        return hear

    if console.is_terminal:
        with _bars(LeftInAll(left)) as bars:
            yield to(LiveReport(bars))
    else:
        yield to(PlainReport(left))


@contextmanager
def rendering() -> Iterator[Callable[[int, int], None]]:
    """Yield the listener of a rendering."""
    if not console.is_terminal:
        console.print("rendering")
        yield lambda done, total: None
        return
    with _bars(TimeRemainingColumn(elapsed_when_finished=True)) as bars:
        task = bars.add_task("rendering", total=None, note="")
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def comparing() -> Iterator[Callable[[str, str, int, int], None]]:
    """Yield the listener of what compares runs: two runs, classes done, classes in all."""
    begun: set[tuple[str, str]] = set()

    def line(one: str, other: str, done: int, total: int) -> None:
        if (one, other) not in begun:
            begun.add((one, other))
            say(console, f"comparing {total} classes of {one} and {other}")

    yield line


@contextmanager
def steps() -> Iterator[Callable[[int, int, str], None]]:
    """Yield the listener of a bench: steps done, steps in all, what is at work."""
    if not console.is_terminal:
        last = -LINE_EVERY

        def line(done: int, total: int, note: str) -> None:
            nonlocal last
            if time.perf_counter() - last > LINE_EVERY:
                last = time.perf_counter()
                say(console, f"{done}/{total} {note}")

        yield line
        return
    with _bars(TimeRemainingColumn(elapsed_when_finished=True)) as bars:
        task = bars.add_task("measuring", total=None, note="")
        yield lambda done, total, note: bars.update(task, completed=done, total=total, note=note)


def _bars(clock: ProgressColumn) -> Progress:
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        clock,
        TextColumn("  {task.fields[note]}", style="dim", markup=False),
        console=console,
    )


class LeftInAll(ProgressColumn):
    """How much longer the whole build takes, beside the stage at work."""

    def __init__(self, left: TimeLeft) -> None:
        super().__init__()
        self._left = left

    def render(self, task: Task) -> Text:
        """Return the column of one bar; a finished one has the time that it took."""
        if task.finished:
            return Text(in_words(task.finished_time or 0.0), style="progress.elapsed")
        return Text(self._left.in_words(), style="progress.remaining")


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
                say(self.bars.console, f"{event.data}: {event.found}")
                self.bars.update(
                    self.images,
                    description="predicting images",
                    total=event.images,
                    note=printable(f"{event.classifier} on {event.device}, {event.runtime}"),
                )
                self.begun = time.perf_counter()
            case Part():
                what = f"predicting {event.name}"
                self.bars.update(self.images, description=what, total=event.images, completed=0)
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
                self.at_work.append(printable(event.name.name))
                self.bars.update(self.classes, note=", ".join(self.at_work))
            case ClassEnded():
                self.at_work.remove(printable(event.status.name))
                self.bars.update(self.classes, advance=1, note=", ".join(self.at_work))
            case ClassLeft():
                self.at_work.remove(printable(event.name.name))
            case Elsewhere():
                self.bars.advance(self.classes, event.classes)
            case Waiting():
                self.bars.update(self.classes, visible=True, note=f"waiting for {event.what}")
            case Comparing():
                self.bars.update(self.classes, note="comparing their concepts")

    def _predicted(self, event: Predicted) -> None:
        self.bars.advance(self.images, event.images)
        if not event.cached:
            self.fresh += event.images
            speed = self.fresh / (time.perf_counter() - self.begun)
            self.bars.update(self.images, note=f"{speed:.0f} images/s")


class PlainReport:
    """A line now and then."""

    def __init__(self, left: TimeLeft) -> None:
        self.left = left
        self.total = self.done = self.fresh = self.classes = self.ended = 0
        self.begun = self.last = time.perf_counter()
        self.waiting = ""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded():
                self.total, self.begun = event.images, time.perf_counter()
                say(console, f"{event.data}: {event.found}")
                say(
                    console,
                    f"{event.classifier} on {event.device}, encoded by {event.runtime}",
                )
            case Part():
                self.total, self.done, self.fresh = event.images, 0, 0
                self.begun = time.perf_counter()
                say(console, f"part {event.name}: {event.images} images")
            case Predicted():
                self._predicted(event)
            case Planned():
                self.classes = event.compute
                say(console, f"{event.compute} classes to compute, {event.current} unchanged")
            case ClassEnded():
                self.ended += 1
                status = event.status
                reason = f": {status.reason}" if status.reason else ""
                say(
                    console,
                    f"class {self.ended}/{self.classes} {status.slug} {status.status}{reason}, "
                    f"{self.left.in_words()}",
                )
            case Elsewhere():
                self.ended += event.classes
            case Waiting():
                if event.what != self.waiting:
                    self.waiting = event.what
                    say(console, f"waiting for {event.what}")
            case Comparing():
                say(console, f"comparing the concepts of {event.classes} classes")

    def _predicted(self, event: Predicted) -> None:
        self.done += event.images
        self.fresh += 0 if event.cached else event.images
        now = time.perf_counter()
        if self.done == self.total or now - self.last > LINE_EVERY:
            self.last = now
            speed = self.fresh / max(now - self.begun, 1e-9)
            told = [f"predicted {self.done}/{self.total} images", self.left.in_words()]
            if self.fresh:
                told.insert(1, f"{speed:.0f} images/s")
            say(console, ", ".join(filter(None, told)))


def summary(run: RunResult, out: Path, seconds: float, *, fresh: bool) -> None:
    """Print what became of every class, and where to look."""
    output = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for heading, justify in COLUMNS:
        table.add_column(heading, justify=justify)
    told = sorted((c for c in run.classes if c.status != "few"), key=lambda c: -c.images)
    for c in told[:MOST]:
        table.add_row(str(c.index), plain(c.name), str(c.images), c.status)
    output.print(table)
    if len(told) > MOST:
        say(output, f"… and {len(told) - MOST} more in run.json")
    for c in told:
        if c.status == "failed":
            say(output, f"failed {c.slug}: {c.reason}", "red")
    for image in run.unreadable[:MOST]:
        say(output, f"skipped {image.key}: {image.reason}")
    if len(run.unreadable) > MOST:
        say(output, f"… and {len(run.unreadable) - MOST} more, all on the About page")
    few = sorted((c for c in run.classes if c.status == "few"), key=lambda c: -c.images)
    if few:
        first = ", ".join(f"{c.name} {c.images}" for c in few[:5])
        say(
            output,
            f"{len(few)} more classes have fewer than --min-images "
            f"{run.config['min_images']} images: {first}{', …' if len(few) > 5 else ''}",
        )
    if run.browser is not None and run.browser.reason:
        say(output, f"visitors cannot explain their own pictures: {run.browser.reason}")
    if run.accuracy is not None:
        say(output, f"{run.accuracy:.1%} of the labeled images are predicted as labeled")
    failed = sum(c.status == "failed" for c in told)
    say(
        output,
        f"{len(told) - failed} classes built, {failed} failed, "
        f"{len(run.unreadable)} images unreadable, in {seconds:.0f} s",
    )
    where = out / "site" / "index.html"
    if failed == len(told):
        say(output, f"nothing was computed; {where.parent} is left as it was")
    else:
        say(output, f"site: {where}{'' if fresh else ' (unchanged)'}")


def explanation(answer: "Explanation") -> None:
    """Print how much each concept counts for one picture, largest first."""
    output = Console(highlight=False)
    name = answer.result.name.name
    say(
        output,
        f"{name} {answer.class_probability:.1%}, logit {answer.logit:.2f}; "
        f"predicted {answer.predicted} {answer.probability:.1%}",
    )
    if answer.otherwise:
        say(output, answer.otherwise)
    table = Table(box=None, pad_edge=False)
    for heading, justify in EXPLAINED:
        table.add_column(heading, justify=justify)
    for i in answer.order:
        aligned = ", ".join(a.name for a in answer.result.concepts[i].aligned[:3])
        table.add_row(
            str(i + 1), f"{answer.shares[i]:+.1%}", f"{answer.phi[i]:+.3f}", plain(aligned)
        )
    output.print(table)


def comparison(table: Comparison) -> None:
    """Print the median over the classes, methods or k down and metrics across, if not too wide."""
    output = Console(highlight=False)
    medians, names = table.medians(), table.metric_names()
    several = len({row.concepts for row in table.rows}) > 1
    title = f"{table.title}: median over the classes"
    shown = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title=plain(title))
    across = [*(name.replace("_", " ") for name in names), "seconds"]
    down = [f"k = {row.concepts}" if several else row.method for row in medians]
    values = [[*(row.metrics[name] for name in names), row.seconds] for row in medians]
    if len(across) > len(down):
        across, down, values = down, across, [list(column) for column in zip(*values, strict=True)]
    shown.add_column("", justify="right", no_wrap=True)
    for heading in across:
        shown.add_column(plain(heading), justify="right", overflow="fold")
    for label, line in zip(down, values, strict=True):
        shown.add_row(plain(label), *("–" if value is None else f"{value:.3g}" for value in line))
    output.print(shown)
    for note in dict.fromkeys(f"{row.class_}: {row.note}" for row in table.rows if row.note):
        say(output, note)
