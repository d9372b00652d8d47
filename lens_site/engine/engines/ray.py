"""A Ray cluster: every worker loads the model once, then predicts images and computes classes.

A worker is an actor of one CPU, or of one GPU and its share of the CPUs, then with several classes
under way. All nodes see the output folder: rows go to a segment a worker, classes to their place;
what crosses the cluster is a job and what became of it. Work of a node that is lost goes to
another one, nodes that come get workers. The driver, this process, plans and joins.
"""

import math
import shutil
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn, TypeVar

import numpy as np

from lens_site import named
from lens_site.activations import Features
from lens_site.activations.encode import one_thread_each
from lens_site.classes.studio import open_studio
from lens_site.config import BuildConfig
from lens_site.engine.build import open_workshop
from lens_site.engine.engines import Engine
from lens_site.engine.engines.local import timed
from lens_site.engine.events import ClassBegun, ClassEnded, Predicted, Report, Waiting
from lens_site.engine.job import ClassJob, Workshop, largest_first, status
from lens_site.engine.predicting import (
    kept_activations,
    known_predictions,
    predict_all,
    predict_source,
    table_folder,
)
from lens_site.engine.spectrum import kept_spectrum
from lens_site.engine.work import Work
from lens_site.errors import ConfigError, LensError, OutputError, first_line
from lens_site.results.predictions import Predictions, Segment, nothing_known
from lens_site.results.schema import ClassStatus

cluster: Any = None
"""The library, where it is installed."""

with suppress(ImportError):
    cluster = import_module("ray")

LOOK = 2.0
"""Seconds between two looks at what nodes there are."""

CHUNK = 512
"""Images a task of the predicting pass at most."""

PATIENCE = 600.0
"""Seconds that a cluster may be without a worker."""

FINISH = 60.0
"""Seconds that what is under way may take to end when the build ends early."""

Task = TypeVar("Task")


