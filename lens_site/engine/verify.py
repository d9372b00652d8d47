"""A few classes of a run computed again from pictures and weights, and compared byte by byte.

Which images a class has is taken from its result; what the network says of them is asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lens_site import atomic, named
from lens_site.activations.encode import one_thread_each
from lens_site.classes.studio import open_studio
from lens_site.config import BuildConfig
from lens_site.engine.build import loaded, open_workshop, settings_of
from lens_site.engine.engines import local
from lens_site.engine.events import Planned, Predicted, Report
from lens_site.engine.job import ClassJob
from lens_site.engine.plan import Images, class_images
from lens_site.engine.predicting import identity, predict_all
from lens_site.engine.spectrum import kept_spectrum
from lens_site.errors import ConfigError
from lens_site.results import read_class, read_run
from lens_site.results.predictions import nothing_known
from lens_site.results.schema import RESULT_VERSION, RunResult


@dataclass(frozen=True)
class Verdict:
    """What of a class is not as it is stored: file names, or a reason; both empty for nothing."""

    slug: str
    files: int
    differing: tuple[str, ...]
    reason: str = ""

    @property
    def is_same(self) -> bool:
        """Whether every byte is the same."""
        return not self.differing and not self.reason


def sample_of(run: RunResult, many: int, *, seed: int) -> list[str]:
    """Draw built classes of a run; all of them where there are no more."""
    built = [one.slug for one in run.classes if one.status == "built"]
    drawn = np.random.default_rng(seed).permutation(len(built))[:many]
    return [built[i] for i in sorted(drawn)]


def config_of(run_dir: Path, given: dict[str, object]) -> dict[str, object]:
    """Return the options that a run was built with, and those ``given`` in their place.

    Raises
    ------
    ConfigError
        When its pictures are a folder and it is not given where.
    """
    run = read_run(run_dir)
    written = {**run.config, "runtime": run.runtime.name}
    if "data" not in given and written["data"] not in named.names("images.sources"):
        raise ConfigError(f"verify: the run is of {written['data']}; say where that is by --data")
    return {"visualization": "off", **written, **given}


def verify(
    run_dir: Path, slugs: Sequence[str], config: BuildConfig, scratch: Path, *, report: Report
) -> list[Verdict]:
    """Compute classes of a run again, into ``scratch``, and compare every file.

    Raises
    ------
    ConfigError
        When model, weights, device or pictures are not those of the run.
    ResultError
        When a stored result cannot be read at all.
    """
    run, workshop = read_run(run_dir), open_workshop(config)
    source, classifier = workshop.source, workshop.classifier
    name = config.run_name(source.name, identity(classifier), RESULT_VERSION)
    if name != run.run:
        raise ConfigError(
            f"verify: the run {run.run} is of {run.data.name} by {run.classifier.name} on "
            f"{run.device}, this would be {name} ({source.name}, {classifier.name}, "
            f"{classifier.device}); give the --data, --model, --weights and --device of the "
            "build, and the same version of Lens"
        )
    report(loaded(workshop))
    places = {key: i for i, key in enumerate(source.keys)}
    stored = [read_class(run_dir, slug, verify=False) for slug in slugs]
    positions = {
        one.name.slug: tuple(places.get(image.key, -1) for image in one.images) for one in stored
    }
    whole = [one for one in stored if -1 not in positions[one.name.slug]]
    table = nothing_known(np.zeros((len(source.keys), 2), np.uint64))
    todo = sorted({i for one in whole for i in positions[one.name.slug]})
    report(Predicted(len(table) - len(todo), cached=True))
    with one_thread_each():
        predict_all(
            source, classifier, workshop.loading, table, todo,
            append=lambda rows, reasons: None,
            heard=lambda batch: report(Predicted(batch.images, cached=False)),
        )  # fmt: skip
    images = Images(table, source.keys, workshop.labels)
    again = scratch / run.run
    atomic.mark(again)
    if config.visualization != "off":
        studio = open_studio(classifier, config.visualization, kept_spectrum(run_dir, classifier))
        workshop = replace(workshop, studio=studio)
    jobs = [
        ClassJob(
            class_images(one.name.index, places_of, one.predicted, images, run.run),
            places_of,
            settings_of(config),
            again,
        )
        for one in whole
        for places_of in [positions[one.name.slug]]
    ]
    report(Planned(len(jobs), 0))
    with one_thread_each():
        statuses = {one.slug: one for one in local.run(jobs, workshop, None, report=report)}
    return [
        Verdict(slug, 0, (), "pictures of it are not among those of --data")
        if slug not in statuses
        else Verdict(slug, 0, (), statuses[slug].reason)
        if statuses[slug].status == "failed"
        else _compared(slug, run_dir / slug, again / slug)
        for slug in slugs
    ]


def _compared(slug: str, stored: Path, again: Path) -> Verdict:
    names = {path.name for folder in (stored, again) for path in folder.iterdir()}

    def data(path: Path) -> bytes | None:
        return path.read_bytes() if path.is_file() else None

    differing = [name for name in sorted(names) if data(stored / name) != data(again / name)]
    return Verdict(slug, len(names), tuple(differing))
