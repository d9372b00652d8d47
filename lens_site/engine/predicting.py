"""Which images need a prediction, and the table of all of them, saved on the way."""

import math
import shutil
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lens_site.activations import Activations, Features, Loading
from lens_site.activations.predict import PredictedBatch, predict
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.events import Predicted, Report
from lens_site.engine.job import Workshop
from lens_site.errors import SourceError
from lens_site.images import ImageSource
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

KEEP_BYTES = 2 * 2**30
"""Features of the predicting pass stay in memory up to this size, else they are recomputed."""

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

    Rows go to the segment of ``writer``. With ``share``, only images at these positions are
    predicted; of the others is returned what is known.

    Raises
    ------
    SourceError
        When no image can be read.
    StageError
        When the network returns NaN.
    OutputError
        When the table cannot be written; rows that are there are kept.
    """
    folder = table_folder(workshop, config)
    if config.force:
        shutil.rmtree(folder if share is None else folder / writer, ignore_errors=True)
    table = known_predictions(workshop, config)
    todo = table.unknown if share is None else np.intersect1d(table.unknown, share)
    report(Predicted(len(table) - len(todo), cached=True))
    with Segment(folder / writer) as segment:
        features = predict_all(
            workshop.source,
            workshop.classifier,
            workshop.loading,
            table,
            todo,
            keep=config.patches == "grid",
            append=segment.append,
            progress=lambda images: report(Predicted(images, cached=False)),
        )
    return table, features


def table_folder(workshop: Workshop, config: BuildConfig) -> Path:
    """Where the table of this network on these images is."""
    facts = [
        identity(workshop.classifier), PREDICT_VERSION, workshop.source.name, _place(config.data),
    ]  # fmt: skip
    return config.out / "cache" / f"predictions-{digest(facts)[:16]}"


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
    todo: Sequence[int] | np.ndarray,
    *,
    keep: bool,
    append: Append,
    progress: Callable[[int], None],
) -> Features:
    """Predict the images at ``todo`` into the table.

    ``append`` gets the rows of every batch at once, so that an interrupted pass goes on from there.
    With ``keep``, the activations of a set that is not too large are returned, else none.
    ``progress`` hears how many more images are done.

    Raises
    ------
    SourceError
        When no image of the table can be read.
    StageError
        When the network returns NaN.
    """
    features = Features()
    keep = keep and len(todo) * 4 * math.prod(classifier.parts.feature_shape) <= KEEP_BYTES
    for batch in predict(source, classifier, array("q", todo), loading):
        positions, rows, reasons = _rows(source, batch)
        table.put(positions, rows, reasons)
        append(rows, reasons)
        if keep and batch.activations is not None:
            _keep(features, batch, batch.activations)
        progress(len(rows))
    if bool((table.predicted == UNREADABLE).all()):
        raise SourceError(
            f"data: none of the {len(table)} images of {source.name} can be read "
            f"(first: {source.keys[0]}: {table.reasons[0]}); give a folder with jpg, png, webp or "
            "bmp pictures"
        )
    return features


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


def _keep(features: Features, batch: PredictedBatch, activations: Activations) -> None:
    for row, position in enumerate(batch.positions):
        one = slice(row, row + 1)
        features.kept[position] = Activations(activations.patches[one], activations.context[one])


def predict_anew(
    source: ImageSource, classifier: Classifier, loading: Loading, progress: Callable[[int], None]
) -> tuple[Predictions, Features]:
    """Predict all images and write nothing down; raises as ``predict_all``."""
    table = nothing_known(images_of(source))
    features = predict_all(
        source, classifier, loading, table, table.unknown,
        keep=True, append=lambda rows, reasons: None, progress=progress,
    )  # fmt: skip
    return table, features


def identity(classifier: Classifier) -> dict[str, object]:
    """All that makes one classifier another one."""
    return {
        "name": classifier.name,
        "weights": classifier.weights_sha256,
        "preprocessing": classifier.preprocessing.record(),
        "device": classifier.device.type,
    }


def _place(data: str) -> str:
    path = Path(data)
    return str(path.resolve()) if path.exists() else data
