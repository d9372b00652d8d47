"""How many classes there will be to compute, guessed while images are predicted."""

import numpy as np
from jaxtyping import Int

from lens_site.activations.predict import PredictedBatch
from lens_site.classifier.labels import Labels
from lens_site.config import BuildConfig
from lens_site.engine.events import Expected
from lens_site.results.predictions import UNKNOWN, Predictions


class Expecting:
    """Counts images by class: predicted ones as predicted, the others as labeled.

    What is neither is taken to be spread over the classes as the predicted ones are.
    """

    def __init__(
        self, table: Predictions, labels: Int[np.ndarray, " n"], names: Labels, config: BuildConfig
    ) -> None:
        self._labels, classes = labels, len(names)
        self._asked = np.array(names.select(config.classes))
        self._fewest, self._most = config.min_images, config.max_images
        unknown = table.predicted == UNKNOWN
        self._seen = np.bincount(table.predicted[table.predicted >= 0], minlength=classes)
        self._to_come = self._count(labels[unknown])
        self._unlabeled = int((unknown & (labels < 0)).sum())

    def __call__(self, batch: PredictedBatch) -> Expected:
        """Take a batch; return what is expected now."""
        self._seen += np.bincount(batch.predicted, minlength=len(self._seen))
        labels = self._labels[[*batch.positions, *(i for i, _ in batch.failures)]]
        self._to_come -= self._count(labels)
        self._unlabeled -= int((labels < 0).sum())
        spread = 1 + self._unlabeled / max(1, self._seen.sum())
        images = (self._seen * spread + self._to_come)[self._asked]
        enough = images[images >= self._fewest].clip(max=self._most)
        return Expected(len(enough), round(enough.sum()))

    def _count(self, labels: Int[np.ndarray, " some"]) -> Int[np.ndarray, " classes"]:
        return np.bincount(labels[labels >= 0], minlength=len(self._seen))
