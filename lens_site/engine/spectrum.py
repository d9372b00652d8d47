"""The spectrum of the data set's pictures, measured once a run and kept beside its classes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from lens_site import atomic
from lens_site.activations.encode import batches
from lens_site.classes.studio import ENOUGH, Spectrum, natural_spectrum, usual_spectrum
from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.job import Workshop
from lens_site.engine.reservoir import choose
from lens_site.errors import ResultError
from lens_site.results import store
from lens_site.results.predictions import Predictions

SPECTRUM = "spectrum.safetensors"

PHOTOGRAPHS = 200
"""Pictures that are measured."""


def spectrum_of(
    run_dir: Path, workshop: Workshop, rows: Predictions, config: BuildConfig
) -> Spectrum:
    """Return the spectrum that the run began with, or measure it and keep it.

    Classes of one run are drawn with one spectrum, also when pictures were added meanwhile. Fewer
    distinct photographs than ``ENOUGH`` have the usual one.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    path = run_dir / SPECTRUM
    side = workshop.classifier.preprocessing.crop
    kept = None if config.force else _read(path, side)
    if kept is not None:
        return kept
    distinct = _distinct(rows)
    if workshop.source.views_of_few or len(distinct) < ENOUGH:
        measured = usual_spectrum(side)
    else:
        chosen = choose(distinct, PHOTOGRAPHS, workshop.source.keys, config.seed)
        measured = natural_spectrum(_prepared(workshop, chosen), workshop.classifier.preprocessing)
    atomic.mark(run_dir)
    atomic.write_bytes(path, _packed(measured))
    return measured


def kept_spectrum(run_dir: Path, classifier: Classifier) -> Spectrum:
    """Return the spectrum that the run began with; raises ResultError where there is none."""
    kept = _read(run_dir / SPECTRUM, classifier.preprocessing.crop)
    if kept is None:
        raise ResultError(f"{run_dir / SPECTRUM}: is missing or damaged; {store.AGAIN}")
    return kept


def _distinct(rows: Predictions) -> Int[np.ndarray, " distinct"]:
    """Positions of the readable pictures, the first of those with the same bytes."""
    readable = np.flatnonzero(rows.predicted >= 0)
    digests = rows.digest[readable].view("S32")[:, 0]
    return readable[np.sort(np.unique(digests, return_index=True)[1])]


def _prepared(workshop: Workshop, positions: Sequence[int]) -> Iterator[Tensor]:
    """Yield prepared images; one that cannot be read any more is left out."""
    for batch in batches(workshop.source, positions, workshop.classifier, workshop.loading):
        if batch.images is not None:
            yield batch.images


def _packed(spectrum: Spectrum) -> bytes:
    return save(
        {
            "mean": spectrum.mean,
            "mixing": spectrum.mixing,
            "magnitude": spectrum.magnitude,
            "photographs": torch.tensor(spectrum.photographs),
        }
    )


def _read(path: Path, side: int) -> Spectrum | None:
    """Read what was kept; None where there is nothing, or nothing whole."""
    try:
        kept = load(path.read_bytes())
        spectrum = Spectrum(
            kept["mean"], kept["mixing"], kept["magnitude"], int(kept["photographs"])
        )
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
        return None
    shapes = [tuple(spectrum.mean.shape), tuple(spectrum.mixing.shape), spectrum.magnitude.shape]
    whole = shapes == [(3,), (3, 3), (3, side, side // 2 + 1)]
    return spectrum if whole and bool(spectrum.magnitude.isfinite().all()) else None
