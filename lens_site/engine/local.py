"""Build on this machine: one predicting pass, then the classes, a few at a time."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import torch
from PIL import Image

from lens_site import atomic, pipeline
from lens_site.activations import Activations, Features, Loading, class_features, predict
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig, digest
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.events import ClassBegun, ClassEnded, Loaded, Planned, Predicted, Report
from lens_site.engine.plan import Plan, make_plan
from lens_site.engine.record import run_result
from lens_site.engine.times import Times
from lens_site.errors import ClassError, LensError, OutputError, ResultError
from lens_site.explanation import ClassImages
from lens_site.images import ImageSource, open_source
from lens_site.recursion import Earlier
from lens_site.results import read_class, store
from lens_site.results.predictions import Prediction, read_predictions, write_predictions
from lens_site.results.schema import RESULT_VERSION, ClassStatus, RunResult

PREDICT_VERSION = 2
"""Changes whenever the same image would be predicted otherwise."""


@dataclass(frozen=True)
class Job:
    """What stays the same while a build runs."""

    config: BuildConfig
    source: ImageSource
    classifier: Classifier
    finer: Classifier | None
    loading: Loading
    run_dir: Path
    report: Report
    network: Lock = field(default_factory=Lock)
    """One class at a time uses the network."""


def build(config: BuildConfig, *, report: Report) -> tuple[Path, RunResult]:
    """Compute every class that is asked for and not there yet; return the run and its folder.

    Raises
    ------
    UsageError
        When model, images or classes cannot be had as asked.
    OutputError
        When the output folder cannot be written; finished classes are kept.
    """
    keep_freed_memory()
    times = Times(report)
    prepare_output(config.out)
    source = open_source(config.data)
    classifier = load_classifier(
        config.model, weights=config.weights, device=config.device, layer=config.layer
    )
    pipeline.check(classifier, config)
    selected = classifier.labels.select(config.classes)
    run = config.run_name(source.name, _identity(classifier), RESULT_VERSION)
    job = Job(
        config=config,
        source=source,
        classifier=classifier,
        finer=pipeline.earlier(classifier, config) if config.recursive else None,
        loading=loading(config, classifier),
        run_dir=config.out / "results" / run,
        report=times,
    )
    times(Loaded(classifier.name, str(classifier.device), source.name, len(source.keys)))
    rows, features = _predict(job)
    labels = [_label(classifier, source, i) for i in range(len(source.keys))]
    plan = make_plan(
        rows,
        source.keys,
        labels,
        selected,
        config,
        run=run,
        keys=_keys(job.run_dir, [classifier.labels[i].slug for i in selected]),
    )
    _refuse_nothing(plan, classifier, rows, config)
    times(Planned(len(plan.compute), len(plan.current)))
    statuses = [_built(job, images) for images in plan.current]
    with _one_thread_each():
        statuses += _compute(job, plan, features)
    statuses += [
        _few(job, index, count) for index, count in plan.few.items() if _mention(job, count)
    ]
    result = run_result(run, config, source, classifier, rows, labels, statuses)
    store.write_run(job.run_dir, result)
    times.stage("classes")
    times.write(config.out / "report.json", run)
    return job.run_dir, result


def prepare_output(out: Path) -> None:
    """Fail early, before an hour's work, when ``out`` cannot be written; sweep what was left."""
    atomic.write_bytes(
        out / "cache" / "CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55"
    )
    for folder in (out, out / "cache", out / "results", *sorted((out / "results").glob("*/"))):
        atomic.sweep(folder)


def loading(config: BuildConfig, classifier: Classifier) -> Loading:
    """Threads and batch size that are asked for, or that suit the device."""
    workers = config.workers or len(os.sched_getaffinity(0))
    return Loading(workers, config.batch_size or (128 if classifier.device.type == "cuda" else 16))


def _identity(classifier: Classifier) -> dict[str, object]:
    """All that makes one classifier another one."""
    return {
        "name": classifier.name,
        "weights": classifier.weights_sha256,
        "preprocessing": classifier.preprocessing.record(),
        "device": classifier.device.type,
    }


def _predict(job: Job) -> tuple[list[Prediction], Features]:
    identity = [
        _identity(job.classifier),
        PREDICT_VERSION,
        job.source.name,
        _place(job.config.data),
    ]
    path = job.config.out / "cache" / f"predictions-{digest(identity)[:16]}.json"
    known = {} if job.config.force else read_predictions(path)
    first = True

    def reported(images: int) -> None:
        nonlocal first
        job.report(Predicted(images, cached=first))
        first = False

    table, features = predict(
        job.source,
        job.classifier,
        known,
        job.loading,
        keep=job.config.patches == "grid",
        save=lambda table: write_predictions(path, table),
        report=reported,
    )
    return [table[key] for key in job.source.keys], features


