"""Which images need a prediction, and the table of all of them, saved on the way."""

import shutil
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from lens_site.activations import Features, Loading
from lens_site.activations.packing import shape_of
from lens_site.activations.predict import PredictedBatch, predict
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.cache import Keeping, KeptOnDisk
from lens_site.engine.events import Predicted, Report
from lens_site.engine.expecting import Expecting
from lens_site.engine.job import Workshop
from lens_site.engine.keeper import Keeper
from lens_site.errors import LostImages, SourceError
from lens_site.images import ImageSource
from lens_site.images.splits import place_of
from lens_site.results.numbers import digest
from lens_site.results.predictions import (
    ROW,
    UNREADABLE,
    Predictions,
    Rows,
    Segment,
    identities,
    nothing_known,
    read_predictions,
)

PREDICT_VERSION = 4
"""Changes whenever the same image would be predicted otherwise, or the table is another."""

Append = Callable[[Rows, Sequence[str]], None]
"""Hears the rows of a batch, and the reasons of the unreadable ones among them."""


def predict_source(
    workshop: Workshop,
    config: BuildConfig,
    *,
    report: Report,
    writer: str = "all",
    share: Sequence[int] | None = None,
) -> tuple[Predictions, Features]:
    """Predict what no pass over these images did before; the table is kept in ``OUT/cache``.

    There are the activations, too, of the images that can still be chosen when all are predicted,
    as far as ``--cache-size`` goes; they stay for the next build of other concepts.

    Rows go to the segment of ``writer``. With ``share``, only images at these positions are
    predicted; of the others is returned what is known.

    Raises
    ------
    SourceError
        When no image can be read.
    StageError, LostImages
        As ``predict_all``.
    OutputError
        When the table cannot be written; rows that are there are kept.
    """
    folder, kept = table_folder(workshop, config), cache_folder(workshop, config)
    for old in (config.out / "cache").glob("activations-*"):
        if old != kept or not _cache_bytes(config):
            shutil.rmtree(old, ignore_errors=True)
    if config.force:
        for of in (folder, kept):
            shutil.rmtree(of if share is None else of / writer, ignore_errors=True)
    table = known_predictions(workshop, config)
    todo = table.unknown if share is None else np.intersect1d(table.unknown, share)
    report(Predicted(len(table) - len(todo), cached=True))
    if len(todo):
        _predict_and_keep(workshop, config, table, todo, writer, report)
    _refuse_unreadable(workshop.source, table)
    return table, kept_activations(workshop, config, table)


def _predict_and_keep(
    workshop: Workshop,
    config: BuildConfig,
    table: Predictions,
    todo: Int[np.ndarray, " todo"],
    writer: str,
    report: Report,
) -> None:
    """Predict into the table in memory and on disk, and keep activations on the way."""
    folder, kept = table_folder(workshop, config), cache_folder(workshop, config)
    expecting = Expecting(table, workshop.labels, workshop.classifier.labels, config)
    with (
        Segment(folder / writer) as segment,
        Keeping(kept / writer, table.image, _cache_bytes(config)) as cache,
    ):
        keep = Keeper(workshop, config, table, cache)

        def heard(batch: PredictedBatch) -> None:
            keep(batch)
            report(expecting(batch))
            report(Predicted(batch.images, cached=False))

        predict_all(
            workshop.source, workshop.classifier, workshop.loading, table, todo,
            append=segment.append, heard=heard,
        )  # fmt: skip


def _cache_bytes(config: BuildConfig) -> int:
    """How much this process may keep; activations of windows are not."""
    writers = int(config.shard.rpartition("-")[2]) if config.shard else 1
    return config.cache_size * 10**9 // writers if config.patches == "grid" else 0


def table_folder(workshop: Workshop, config: BuildConfig) -> Path:
    """Where the table of this network on these images is."""
    facts = [
        identity(workshop.classifier), PREDICT_VERSION, workshop.source.name, place_of(config.data),
    ]  # fmt: skip
    return config.out / "cache" / f"predictions-{digest(facts)[:16]}"