@dataclass
class Ray(Engine):
    """A cluster of machines that share the output folder, or the cores of this one."""

    name = "ray"

    crew: "Crew | None" = field(default=None, init=False)

    @classmethod
    @contextmanager
    def connected(cls, config: BuildConfig) -> Iterator[None]:
        """See :class:`Engine`."""
        if cluster is None:
            raise ConfigError("engine: ray is not installed; type: pip install 'lens-site[ray]'")
        ours = signal.getsignal(signal.SIGTERM)
        try:
            cluster.init(
                address=config.address, log_to_driver=False, include_dashboard=False,
                logging_level="ERROR",
            )  # fmt: skip
        except Exception as error:  # Ray raises ConnectionError, RuntimeError, ValueError and more
            raise ConfigError(
                f"engine: no Ray cluster at {config.address or 'this machine'} "
                f"({first_line(error)}); start one by ray start --head, or leave out --address"
            ) from error
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, ours)  # Ray has put its own in its place
        try:
            yield
        finally:
            cluster.shutdown()

    def predict(self, *, report: Report) -> tuple[Predictions, Features]:
        """See :class:`Engine`; every worker writes to its own segment of the table."""
        config = self.config
        if config.force:
            shutil.rmtree(table_folder(self.workshop, config), ignore_errors=True)
            config = config.model_copy(update={"force": False})
        known = known_predictions(self.workshop, config)
        todo: np.ndarray = known.unknown
        report(Predicted(len(known) - len(todo), cached=True))
        crew = self._crew(report)
        size = min(CHUNK, max(16, len(todo) // (4 * crew.wanted())))
        chunks = [todo[i : i + size].tolist() for i in range(0, len(todo), size)]
        folder = table_folder(self.workshop, config).absolute()

        def start(hand: Any, chunk: list[int], again: bool) -> Any:
            return hand.predict.remote(chunk, known.image[chunk], folder)

        with closing(crew.spread(chunks, start)) as done:
            for chunk, _ in done:
                report(Predicted(len(chunk), cached=False))
        rows, _ = predict_source(self.workshop, config, report=lambda event: None)
        return rows, kept_activations(self.workshop, config, rows)

    def run(
        self, jobs: Sequence[ClassJob], workshop: Workshop, features: Features, *, report: Report
    ) -> list[ClassStatus]:
        """See :class:`Engine`."""
        labels, begun, statuses = workshop.classifier.labels, set[int](), list[ClassStatus]()

        def start(hand: Any, job: ClassJob, again: bool) -> Any:
            if job.images.index not in begun:
                begun.add(job.images.index)
                report(ClassBegun(labels[job.images.index], len(job.images.names)))
            return hand.compute.remote(_absolute(job), again and not self.config.force)

        with closing(self._crew(report).spread(largest_first(jobs), start)) as done:
            for _, (ended, seconds) in done:
                statuses.append(ended)
                report(ClassEnded(ended, seconds, math.nan))
        return statuses

    def _crew(self, report: Report) -> "Crew":
        if self.crew is None:
            gpu = self.workshop.classifier.device.type == "cuda"
            runtime = self.workshop.classifier.runtime.name  # whatever a node would find faster
            config = self.config.model_copy(update={"runtime": runtime})
            self.crew = Crew(config, self.work.run, gpu, report)
        return self.crew


class Hand:
    """What runs in a worker: the model, and what is done with it."""

    def open(self, config: BuildConfig, run: str) -> None:
        """Load the model, once.

        Raises
        ------
        ConfigError
            Where this node does not see the output folder.
        """
        here = cluster.get_runtime_context()
        self.actor = here.get_actor_id()[:16]
        self.config, self.work = config, Work(config.out, run)
        if not self.work.told():
            raise ConfigError(
                f"out: {config.out} is another folder on node {here.get_node_id()[:8]} of the "
                "cluster; give an --out that all nodes share"
            )
        self.workshop = open_workshop(config)
        self.table = nothing_known(np.zeros((len(self.workshop.source.keys), 2), np.uint64))
        self.network = Lock()

    def predict(self, positions: list[int], images: np.ndarray, table: Path) -> int:
        """Predict images, named as they were, into this worker's segment of a table."""
        workshop = self.workshop
        self.table.image[positions] = images
        with one_thread_each(), Segment(table / f"ray-{self.actor}") as segment:
            predict_all(
                workshop.source, workshop.classifier, workshop.loading, self.table, positions,
                append=segment.append, heard=lambda batch: None,
            )  # fmt: skip
        return len(positions)

    def compute(self, job: ClassJob, again: bool) -> tuple[ClassStatus, float] | None:
        """Compute a class; None while another worker owns it.

        ``again``: a worker was lost with it, perhaps after its result was written.
        """
        name = self.workshop.classifier.labels[job.images.index]
        with self.work.claim(name.slug) as mine:
            if mine is None:
                return None
            planned = status(name, "built", job.images.predicted)
            if again and (fate := self.work.fate(planned, job.images.key)) is not None:
                return fate, 0.0
            begun = time.perf_counter()
            with one_thread_each():
                ended = timed(
                    job, self._with_studio(), None, self.network, mine.is_lost, lambda event: None
                )
            return None if ended is None else (ended, time.perf_counter() - begun)

    def _with_studio(self) -> Workshop:
        workshop, level = self.workshop, self.config.visualization
        if level != "off" and workshop.studio is None:
            spectrum = kept_spectrum(self.work.run_dir, workshop.classifier)
            studio = open_studio(workshop.classifier, level, spectrum)
            self.workshop = replace(workshop, studio=studio)
        return self.workshop


class Crew:
    """The workers there are, and those on their way."""

    def __init__(self, config: BuildConfig, run: str, gpu: bool, report: Report) -> None:
        has = cluster.cluster_resources()
        self._gpu = gpu
        self._cpus = max(1, int(has.get("CPU", 1) // max(has.get("GPU", 1), 1))) if gpu else 1
        self._report = report
        self._kind = cluster.remote(
            num_cpus=self._cpus, num_gpus=int(gpu), max_concurrency=self._cpus,
            runtime_env={"env_vars": {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}},
        )(Hand)  # fmt: skip
        self._config = config.model_copy(update={"workers": self._cpus, **_places(config, gpu)})
        self._run = run
        self._free: list[Any] = []  # each as often as it can take one more task
        self._coming: dict[Any, Any] = {}  # by what tells that they are ready
        self._alive: list[Any] = []
        self._looked = self._lonely = time.monotonic() - LOOK

    def wanted(self) -> int:
        """How many workers the cluster as it is now can hold."""
        has = cluster.cluster_resources()
        many = int(has.get("GPU", 0)) if self._gpu else int(has.get("CPU", 0))
        return max(1, many)

    def spread(
        self, tasks: Sequence[Task], start: Callable[[Any, Task, bool], Any]
    ) -> Generator[tuple[Task, Any]]:
        """Have every task done once, yield it with its outcome; to be closed.

        ``start`` gives a task to a worker and hears whether it was given to another before. An
        outcome of None asks for the task to be given again later. When the build ends early,
        what is under way is finished.
        """
        busy: dict[Any, tuple[Any, Task]] = {}
        try:
            yield from self._spread(deque((task, False) for task in tasks), busy, start)
        finally:
            if busy:
                cluster.wait(list(busy), num_returns=len(busy), timeout=FINISH)

    def _spread(
        self,
        todo: deque[tuple[Task, bool]],
        busy: dict[Any, tuple[Any, Task]],
        start: Callable[[Any, Task, bool], Any],
    ) -> Iterator[tuple[Task, Any]]:
        while todo or busy:
            self._grow()
            while todo and self._free:
                hand = self._free.pop()
                task, again = todo.popleft()
                busy[start(hand, task, again)] = (hand, task)
            done, _ = cluster.wait([*busy, *self._coming], num_returns=1, timeout=LOOK)
            for reference in done:
                if reference in self._coming:
                    self._came(reference)
                    continue
                hand, task = busy.pop(reference)
                try:
                    outcome = cluster.get(reference)
                except cluster.exceptions.RayTaskError as error:
                    _raise(error)
                except cluster.exceptions.RayError:  # the worker or its node is gone
                    self._lost(hand)
                    todo.appendleft((task, True))
                    continue
                self._free.append(hand)
                if outcome is None:
                    todo.append((task, True))
                    time.sleep(0.2)
                else:
                    yield task, outcome

    def _grow(self) -> None:
        """Ask for as many workers as there is room for, now and then."""
        now = time.monotonic()
        if self._alive:
            self._lonely = now
        elif now - self._lonely > PATIENCE:
            raise OutputError(
                f"engine: no worker of the Ray cluster for {PATIENCE:.0f} s; look at ray status, "
                "the same command goes on"
            )
        if now - self._looked < LOOK:
            return
        self._looked = now
        for _ in range(self.wanted() - len(self._alive) - len(self._coming)):
            hand = self._kind.remote()
            self._coming[hand.open.remote(self._config, self._run)] = hand
        if not self._alive:
            self._report(Waiting("workers of the Ray cluster"))

    def _came(self, reference: Any) -> None:
        hand = self._coming.pop(reference)
        try:
            cluster.get(reference)
        except cluster.exceptions.RayTaskError as error:
            _raise(error)
        except cluster.exceptions.RayError:  # its node went before it was ready
            return
        self._alive.append(hand)
        self._free += [hand] * self._cpus

    def _lost(self, hand: Any) -> None:
        self._alive = [one for one in self._alive if one is not hand]
        self._free = [one for one in self._free if one is not hand]


def _places(config: BuildConfig, gpu: bool) -> dict[str, Any]:
    """Paths and device that mean the same on every node."""
    places: dict[str, Any] = {"out": config.out.absolute(), "device": "cuda" if gpu else "cpu"}
    data = Path(config.data)
    if config.data not in named.names("images.sources") and data.exists():
        places["data"] = str(data.absolute())
    if config.weights is not None:
        places["weights"] = config.weights.absolute()
    return places


def _absolute(job: ClassJob) -> ClassJob:
    return replace(job, run_dir=job.run_dir.absolute())


def _raise(error: Any) -> NoReturn:
    """Raise what a worker raised."""
    raise error.cause if isinstance(error.cause, LensError) else error
