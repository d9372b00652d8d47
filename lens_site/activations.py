"""The predicting pass over all images, then the patches of one class.

Notation: n images, p channels, a grid of h × w patches, t tokens that belong to no place. Patches
are kept with channels last, (n, h, w, p), so that the rows of A (methods.md §1) are a view of
them: cells of the feature map or patch tokens (``grid``), or the pooled maps of crops (``crops``).

An image's features do not depend on the images beside it in a batch, bit for bit on the CPU
(a test holds this), so it does not matter whether a class takes them from the predicting pass
or computes them again.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.classifier import Classifier, Encoded
from lens_site.errors import SourceError, StageError
from lens_site.images import crops
from lens_site.images.decode import Batch, stream
from lens_site.images.source import ImageSource
from lens_site.results.predictions import Prediction
from lens_site.results.schema import PatchMode

KEEP_BYTES = 2 * 2**30
"""Features of the predicting pass stay in memory up to this size, else they are recomputed."""

CHECKPOINT = 20_000
"""Images between two savings of the table."""

Report = Callable[[int], None]


@dataclass(frozen=True)
class Activations:
    """What the stages read of some images; ``context`` has t = 0 but for transformers."""

    patches: Float[Tensor, "n h w p"]
    context: Float[Tensor, "n t p"]

    @property
    def rows(self) -> Float[Tensor, "rows p"]:
        """A: one row a patch."""
        return rearrange(self.patches, "n h w p -> (n h w) p")


@dataclass
class Features:
    """Activations of single images, by position in the source; empty for a set too large."""

    kept: dict[int, Activations] = field(default_factory=dict)


@dataclass(frozen=True)
class Loading:
    """How pictures reach the network: threads that decode, images a batch."""

    workers: int
    batch_size: int


def predict(
    source: ImageSource,
    classifier: Classifier,
    known: Mapping[str, Prediction],
    loading: Loading,
    *,
    keep: bool = True,
    save: Callable[[Mapping[str, Prediction]], None],
    report: Report,
) -> tuple[dict[str, Prediction], Features]:
    """Predict every image that ``known`` does not hold unchanged; return all of them.

    ``save`` gets the table now and then, so that an interrupted pass goes on from there. With
    ``keep``, the activations of a set that is not too large are returned, else none.

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
    report(len(table))
    features, saved = Features(), len(table)
    keep = keep and len(todo) * 4 * math.prod(classifier.parts.feature_shape) <= KEEP_BYTES
    for batch in batches(source, todo, classifier, loading):
        for i, reason in batch.failures:
            table[source.keys[i]] = Prediction(source.stamp(i), "", -1, 0.0, 0.0, reason)
        if batch.images is not None:
            _add(table, source, classifier, batch, features if keep else None)
        report(len(batch.indices) + len(batch.failures))
        if len(table) - saved >= CHECKPOINT:
            save(table)
            saved = len(table)
    if todo:
        save(table)
    if all(row.predicted < 0 for row in table.values()):
        key, row = next(iter(table.items()))
        raise SourceError(
            f"data: none of the {len(table)} images of {source.name} can be read "
            f"(first: {key}: {row.reason}); give a folder with jpg, png, webp or bmp pictures"
        )
    return table, features


def _add(
    table: dict[str, Prediction],
    source: ImageSource,
    classifier: Classifier,
    batch: Batch,
    features: Features | None,
) -> None:
    assert batch.images is not None
    encoded = classifier.encode(batch.images)
    with torch.no_grad():
        logits = classifier.head(encoded)
    if not bool(logits.isfinite().all()):
        bad = batch.indices[int((~logits.isfinite().all(dim=1)).nonzero()[0, 0])]
        raise StageError(
            f"model: {classifier.name} returns NaN or infinite logits for {source.keys[bad]}; "
            "check its weights and preprocessing"
        )
    best = logits.softmax(dim=1).max(dim=1)
    top = logits.gather(1, best.indices[:, None])[:, 0]
    columns = zip(
        batch.indices,
        batch.digests,
        best.indices.tolist(),
        best.values.tolist(),
        top.tolist(),
        strict=True,
    )
    for row, (i, digest, predicted, probability, logit) in enumerate(columns):
        table[source.keys[i]] = Prediction(
            source.stamp(i), digest, predicted, round(probability, 6), round(logit, 5)
        )
        if features is not None:
            one = slice(row, row + 1)
            features.kept[i] = _activations(Encoded(encoded.maps[one], encoded.context[one]))


def class_features(
    source: ImageSource,
    classifier: Classifier,
    indices: Sequence[int],
    kept: Features,
    loading: Loading,
    patches: PatchMode = "grid",
) -> Activations:
    """Patches of the images of one class, kept from the predicting pass or computed again.

    Raises
    ------
    StageError
        When an image that could be read before cannot be read now.
    """
    if patches == "grid" and all(i in kept.kept for i in indices):
        return join([kept.kept[i] for i in indices])
    parts = []
    for batch in batches(source, indices, classifier, loading):
        for i, reason in batch.failures:
            raise StageError(
                f"{source.keys[i]}: {reason}; it changed during the build: start again"
            )
        assert batch.images is not None
        parts.append(activations(classifier, batch.images, patches, loading.batch_size))
    return join(parts)


def activations(
    classifier: Classifier, images: Float[Tensor, "n 3 side side"], patches: PatchMode, batch: int
) -> Activations:
    """Patches of prepared images, at most ``batch`` crops a forward pass.

    A crop is resized to the input, encoded, and averaged over the places of its map; the
    context is that of the whole image.
    """
    if patches == "grid":
        return _activations(classifier.encode(images))
    n, side = len(images), images.shape[2]
    h = w = len(crops.boxes(side))
    windows = rearrange(crops.cut(images.to(classifier.device)), "n s c i j -> (n s) c i j")
    pooled = [
        classifier.encode(crops.enlarge(some, side)).maps.mean(dim=(2, 3))
        for some in torch.split(windows, batch)
    ]
    rows = rearrange(torch.cat(pooled), "(n h w) p -> n h w p", n=n, h=h, w=w)
    whole = classifier.encode(images).context if classifier.parts.context else rows[:, 0, :0]
    return Activations(rows, whole)


def encoded(found: Activations) -> Encoded:
    """Return patches as the head of the network reads them."""
    return Encoded(rearrange(found.patches, "n h w p -> n p h w"), found.context)


def _activations(encoded: Encoded) -> Activations:
    return Activations(rearrange(encoded.maps, "n p h w -> n h w p"), encoded.context)


def join(parts: Sequence[Activations]) -> Activations:
    """Activations of all images together."""
    return Activations(
        torch.cat([part.patches for part in parts]), torch.cat([part.context for part in parts])
    )


def batches(
    source: ImageSource, indices: Sequence[int], classifier: Classifier, loading: Loading
) -> Iterator[Batch]:
    """Stream prepared images, decoded while the network computes."""
    return stream(
        source,
        indices,
        classifier.preprocessing,
        min_side=classifier.preprocessing.resize,
        workers=loading.workers,
        batch_size=loading.batch_size,
    )