def _place(data: str) -> str:
    path = Path(data)
    return str(path.resolve()) if path.exists() else data


def _label(classifier: Classifier, source: ImageSource, i: int) -> int:
    group = source.group(i)
    label = classifier.labels.match(group) if group is not None else None
    return -1 if label is None else label


def _keys(run_dir: Path, slugs: Sequence[str]) -> dict[int, str]:
    """Keys of the whole and undamaged results among ``slugs``; the others are computed anew."""
    keys = {}
    for slug in slugs:
        if not (run_dir / slug).is_dir():
            continue
        try:
            result = read_class(run_dir, slug)
        except ResultError:
            continue
        keys[result.name.index] = result.key
    return keys


def _refuse_nothing(
    plan: Plan, classifier: Classifier, rows: Sequence[Prediction], config: BuildConfig
) -> None:
    if plan.compute or plan.current:
        return
    counts: dict[int, int] = {}
    for row in rows:
        counts[row.predicted] = counts.get(row.predicted, 0) + 1
    top = sorted((c for c in counts if c >= 0), key=lambda c: (-counts[c], c))[:5]
    asked = (
        "no class"
        if len(plan.few) > 3
        else " and ".join(f"{classifier.labels[i].name} ({n} images)" for i, n in plan.few.items())
        + ": no class asked for"
    )
    most = ", ".join(f"{classifier.labels[c].name} {counts[c]}" for c in top)
    raise ClassError(
        f"classes: {asked} has --min-images {config.min_images} predicted images; "
        f"most predicted: {most}; lower --min-images or ask for another class"
    )


def _mention(job: Job, count: int) -> bool:
    return count > 0 or job.config.classes.strip().casefold() != "all"


def _compute(job: Job, plan: Plan, features: Features) -> list[ClassStatus]:
    """Compute classes in threads, largest first; a failed class stops no other."""
    order = sorted(plan.compute, key=lambda c: (-len(c.names), c.index))
    statuses = []
    pool = ThreadPoolExecutor(job.loading.workers, thread_name_prefix="class")
    waiting: set[Future[ClassStatus]] = {
        pool.submit(_one_class, job, c, plan.positions[c.index], features) for c in order
    }
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            statuses += [future.result() for future in done]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return statuses


def _one_class(
    job: Job, images: ClassImages, positions: tuple[int, ...], features: Features
) -> ClassStatus:
    name = job.classifier.labels[images.index]
    job.report(ClassBegun(name, len(images.names)))
    begun = time.perf_counter()
    status = _attempt(job, images, positions, features)
    job.report(ClassEnded(status, time.perf_counter() - begun))
    return status


def _attempt(
    job: Job, images: ClassImages, positions: tuple[int, ...], features: Features
) -> ClassStatus:
    try:
        with job.network:
            found, earlier = _activations(job, positions, features)
        for i in positions:
            features.kept.pop(i, None)

        def open_image(i: int, min_side: int) -> Image.Image:
            return job.source.open(positions[i], min_side)

        result, files = pipeline.compute_class(
            images, found, open_image, job.classifier, job.config, earlier
        )
        store.write_class(job.run_dir, result, files)
    except OutputError:
        raise
    except Exception as error:  # one class must not take the others with it
        reason = str(error) if isinstance(error, LensError) else f"{type(error).__name__}: {error}"
        return _status(job, images.index, "failed", images.predicted, reason)
    return _built(job, images)


def _activations(
    job: Job, positions: tuple[int, ...], features: Features
) -> tuple[Activations, Earlier | None]:
    """Patches of one class, and those of an earlier layer where they are asked for."""

    def patches(classifier: Classifier, kept: Features) -> Activations:
        return class_features(
            job.source, classifier, positions, kept, job.loading, job.config.patches
        )

    found = patches(job.classifier, features)
    if job.finer is None:
        return found, None
    return found, Earlier(job.finer.parts.layer, patches(job.finer, Features()).patches)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Give every class one thread of torch's: several classes fill the cores with less waste."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _built(job: Job, images: ClassImages) -> ClassStatus:
    return _status(job, images.index, "built", images.predicted)


def _few(job: Job, index: int, count: int) -> ClassStatus:
    reason = f"{count} predicted images, --min-images {job.config.min_images}"
    return _status(job, index, "few", count, reason)


def _status(job: Job, index: int, status: str, images: int, reason: str = "") -> ClassStatus:
    name = job.classifier.labels[index]
    return ClassStatus(
        index=index, slug=name.slug, name=name.name, status=status, images=images, reason=reason
    )
