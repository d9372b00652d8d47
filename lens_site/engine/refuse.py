"""What is refused before an hour's work is spent on it."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from lens_site.classifier import Classifier
from lens_site.config import BuildConfig
from lens_site.engine.plan import Plan
from lens_site.errors import ClassError, ConfigError
from lens_site.images import crops
from lens_site.results.predictions import Predictions


def refuse_data_in_output(config: BuildConfig) -> None:
    """Refuse pictures that lie where results go: they would be read as pictures, or replaced.

    Raises
    ------
    ConfigError
        Naming both.
    """
    data, out = Path(config.data).expanduser(), config.out.absolute()
    with suppress(OSError, RuntimeError):
        if not data.is_dir():
            return
        data, out = data.resolve(), out.resolve()
    ours = [out / name for name in ("results", "site", "cache", "explained")]
    if data == out or any(data.is_relative_to(folder) for folder in ours):
        raise ConfigError(
            f"out: the pictures of --data {config.data} lie where the results go ({config.out}); "
            "give another --out"
        )


def refuse_nothing(
    plan: Plan, classifier: Classifier, rows: Predictions, config: BuildConfig
) -> None:
    """Refuse a build without a class, and say which would have enough images; raises ClassError."""
    if plan.compute or plan.current:
        return
    counts = np.bincount(rows.predicted[rows.predicted >= 0])
    top = [c for c in np.argsort(-counts, kind="stable")[:5].tolist() if counts[c]]
    asked = (
        "no class"
        if len(plan.few) > 3
        else " and ".join(f"{classifier.labels[i].name} ({n} images)" for i, n in plan.few.items())
        + ": no class asked for"
    )
    most = ", ".join(f"{classifier.labels[c].name} {counts[c]}" for c in top)
    raise ClassError(
        f"classes: {asked} has --min-images {config.min_images} predicted images; "
        f"most predicted: {most}; lower --min-images or ask for another class"
    )


def refuse_concepts(plan: Plan, classifier: Classifier, config: BuildConfig) -> None:
    """Refuse more concepts than the largest class has patches: every class would fail."""
    if config.concepts == "auto" or not plan.compute or plan.current:
        return
    _, h, w = classifier.parts.feature_shape
    places = (
        len(crops.boxes(classifier.preprocessing.crop)) ** 2 if config.patches == "crops" else h * w
    )
    most = places * max(len(one.names) for one in plan.compute)
    if config.concepts > most:
        raise ConfigError(
            f"concepts: {config.concepts} concepts, but the largest class has {most} patches; "
            "give a smaller -k"
        )
