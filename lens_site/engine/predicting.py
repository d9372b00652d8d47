"""Which images need a prediction, and the table of all of them, saved on the way."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from lens_site.activations import Activations, Features, Loading
from lens_site.activations.predict import PredictedBatch, predict
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.events import Predicted, Report
from lens_site.engine.job import Workshop
from lens_site.errors import SourceError
from lens_site.images import ImageSource
from lens_site.results.numbers import digest
from lens_site.results.predictions import Prediction, read_predictions, write_predictions

PREDICT_VERSION = 3
"""Changes whenever the same image would be predicted otherwise."""

KEEP_BYTES = 2 * 2**30
"""Features of the predicting pass stay in memory up to this size, else they are recomputed."""

CHECKPOINT_IMAGES, CHECKPOINT_SECONDS = 20_000, 30.0
"""The table is saved after so many more images, or so many seconds, and the cost of saving it."""

Table = Mapping[str, Prediction]


def predict_source(
    workshop: Workshop, config: BuildConfig, *, report: Report
) -> tuple[list[Prediction], Features]:
    """Predict what the last pass over these images did not; the table is kept in ``OUT/cache``.

    Raises
    ------
    SourceError
        When no image can be read.
    StageError
        When the network returns NaN.
    """
    facts = [
        identity(workshop.classifier), PREDICT_VERSION, workshop.source.name, _place(config.data),
    ]  # fmt: skip
    path = config.out / "cache" / f"predictions-{digest(facts)[:16]}.json"
    known = {} if config.force else read_predictions(path)
    first = True

    def progress(images: int) -> None:
        nonlocal first
        report(Predicted(images, cached=first))
        first = False

    table, features = predict_all(
        workshop.source,
        workshop.classifier,
        known,
        workshop.loading,
        keep=config.patches == "grid",
        save=lambda rows: write_predictions(path, rows),
        progress=progress,
    )
    return [table[key] for key in workshop.source.keys], features


def predict_all(
    source: ImageSource,
    classifier: Classifier,
    known: Table,
    loading: Loading,
    *,
    keep: bool,
    save: Callable[[Table], None],
    progress: Callable[[int], None],
) -> tuple[dict[str, Prediction], Features]:
    """Predict every image that ``known`` does not hold unchanged; return all of them.

    ``save`` gets the table now and then, so that an interrupted pass goes on from there. With
    ``keep``, the activations of a set that is not too large are returned, else none. ``progress``
    hears how many more images are done, first of all how many were known.

    Raises
    ------
    SourceError
        When no image can be read.
    StageError
        When the network returns NaN.
    """
    table: dict[str, Prediction] = {}
    for i, key in enumerate(source.keys):
        row = known.get(key)
        if row is not None and row.stamp == source.stamp(i):
            table[key] = row
    todo = [i for i, key in enumerate(source.keys) if key not in table]
    progress(len(table))
    features, saved = Features(), _Saved(len(table))
    keep = keep and len(todo) * 4 * math.prod(classifier.parts.feature_shape) <= KEEP_BYTES
    for batch in predict(source, classifier, todo, loading):
        _add(table, source, batch)
        if keep and batch.activations is not None:
            _keep(features, batch, batch.activations)
        progress(len(batch.answers) + len(batch.failures))
        if saved.is_due(len(table)):
            save(table)
            saved.now(len(table))
    if todo:
        save(table)
    if all(row.predicted < 0 for row in table.values()):
        key, row = next(iter(table.items()))
        raise SourceError(
            f"data: none of the {len(table)} images of {source.name} can be read "
            f"(first: {key}: {row.reason}); give a folder with jpg, png, webp or bmp pictures"
        )
    return table, features


class _Saved:
    """When the table was last saved; a large one is saved less often, for it takes longer."""

    def __init__(self, rows: int) -> None:
        self._rows, self._wait = rows, CHECKPOINT_SECONDS
        self._at = time.monotonic()

    def is_due(self, rows: int) -> bool:
        waited = time.monotonic() - self._at
        if rows - self._rows < CHECKPOINT_IMAGES and waited < self._wait:
            return False
        self._at = time.monotonic()
        return True

    def now(self, rows: int) -> None:
        """Note that the table is saved; at most a twentieth of the time goes into that."""
        took = time.monotonic() - self._at
        self._rows, self._wait = rows, max(CHECKPOINT_SECONDS, 20 * took)
        self._at = time.monotonic()


def _add(table: dict[str, Prediction], source: ImageSource, batch: PredictedBatch) -> None:
    for i, reason in batch.failures:
        table[source.keys[i]] = Prediction(source.stamp(i), "", -1, 0.0, 0.0, reason)
    for answer in batch.answers:
        table[source.keys[answer.position]] = Prediction(
            answer.stamp,
            answer.digest,
            answer.predicted,
            round(answer.probability, 6),
            round(answer.logit, 5),
        )


def _keep(features: Features, batch: PredictedBatch, activations: Activations) -> None:
    for row, answer in enumerate(batch.answers):
        one = slice(row, row + 1)
        features.kept[answer.position] = Activations(
            activations.patches[one], activations.context[one]
        )


def identity(classifier: Classifier) -> dict[str, object]:
    """All that makes one classifier another one."""
    return {
        "name": classifier.name,
        "weights": classifier.weights_sha256,
        "preprocessing": classifier.preprocessing.record(),
        "device": classifier.device.type,
        "runtime": classifier.runtime.model_dump(),
    }


def _place(data: str) -> str:
    path = Path(data)
    return str(path.resolve()) if path.exists() else data
