"""One build by several processes that share nothing but the output folder: ``--shard 3/16``.

The images are cut in as many parts as there are shards. A part and a class are taken by a lease,
so none is done by two; whoever is done with its own part takes those that nobody has, or whose
owner is gone, then classes, the largest first. So any shard may come late, fail or be started
again, and one alone does all the work, if need be.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lens_site import lease
from lens_site.activations import Features
from lens_site.engine.engines import Engine
from lens_site.engine.engines.local import Lost, run
from lens_site.engine.events import Elsewhere, Event, Part, Predicted, Report, Waiting
from lens_site.engine.job import ClassJob, Workshop, status
from lens_site.engine.predicting import kept_activations, known_predictions, predict_source
from lens_site.results.predictions import Predictions
from lens_site.results.schema import ClassStatus

POLL = 1.0
"""Seconds between two looks at what others are doing."""


def parts_of(shard: str) -> tuple[list[str], dict[str, int]]:
    """Names of all parts, that of this shard first, and the place of each in the source."""
    number, of = map(int, shard.split("-of-"))
    order = [*range(number, of + 1), *range(1, number)]
    return [f"{i}-of-{of}" for i in order], {f"{i}-of-{of}": i - 1 for i in order}


class Shards(Engine):
    """Shards of one build: see above."""

    name = "shards"

    def predict(self, *, report: Report) -> tuple[Predictions, Features]:
        """See :class:`Engine`; the rows of this process go to its own segment of the table."""
        names, places = parts_of(self.shard)
        many = len(self.workshop.source.keys)
        while left := [name for name in names if not self.work.is_predicted(name)]:
            for name in left:
                with self.work.claim(f"predict-{name}") as mine:
                    if mine and not self.work.is_predicted(name):
                        i = places[name]
                        first, last = i * many // len(names), (i + 1) * many // len(names)
                        self._predict(name, range(first, last), report)
                        break
            else:
                report(Waiting(f"predictions of {self._whose('predict-', left)}"))
                time.sleep(POLL)
        rows = known_predictions(self.workshop, self.config)
        if len(rows.unknown):  # pictures have changed since
            rows, _ = predict_source(
                self.workshop, self.config, report=lambda event: None, writer=self.shard
            )
        return rows, kept_activations(self.workshop, self.config, rows)

    def run(
        self, jobs: Sequence[ClassJob], workshop: Workshop, features: Features, *, report: Report
    ) -> list[ClassStatus]:
        """See :class:`Engine`; ends when every class has its fate, by whomever."""
        labels = workshop.classifier.labels
        planned = {
            job.images.index: status(labels[job.images.index], "built", job.images.predicted)
            for job in jobs
        }
        ended: dict[int, ClassStatus] = {}

        def fate(job: ClassJob) -> ClassStatus | None:
            return self.work.fate(planned[job.images.index], job.images.key)

        @contextmanager
        def claim(job: ClassJob) -> Iterator[Lost | None]:
            with self.work.claim(planned[job.images.index].slug) as mine:
                yield mine.is_lost if mine and fate(job) is None else None

        left = list(jobs)
        while left:
            mine = run(left, workshop, features, report=report, claim=claim)
            ended |= {one.index: one for one in mine}
            others = {
                job.images.index: one
                for job in left
                if job.images.index not in ended and (one := fate(job)) is not None
            }
            report(Elsewhere(len(others)))
            ended |= others
            left = [job for job in left if job.images.index not in ended]
            if left and not mine:
                slugs = [planned[job.images.index].slug for job in left]
                report(Waiting(f"{len(left)} classes, {self._whose('', slugs)}"))
                time.sleep(POLL)
        return list(ended.values())

    @property
    def shard(self) -> str:
        """What this shard is called, and its segment of the table."""
        assert self.config.shard is not None
        return self.config.shard

    def _predict(self, name: str, share: range, report: Report) -> None:
        report(Part(name, len(share)))

        def heard(event: Event) -> None:
            if not (isinstance(event, Predicted) and event.cached):
                report(event)

        predict_source(self.workshop, self.config, report=heard, writer=self.shard, share=share)
        self.work.predicted(name, len(share))

    def _whose(self, prefix: str, names: Sequence[str]) -> str:
        """Say who is at work at the first of these pieces."""
        for name in names:
            if (other := lease.owner(self.work.leases, prefix + name)) is not None:
                return f"{name} by process {other.pid} on {other.host}"
        return f"{names[0]}"