def cache_folder(workshop: Workshop, config: BuildConfig) -> Path:
    """Where activations of this network at this layer are: such as only this machine computes."""
    facts = [
        table_folder(workshop, config).name, workshop.classifier.parts.layer,
        torch.__version__, torch.backends.cpu.get_cpu_capability(),
    ]  # fmt: skip
    return config.out / "cache" / f"activations-{digest(facts)[:16]}"


def kept_activations(workshop: Workshop, config: BuildConfig, table: Predictions) -> Features:
    """Find what all writers together have kept of the activations of these images."""
    folder = cache_folder(workshop, config)
    return KeptOnDisk(folder, table.image, shape_of(workshop.classifier))


def known_predictions(workshop: Workshop, config: BuildConfig) -> Predictions:
    """Read what all writers together have predicted of the images as they are now."""
    return read_predictions(table_folder(workshop, config), images_of(workshop.source))


def images_of(source: ImageSource) -> np.ndarray:
    """Name every image of the source as it is now: see ``predictions.identities``."""
    return identities(source.keys, (source.stamp(i) for i in range(len(source.keys))))


def predict_all(
    source: ImageSource,
    classifier: Classifier,
    loading: Loading,
    table: Predictions,
    todo: Sequence[int] | Int[np.ndarray, " todo"],
    *,
    append: Append,
    heard: Callable[[PredictedBatch], None],
) -> None:
    """Predict the images at ``todo`` into the table.

    ``append`` gets the rows of every batch at once, so that an interrupted pass goes on from there.
    ``heard`` gets every batch after that.

    Raises
    ------
    StageError
        When the network returns NaN.
    LostImages
        When all pictures of a batch have gone since the table was begun: a disk was unplugged.
    """
    for batch in predict(source, classifier, array("q", todo), loading):
        positions, rows, reasons = _rows(source, batch)
        if not batch.positions and (table.image[positions] != rows["image"]).any(axis=1).all():
            raise LostImages(
                f"data: pictures of {source.name} went away while they were read (first: "
                f"{source.keys[positions[0]]}: {reasons[0]}); bring them back, or leave them out; "
                "what is predicted is kept, the same command goes on from there"
            )
        table.put(positions, rows, reasons)
        append(rows, reasons)
        heard(batch)


def _refuse_unreadable(source: ImageSource, table: Predictions) -> None:
    """Refuse a set of which no image can be read; raises SourceError."""
    if bool((table.predicted == UNREADABLE).all()):
        raise SourceError(
            f"data: none of the {len(table)} images of {source.name} can be read "
            f"(first: {source.keys[0]}: {table.reasons[0]}); give a folder with jpg, png, webp or "
            "bmp pictures"
        )


def _rows(source: ImageSource, batch: PredictedBatch) -> tuple[list[int], Rows, list[str]]:
    """Positions and rows of a batch, the unreadable images after the others, and their reasons."""
    failed = [i for i, _ in batch.failures]
    positions = [*batch.positions, *failed]
    rows, read = np.zeros(len(positions), ROW), slice(len(batch.positions))
    rows["image"] = identities(
        (source.keys[i] for i in positions), [*batch.stamps, *map(source.stamp, failed)]
    )
    rows["digest"][read] = np.frombuffer(bytes.fromhex("".join(batch.digests)), np.uint8).reshape(
        -1, 32
    )
    rows["predicted"] = UNREADABLE
    rows["predicted"][read] = batch.predicted
    rows["probability"][read] = batch.probabilities
    rows["logit"][read] = batch.logits
    return positions, rows, [reason for _, reason in batch.failures]


def predict_anew(
    source: ImageSource, classifier: Classifier, loading: Loading, progress: Callable[[int], None]
) -> Predictions:
    """Predict all images and write nothing down; raises as ``predict_source`` but for that."""
    table = nothing_known(images_of(source))
    predict_all(
        source, classifier, loading, table, table.unknown,
        append=lambda rows, reasons: None, heard=lambda batch: progress(batch.images),
    )  # fmt: skip
    _refuse_unreadable(source, table)
    return table


def identity(classifier: Classifier) -> dict[str, object]:
    """All that makes one classifier another one."""
    return {
        "name": classifier.name,
        "weights": classifier.weights_sha256,
        "preprocessing": classifier.preprocessing.record(),
        "device": classifier.device.type,
        "runtime": classifier.runtime.model_dump(),
    }
