"""One class to compute: what any engine needs to run it, here or in another process.

A job is picklable and holds neither lock nor callback. What it is done with, the network and the
pictures, is opened once in every process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from PIL import Image

from lens_site.activations import Activations, Features, Loading, class_activations
from lens_site.activations.encode import one_thread_each
from lens_site.atomic import refuse_gone
from lens_site.classes.inputs import ClassImages, FinerMaps, Settings
from lens_site.classes.stages import compute_class
from lens_site.classes.studio import Studio
from lens_site.classifier import Classifier
from lens_site.errors import LensError, OutputError, StageError, UnreadableImage
from lens_site.images import ImageSource
from lens_site.results import store
from lens_site.results.schema import ClassName, ClassResult, ClassStatus, Status


@dataclass(frozen=True)
class ClassJob:
    """The images of one class, where they lie in the source, and where the result goes."""

    images: ClassImages
    positions: tuple[int, ...]
    settings: Settings
    run_dir: Path


@dataclass(frozen=True)
class Workshop:
    """What jobs are done with in one process.

    ``finer`` is there for sub-concepts alone, ``studio`` for visualizations; ``why`` says what was
    measured to choose the encoder's runtime.
    """

    source: ImageSource
    classifier: Classifier
    finer: Classifier | None
    loading: Loading
    studio: Studio | None = None
    why: str = ""

    @cached_property
    def labels(self) -> Int[np.ndarray, " n"]:
        """Class index of the folder of every image, −1 where it is no class."""
        match = cache(self.classifier.labels.match)
        many = len(self.source.keys)
        groups = (self.source.group(i) for i in range(many))
        found = (None if group is None else match(group) for group in groups)
        return np.fromiter((-1 if label is None else label for label in found), np.int64, many)


@dataclass(frozen=True)
class Gathered:
    """The activations of a job's images, and those of an earlier layer where they are asked for."""

    activations: Activations
    finer: FinerMaps | None


class Computed(NamedTuple):
    """The result of a job and its files by name, not written yet."""

    result: ClassResult
    files: Mapping[str, bytes]


def gather(job: ClassJob, workshop: Workshop, features: Features | None) -> Gathered:
    """Read the activations of a job: the only part of it that uses the network's encoder.

    Raises
    ------
    StageError
        When an image that could be read before cannot be read now.
    """

    def of(classifier: Classifier, kept: Features | None) -> Activations:
        return class_activations(
            workshop.source, classifier, job.positions, workshop.loading,
            features=kept, windows=job.settings.crops,
        )  # fmt: skip

    activations = of(workshop.classifier, features)
    if workshop.finer is None:
        return Gathered(activations, None)
    maps = of(workshop.finer, None).patches
    return Gathered(activations, FinerMaps(workshop.finer.parts.layer, maps))


def compute(job: ClassJob, workshop: Workshop, gathered: Gathered) -> Computed:
    """Compute a class; raises LensError as ``compute_class``."""

    def open_image(i: int, min_side: int) -> Image.Image:
        try:
            return workshop.source.open(job.positions[i], min_side)
        except UnreadableImage as error:
            raise StageError(
                f"{job.images.names[i]}: {error}; it changed during the build: start again"
            ) from error

    result, files = compute_class(
        job.images, gathered.activations, open_image, workshop.classifier, job.settings,
        gathered.finer, workshop.studio,
    )  # fmt: skip
    return Computed(result, files)


def write(job: ClassJob, workshop: Workshop, computed: Computed) -> ClassStatus:
    """Write the result of a job in one step.

    Raises
    ------
    OutputError
        When it cannot be written, or the run's folder has gone.
    """
    refuse_gone(job.run_dir)
    store.write_class(job.run_dir, computed.result, computed.files)
    return status(workshop.classifier.labels[job.images.index], "built", job.images.predicted)


def run(job: ClassJob, workshop: Workshop) -> ClassStatus:
    """Do a whole job in a process that does one at a time, with one thread as everywhere.

    Raises
    ------
    OutputError
        When nothing can be written.
    """
    with one_thread_each():
        try:
            return write(job, workshop, compute(job, workshop, gather(job, workshop, None)))
        except Exception as error:
            return failure(job, workshop, error)


def failure(job: ClassJob, workshop: Workshop, error: Exception) -> ClassStatus:
    """Say what went wrong with a job: one class must not take the others with it.

    Raises
    ------
    OutputError
        When nothing can be written: then no other class can be either.
    """
    if isinstance(error, OutputError):
        raise error
    reason = str(error) if isinstance(error, LensError) else f"{type(error).__name__}: {error}"
    name = workshop.classifier.labels[job.images.index]
    return status(name, "failed", job.images.predicted, reason)


def status(name: ClassName, what: Status, images: int, reason: str = "") -> ClassStatus:
    """Say what became of a class."""
    return ClassStatus(
        index=name.index, slug=name.slug, name=name.name, status=what, images=images, reason=reason
    )


def largest_first(jobs: Sequence[ClassJob]) -> list[ClassJob]:
    """Jobs in the order that leaves the last worker the least to wait for."""
    return sorted(jobs, key=lambda job: (-len(job.images.names), job.images.index))
