"""Jobs in threads of this process: one at a time reads activations, the rest computes."""

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Lock

from lens_site.activations import Features
from lens_site.engine.events import ClassBegun, ClassEnded, Report
from lens_site.engine.job import ClassJob, Workshop, compute, failure, gather, largest_first
from lens_site.results.schema import ClassStatus


def run(
    jobs: Sequence[ClassJob], workshop: Workshop, features: Features | None, *, report: Report
) -> list[ClassStatus]:
    """Compute classes in threads, largest first; a failed class stops no other.

    Raises
    ------
    OutputError
        When a result cannot be written; finished classes are kept.
    """
    network = Lock()  # the network fills the cores by itself
    statuses = []
    pool = ThreadPoolExecutor(workshop.loading.workers, thread_name_prefix="class")
    waiting: set[Future[ClassStatus]] = {
        pool.submit(_timed, job, workshop, features, network, report) for job in largest_first(jobs)
    }
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            statuses += [future.result() for future in done]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return statuses


def _timed(
    job: ClassJob, workshop: Workshop, features: Features | None, network: Lock, report: Report
) -> ClassStatus:
    report(ClassBegun(workshop.classifier.labels[job.images.index], len(job.images.names)))
    begun, busy = time.perf_counter(), time.thread_time()
    try:
        with network:
            gathered = gather(job, workshop, features)
        busy = time.thread_time()
        ended = compute(job, workshop, gathered)
    except Exception as error:
        ended = failure(job, workshop, error)
    report(ClassEnded(ended, time.perf_counter() - begun, time.thread_time() - busy))
    return ended
