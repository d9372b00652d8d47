"""How much longer a build takes, over all of its stages: predicting, classes, comparing, pages.

A class takes about as long as ``FIXED`` images of it and its own images. What one such unit takes
is guessed from the last build in the folder, later measured on the classes that have ended.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from lens_site.engine.events import (
    ClassBegun,
    ClassEnded,
    ClassLeft,
    Comparing,
    Event,
    Expected,
    Loaded,
    Planned,
    Predicted,
)

FIXED = 50
"""Measured on clothing: a class takes 0.48 s and 0.0106 s an image."""

SECONDS_A_UNIT, SECONDS_AFTER = 0.005, 0.06
"""Of a class on two cores; comparing and rendering, a class."""

GUESSED = 500
"""Units that the guess counts as beside measured ones."""

HALF_LIFE = 120.0
"""Seconds after which the speed of predicting counts half."""


def units(classes: int, images: int) -> int:
    """Return the work of so many classes with so many images in all."""
    return FIXED * classes + images


class TimeLeft:
    """A listener that knows how much longer the build takes."""

    def __init__(self, last: Path | None = None, clock: Callable[[], float] = time.monotonic):
        """``last`` is the ``report.json`` of the last build, if there is one."""
        self._clock = clock
        self._unit = SECONDS_A_UNIT if last is None else _last_unit(last)
        self._images = 0
        self._decayed_images = self._decayed_seconds = 0.0
        self._classes = self._work = self._done = 0
        self._at_work: dict[str, int] = {}
        self._begun: float | None = None
        """When the first class began."""
        self._heard = clock()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded():
                self._images, self._heard = event.images, self._clock()
            case Predicted():
                self._predicted(event)
            case Expected():
                self._classes, self._work = event.classes, units(event.classes, event.images)
            case Planned():
                self._images, self._begun = 0, self._clock()
            case ClassBegun():
                self._at_work[event.name.slug] = units(1, event.images)
            case ClassEnded():
                self._done += self._at_work.pop(event.status.slug, 0)
            case ClassLeft():
                self._at_work.pop(event.name.slug, None)
            case Comparing():
                self._work = self._done

    def seconds(self) -> float | None:
        """Seconds left; None before anything can be said."""
        if self._begun is None and not self._decayed_images:
            return None
        predicting = 0.0
        if self._images:
            predicting = self._images * self._decayed_seconds / self._decayed_images
        half_done = self._done + sum(self._at_work.values()) / 2
        spent = 0.0 if self._begun is None else self._clock() - self._begun
        unit = (GUESSED * self._unit + spent) / (GUESSED + half_done)
        classes = max(0, self._work - half_done) * unit
        return predicting + classes + SECONDS_AFTER * self._classes

    def in_words(self) -> str:
        """Say it, as ``about 12 min left in all``."""
        seconds = self.seconds()
        return "" if seconds is None else f"about {in_words(seconds)} left in all"

    def _predicted(self, event: Predicted) -> None:
        now = self._clock()
        passed, self._heard = now - self._heard, now
        self._images -= event.images
        if not event.cached:
            kept = 0.5 ** (passed / HALF_LIFE)
            self._decayed_images = self._decayed_images * kept + event.images
            self._decayed_seconds = self._decayed_seconds * kept + passed


def in_words(seconds: float) -> str:
    """Write a time as roughly as it is known: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(10 * round(minutes / 10), 60)
    if hours < 10 and minutes:
        return f"{hours} h {minutes} min"
    return f"{round(hours + minutes / 60)} h"


def _last_unit(path: Path) -> float:
    """Seconds that a unit took in the last build, if it says so."""
    try:
        report = json.loads(path.read_bytes())
        work, seconds = report["work"], report["seconds"]["stages"]["classes"]
        return float(seconds) / units(int(work["classes"]), int(work["images"]))
    except (OSError, ValueError, TypeError, KeyError, ZeroDivisionError):
        return SECONDS_A_UNIT
