"""Which activations of the predicting pass are kept: those of images that may yet be chosen."""

from collections.abc import Container, Sequence

import numpy as np
import torch

from lens_site.activations.predict import PredictedBatch
from lens_site.config import BuildConfig
from lens_site.engine.cache import Keeping
from lens_site.engine.job import Workshop
from lens_site.engine.reservoir import Reservoirs, ranks
from lens_site.results.predictions import AT_ONCE, Predictions


class Keeper:
    """Keeps the activations of images as long as they can be chosen for a class asked for."""

    def __init__(
        self, workshop: Workshop, config: BuildConfig, table: Predictions, cache: Keeping
    ) -> None:
        self._keys, self._seed, self._cache = workshop.source.keys, config.seed, cache
        self._asked: Container[int] = set(workshop.classifier.labels.select(config.classes))
        self._reservoirs = Reservoirs(config.max_images)
        for i in cache.kept.tolist():
            if table.predicted[i] not in self._asked:
                cache.drop(i)
        known = np.flatnonzero(table.predicted >= 0)
        for first in range(0, len(known), AT_ONCE):
            some = known[first : first + AT_ONCE]
            self._offer(some.tolist(), table.predicted[some].tolist())

    def __call__(self, batch: PredictedBatch) -> None:
        """Keep those of a batch that can be chosen as far as is known, drop those that fell out."""
        if batch.activations is None:
            return
        chosen = self._offer(batch.positions, batch.predicted.tolist())
        if chosen:
            ones = batch.activations.to(torch.device("cpu")).apart()
            for position, one in zip(batch.positions, ones, strict=True):
                if position in chosen:
                    self._cache.put(position, one)

    def _offer(self, positions: Sequence[int], predicted: Sequence[int]) -> set[int]:
        """Return those of the images that can be chosen."""
        drawn = ranks((self._keys[i] for i in positions), self._seed).tolist()
        chosen = set()
        for position, index, rank in zip(positions, predicted, drawn, strict=True):
            if index not in self._asked:
                continue
            chosen.add(position)
            out = self._reservoirs.offer(index, position, rank)
            if out is not None:
                chosen.discard(out)
                self._cache.drop(out)
        return chosen
