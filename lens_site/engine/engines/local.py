"""Jobs in threads of this process: one at a time reads activations, the rest computes."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from lens_site.activations import Features
from lens_site.engine.engines import Engine
from lens_site.engine.events import ClassBegun, ClassEnded, ClassLeft, Report
from lens_site.engine.job import ClassJob, Workshop, compute, failure, gather, largest_first, write
from lens_site.engine.predicting import predict_source
from lens_site.results.predictions import Predictions
from lens_site.results.schema import ClassStatus

Lost = Callable[[], bool]
"""Says whether a job that was ours is another's by now, for we were thought gone."""

Claim = Callable[[ClassJob], AbstractContextManager[Lost | None]]
"""Keeps others off a job; None where it is not ours to do."""


class Local(Engine):
    """Threads of this process."""

    name = "local"

    def predict(self, *, report: Report) -> tuple[Predictions, Features]:
        """See :class:`Engine`."""
        return predict_source(self.workshop, self.config, report=report)

    def run(
        self, jobs: Sequence[ClassJob], workshop: Workshop, features: Features, *, report: Report
    ) -> list[ClassStatus]:
        """See :class:`Engine`."""
        return run(jobs, workshop, features, report=report)


def run(
    jobs: Sequence[ClassJob],
    workshop: Workshop,
    features: Features | None,
    *,
    report: Report,
    claim: Claim = lambda job: nullcontext(lambda: False),
) -> list[ClassStatus]:
    """Compute classes in threads, largest first; a failed class stops no other.

    What ``claim`` leaves to others is left out.

    Raises
    ------
    OutputError
        When a result cannot be written; finished classes are kept.
    """
    network = Lock()  # the network fills the cores by itself
    statuses: list[ClassStatus] = []

    def owned(job: ClassJob) -> ClassStatus | None:
        with claim(job) as lost:
            return timed(job, workshop, features, network, lost, report) if lost else None

    pool = ThreadPoolExecutor(workshop.loading.workers, thread_name_prefix="class")
    waiting: set[Future[ClassStatus | None]] = {
        pool.submit(owned, job) for job in largest_first(jobs)
    }
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            statuses += [ended for future in done if (ended := future.result()) is not None]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return statuses


def timed(
    job: ClassJob,
    workshop: Workshop,
    features: Features | None,
    network: Lock,
    lost: Lost,
    report: Report,
) -> ClassStatus | None:
    """Compute a class, one of several at once, and say what became of it; raises OutputError.

    None for one that is another's by now: nothing is written of it.
    """
    name = workshop.classifier.labels[job.images.index]
    report(ClassBegun(name, len(job.images.names)))
    begun, busy = time.perf_counter(), time.thread_time()
    try:
        with network:
            gathered = gather(job, workshop, features)
        busy = time.thread_time()
        computed = compute(job, workshop, gathered)
        ended = None if lost() else write(job, workshop, computed)
    except Exception as error:
        failed = failure(job, workshop, error)
        ended = None if lost() else failed
    if ended is None:
        report(ClassLeft(name))
        return None
    report(ClassEnded(ended, time.perf_counter() - begun, time.thread_time() - busy))
    return ended
