"""How long a build took, stage by stage and class by class: ``OUT/report.json``.

Kept apart from the results, whose bytes do not depend on the speed of a machine.
"""

import json
import time
from dataclasses import asdict
from pathlib import Path

from lens_site import atomic
from lens_site.engine.events import Event, Expected, Loaded, Planned, Report
from lens_site.engine.work import Work


class Times:
    """A listener that notes when events come and passes them on."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._last = time.perf_counter()
        self.stages: dict[str, float] = {}
        self.work = Expected(0, 0)

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Loaded():
                self.stage("load")
            case Expected():
                self.work = event
            case Planned():
                self.stage("predict")
        self._report(event)

    def stage(self, name: str) -> None:
        """End a stage here."""
        now = time.perf_counter()
        self.stages[name] = round(now - self._last, 3)
        self._last = now

    def write(self, path: Path, work: Work) -> None:
        """Write the seconds of this process's stages, and of all classes, by whomever.

        Raises
        ------
        OutputError
            When it cannot be written.
        """
        fates = work.fates()
        seconds = {
            "stages": self.stages,
            "classes": {slug: fate.seconds for slug, fate in fates.items()},
        }
        by = {slug: fate.by for slug, fate in fates.items()}
        report = {"run": work.run, "work": asdict(self.work), "seconds": seconds, "by": by}
        text = json.dumps(report, indent=1)
        atomic.write_bytes(path, text.encode())
