"""What the benches measure on: the features of the classes with the most predicted images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from lens_site import named
from lens_site.activations import Activations, class_activations
from lens_site.activations.encode import batches
from lens_site.classifier import Classifier, load_classifier
from lens_site.config import BuildConfig
from lens_site.engine.build import loading_of
from lens_site.engine.predicting import predict_anew
from lens_site.engine.reservoir import choose
from lens_site.errors import ClassError, ResultError
from lens_site.images import ImageSource, open_source
from lens_site.results import latest_run, read_run
from lens_site.results.comparison import Comparison, write_comparison

Report = Callable[[int, int, str], None]
"""Hears how many of how many steps are done, and what is at work."""


@dataclass(frozen=True)
class BenchClass:
    """One class: its images' places in the source, and their features."""

    index: int
    slug: str
    positions: tuple[int, ...]
    activations: Activations
    logits: Float[Tensor, " n"]

    @property
    def rows(self) -> Float[Tensor, "rows p"]:
        """A: one row a patch."""
        return self.activations.rows

    @property
    def images_of_rows(self) -> Int[Tensor, " rows"]:
        """Number of the image of each row."""
        n, h, w, _ = self.activations.patches.shape
        return torch.arange(n, device=self.device).repeat_interleave(h * w)

    @property
    def device(self) -> torch.device:
        """Where the activations are."""
        return self.activations.patches.device


@dataclass(frozen=True)
class Subject:
    """Images, network, and the classes measured on, largest first."""

    source: ImageSource
    classifier: Classifier
    classes: tuple[BenchClass, ...]

    def in_words(self) -> str:
        """One sentence for reports."""
        names = ", ".join(f"{c.slug} ({len(c.positions)} images)" for c in self.classes)
        return f"{self.classifier.name} on {self.source.name}: {names}."


def take(config: BuildConfig, *, largest: int, report: Report) -> Subject:
    """Predict all images and keep the features of the ``largest`` classes of ``config.classes``.

    A class is measured on at most ``config.max_images`` images, drawn by the seed.

    Raises
    ------
    UsageError
        When model, images or classes cannot be had as asked.
    """
    source = open_source(config.data)
    classifier = load_classifier(
        config.model, weights=config.weights, device=config.device, layer=config.layer
    )
    selected, done, many = classifier.labels.select(config.classes), 0, len(source.keys)

    def heard(images: int) -> None:
        nonlocal done
        done += images
        report(done, many, "predicting images")

    how = loading_of(config, classifier)
    table, features = predict_anew(source, classifier, how, heard)
    members = {index: np.flatnonzero(table.predicted == index) for index in selected}
    enough = [i for i in selected if len(members[i]) >= config.min_images]
    if not enough:
        raise ClassError(
            f"classes: none of the {len(selected)} asked for has --min-images "
            f"{config.min_images} predicted images; lower --min-images or ask for other classes"
        )
    classes = []
    for index in sorted(enough, key=lambda i: (-len(members[i]), i))[:largest]:
        chosen = choose(members[index], config.max_images, source.keys, config.seed)
        patches = class_activations(
            source, classifier, chosen, features, how, windows=config.patches == "crops"
        )
        logits = torch.from_numpy(table.logit[list(chosen)])
        classes.append(BenchClass(index, classifier.labels[index].slug, chosen, patches, logits))
    return Subject(source, classifier, tuple(classes))


def prepared(
    source: ImageSource, positions: Sequence[int], classifier: Classifier, config: BuildConfig
) -> list[Float[Tensor, "n 3 side side"]]:
    """Batches of decoded images, in memory; what cannot be read is left out."""
    stream = batches(source, positions, classifier, loading_of(config, classifier))
    return [batch.images for batch in stream if batch.images is not None]


def publish(config: BuildConfig, subject: Subject, what: str, comparison: Comparison) -> None:
    """Put a table beside the last run of ``config.out``, for its site to show.

    A table taken at another ``--layer`` stands beside the one of the default layer.

    Raises
    ------
    ResultError
        When that run is of another network or other images.
    """
    run_dir = latest_run(config.out)
    run = read_run(run_dir)
    built, measured = (
        (run.classifier.name, run.data.name),
        (subject.classifier.name, subject.source.name),
    )
    if built != measured:
        raise ResultError(
            f"{run_dir}: it holds {built[0]} on {built[1]}, measured was {measured[0]} on "
            f"{measured[1]}; give the --out of a build with the same --model and --data"
        )
    if config.layer is not None:
        what = f"{what}-{config.layer.replace('.', '-')}"
        title = f"{comparison.title} at the earlier layer {config.layer}"
        comparison = comparison.model_copy(update={"title": title})
    write_comparison(run_dir, what, comparison)


def parse_methods(text: str, room: str) -> tuple[str, ...]:
    """Return the methods of ``nmf,pca``, or all that the room has for ``all``.

    Raises
    ------
    ConfigError
        For a word that is no method.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words or words == ["all"]:
        return named.names(room)
    return tuple(dict.fromkeys(named.check(word, room, "methods") for word in words))
