"""A whole build, in its order: open, predict, plan, compute, write down, compare classes."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from lens_site import atomic, browser, lock, named
from lens_site.activations import Loading
from lens_site.activations.encode import CPU_BATCH, one_thread_each
from lens_site.activations.fitting import largest_batch
from lens_site.classes.inputs import ClassImages, Settings
from lens_site.classes.stages import check_method, check_methods, check_score, needs_nonnegative
from lens_site.classes.studio import check_gradients, open_studio
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import ENGINES, BuildConfig
from lens_site.engine.allocator import keep_freed_memory
from lens_site.engine.engines import Engine
from lens_site.engine.events import Expected, Loaded, Planned, Report
from lens_site.engine.job import ClassJob, Workshop, status
from lens_site.engine.join import join
from lens_site.engine.plan import Images, Plan, make_plan
from lens_site.engine.predicting import identity
from lens_site.engine.progress import Progress
from lens_site.engine.record import run_result
from lens_site.engine.refuse import refuse_concepts, refuse_data_in_output, refuse_nothing
from lens_site.engine.runtime import put_on, with_runtime
from lens_site.engine.shards import Shards
from lens_site.engine.spectrum import spectrum_of
from lens_site.engine.times import Times
from lens_site.engine.work import Work, clear
from lens_site.errors import ConfigError, ResultError
from lens_site.images import open_source, what_it_found
from lens_site.results import read_class, store
from lens_site.results.schema import RESULT_VERSION, BrowserNetwork, ClassStatus, RunResult

GPU_BATCH = 512
"""Images a pass on a GPU where --batch-size does not say, if they fit."""


def build(
    config: BuildConfig, *, report: Report, joining: ExitStack | None = None
) -> tuple[Path, RunResult | None]:
    """Compute every class that is asked for and not there yet; return the run and its folder.

    Of several shards one returns the run, the others None. That one's work is done, for the others
    to know, when it leaves ``joining``: what belongs to the end of a build is done inside.

    Raises
    ------
    UsageError
        When model, images or classes cannot be had as asked.
    OutputError
        When the output folder cannot be written; finished classes are kept.
    """
    keep_freed_memory()
    refuse_data_in_output(config)
    if config.shard is None:
        clear(config.out)
    prepare_output(config.out)
    kind = engine_of(config)
    with ExitStack() as here, kind.connected(config):
        return _build(kind, config, report, joining or here)


def _build(
    kind: type[Engine], config: BuildConfig, report: Report, joining: ExitStack
) -> tuple[Path, RunResult | None]:
    times = Times(report)
    workshop = open_workshop(config)
    source, classifier = workshop.source, workshop.classifier
    selected = classifier.labels.select(config.classes)
    run = config.run_name(source.name, identity(classifier), RESULT_VERSION)
    work = Work(config.out, run)
    run_dir = work.run_dir
    heard = Progress(times, work, config)
    heard(loaded(workshop))
    engine = kind(config, workshop, work)
    with one_thread_each():
        rows, features = engine.predict(report=heard)
    images = Images(rows, source.keys, workshop.labels)
    keys = _keys(run_dir, [classifier.labels[i].slug for i in selected])
    plan = make_plan(images, selected, config, run=run, keys=keys)
    atomic.refuse_gone(config.out / "cache")
    refuse_nothing(plan, classifier, rows, config)
    refuse_concepts(plan, classifier, config)
    atomic.mark(run_dir)
    if config.visualization != "off" and plan.compute:
        with one_thread_each():
            spectrum = spectrum_of(run_dir, workshop, rows, config)
            studio = open_studio(classifier, config.visualization, spectrum)
        workshop = replace(workshop, studio=studio)
    _write_down(plan, images, workshop, config, work)
    heard(Expected(len(plan.compute), sum(len(one.names) for one in plan.compute)))
    heard(Planned(len(plan.compute), len(plan.current)))
    jobs = [
        ClassJob(one, plan.positions[one.index], settings_of(config), run_dir)
        for one in plan.compute
    ]
    with one_thread_each():
        statuses = engine.run(jobs, workshop, features, report=heard)
    statuses += _left(plan, classifier, config)
    times.stage("classes")
    if not joining.enter_context(work.joining()):
        return run_dir, None
    with one_thread_each():
        result = join(work, statuses, report=heard)
        times.stage("across")
        times.write(config.out / "report.json", work)
    return run_dir, result


def loaded(workshop: Workshop) -> Loaded:
    """Tell what was opened."""
    source, classifier = workshop.source, workshop.classifier
    how = classifier.runtime.in_words + (f" ({workshop.why})" if workshop.why else "")
    found = what_it_found(source)
    return Loaded(
        classifier.name, str(classifier.device), source.name, len(source.keys), found, how
    )


def engine_of(config: BuildConfig) -> type[Engine]:
    """Return what spreads the work: the other shards, or what ``--engine`` names."""
    if config.shard is not None:
        return Shards
    return named.method(config.engine, ENGINES, Engine, "engine")  # type: ignore[type-abstract]


def _write_down(
    plan: Plan, images: Images, workshop: Workshop, config: BuildConfig, work: Work
) -> None:
    """Leave the run as it will be, and its network, for whoever joins it.

    Raises
    ------
    ConfigError
        When others are at work at the same run with other classes or pictures.
    """
    planned = (*plan.compute, *plan.current)
    labels = workshop.classifier.labels
    keys = {labels[one.index].slug: one.key for one in planned}
    if work.is_planned() and work.keys() == keys:
        return
    if work.is_planned() and config.shard and lock.others(config.out, config.shard):
        raise ConfigError(
            "shard: other shards are at work with other classes or pictures; give all of them the "
            "same --data, --classes, --min-images and --max-images"
        )
    built = [status(labels[one.index], "built", one.predicted) for one in planned]
    few = [one for one in _left(plan, workshop.classifier, config) if one.status == "few"]
    network, recorded = for_browser(config, workshop.classifier, work.run_dir)
    store.write_network(work.folder, network)
    result = run_result(work.run, config, workshop, images, [*built, *few], recorded)
    work.plan(result, keys, [labels[one.index].slug for one in plan.current])


def for_browser(
    config: BuildConfig, classifier: Classifier, run_dir: Path
) -> tuple[bytes | None, BrowserNetwork | None]:
    """Return the network for the visitor's browser, and what is recorded of it.

    That of the last build is taken where it is whole: a run has one network.
    """
    if config.no_browser:
        return None, None
    data = None if config.force else _last_network(run_dir)
    if data is None or not browser.is_current(data, classifier, limit=config.browser_limit):
        try:
            data = browser.export(classifier, limit=config.browser_limit)
        except browser.NotInBrowser as reason:
            return None, BrowserNetwork(reason=str(reason))
    digest = store.sha256(data)
    return data, BrowserNetwork(file=store.NETWORK, sha256=digest, bytes=len(data))


def _last_network(run_dir: Path) -> bytes | None:
    """Read the network of the last build of a run; None where there is none, or a damaged one."""
    try:
        return store.read_network(run_dir, store.read_run(run_dir))
    except ResultError:
        return None


def open_workshop(config: BuildConfig) -> Workshop:
    """Open the pictures and load the network, cut as the configuration asks.

    Raises
    ------
    UsageError
        When they cannot be had as asked, or the method cannot take the activations.
    """
    check_methods(settings_of(config))
    source = open_source(config.data)
    classifier = load_classifier(
        config.model, weights=config.weights, device=config.device, layer=config.layer
    )
    check_method(classifier, config.extraction)
    check_score(classifier, settings_of(config))
    if config.visualization != "off":
        check_gradients(classifier)
    nonnegative = needs_nonnegative(config.extraction)
    finer = classifier.at_finer_layer(nonnegative=nonnegative) if config.recursive else None
    loading = loading_of(config, classifier)
    found = with_runtime(config, source, classifier, loading)
    if finer is not None:
        finer = put_on(finer, found.classifier.runtime, loading)
    return Workshop(source, found.classifier, finer, loading, why=found.why)


def settings_of(config: BuildConfig) -> Settings:
    """Return what of the configuration the classes need to know."""
    return Settings(
        extraction=config.extraction,
        concepts=config.concepts,
        crops=config.patches == "crops",
        score=config.score,
        importance=config.importance,
        strategies=config.strategies,
        seed=config.seed,
    )


def loading_of(config: BuildConfig, classifier: Classifier) -> Loading:
    """Threads and batch size that are asked for, or that suit the device."""
    workers = config.workers or len(os.sched_getaffinity(0))
    if classifier.device.type == "cpu":
        return Loading(workers, CPU_BATCH)
    return Loading(workers, largest_batch(classifier, config.batch_size or GPU_BATCH))


def prepare_output(out: Path) -> None:
    """Fail early, before an hour's work, when ``out`` cannot be written."""
    for name in ("cache", "results"):
        atomic.mark(out / name)
    atomic.write_bytes(
        out / "cache" / "CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55"
    )


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


def _left(plan: Plan, classifier: Classifier, config: BuildConfig) -> list[ClassStatus]:
    """Statuses of the classes that are not computed: still right, or with too few images."""

    def of(images: ClassImages) -> ClassStatus:
        return status(classifier.labels[images.index], "built", images.predicted)

    asked_by_name = config.classes.strip().casefold() != "all"
    few = [
        status(
            classifier.labels[index],
            "few",
            count,
            f"{count} predicted images, --min-images {config.min_images}",
        )
        for index, count in plan.few.items()
        if count > 0 or asked_by_name
    ]
    return [*map(of, plan.current), *few]
