"""What spreads the work of a build: one file an engine, found by its name (``--engine``)."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from lens_site.activations import Features
from lens_site.config import BuildConfig
from lens_site.engine.events import Report
from lens_site.engine.job import ClassJob, Workshop
from lens_site.engine.work import Work
from lens_site.results.predictions import Predictions
from lens_site.results.schema import ClassStatus


@dataclass
class Engine(ABC):
    """Predicts the images of a source and computes classes, in one place or in many."""

    name: ClassVar[str]

    config: BuildConfig
    workshop: Workshop
    work: Work

    @classmethod
    @contextmanager
    def connected(cls, config: BuildConfig) -> Iterator[None]:
        """Keep a connection to what does the work.

        Raises
        ------
        ConfigError
            When there is none.
        """
        yield

    @abstractmethod
    def predict(self, *, report: Report) -> tuple[Predictions, Features]:
        """Predict all images; the rows are kept in ``OUT/cache``.

        Raises
        ------
        SourceError
            When no image can be read.
        """

    @abstractmethod
    def run(
        self, jobs: Sequence[ClassJob], workshop: Workshop, features: Features, *, report: Report
    ) -> list[ClassStatus]:
        """Compute classes; a failed class stops no other.

        Raises
        ------
        OutputError
            When a result cannot be written; finished classes are kept.
        """
