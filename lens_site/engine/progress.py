"""How far a build is, written down for ``lens status`` and for those who wait for it."""

import time

from lens_site.config import BuildConfig
from lens_site.engine.events import (
    ClassBegun,
    ClassEnded,
    ClassLeft,
    Event,
    Loaded,
    Part,
    Planned,
    Predicted,
    Report,
)
from lens_site.engine.work import Fate, Work

EVERY = 2.0
"""Seconds between two notes while images are predicted."""


class Progress:
    """A listener that notes in ``work`` how far this process is, and passes events on."""

    def __init__(self, report: Report, work: Work, config: BuildConfig) -> None:
        self._report, self._work = report, work
        self.by = config.shard or "all"
        self._begun = self._noted = time.monotonic()
        self._fresh = self._done = self._images = 0
        self._seconds = 0.0
        self._part, self._at_work = "", list[str]()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded(images=images):
                self._images, self._begun = images, time.monotonic()
                self._note()
            case Part(name=name):
                self._part, self._done = name, 0
            case Predicted(images=images, cached=cached):
                self._done += images
                self._fresh += 0 if cached else images
                self._seconds = time.monotonic() - self._begun
                if time.monotonic() - self._noted > EVERY:
                    self._note()
            case Planned():
                self._note()
            case ClassBegun(name=name):
                self._at_work.append(name.name)
                self._note()
            case ClassEnded(status=status, seconds=seconds):
                self._at_work.remove(status.name)
                key = self._work.keys().get(status.slug, "")
                self._work.ended(Fate(status, key, round(seconds, 3), self.by))
                self._note()
            case ClassLeft(name=name):
                self._at_work.remove(name.name)
                self._note()
        self._report(event)

    def _note(self) -> None:
        self._noted = time.monotonic()
        speed = self._fresh / self._seconds if self._seconds else 0.0
        self._work.tell(
            self.by,
            {
                "of": self._images, "images": self._done, "part": self._part,
                "images_per_second": round(speed, 1), "classes": list(self._at_work),
            },
        )  # fmt: skip
