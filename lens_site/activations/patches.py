"""The rows of A: patches of the images of one class, as cells of a map or as crops.

Notation: n images, p channels, a grid of h × w patches, t tokens that belong to no place. Patches
are kept with channels last, (n, h, w, p), so that the rows of A (methods.md §1) are a view of
them: cells of the feature map or patch tokens, or the pooled maps of crops.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.activations.encode import Loading, encode, passes
from lens_site.classifier import Classifier, Encoded
from lens_site.errors import StageError
from lens_site.images import crops
from lens_site.images.source import ImageSource


@dataclass(frozen=True)
class Activations:
    """What the stages read of n images; ``context`` has t = 0 but for transformers."""

    patches: Float[Tensor, "n h w p"]
    context: Float[Tensor, "n t p"]

    @property
    def rows(self) -> Float[Tensor, "rows p"]:
        """A: one row a patch."""
        return rearrange(self.patches, "n h w p -> (n h w) p")

    @property
    def by_image(self) -> Float[Tensor, "n s p"]:
        """The same rows, image by image: s = h · w of each."""
        return rearrange(self.patches, "n h w p -> n (h w) p")

    def apart(self) -> Iterator["Activations"]:
        """Yield the activations of every image, n = 1."""
        for i in range(len(self.patches)):
            yield Activations(self.patches[i : i + 1], self.context[i : i + 1])

    def to(self, device: torch.device) -> "Activations":
        """Return them on a device."""
        return Activations(self.patches.to(device), self.context.to(device))


@runtime_checkable
class Features(Protocol):
    """Activations of single images that were kept, by position in the source."""

    def get(self, position: int) -> Activations | None:
        """Return those of one image, n = 1, bit by bit as the encoder gives them; None if lost."""


def class_activations(
    source: ImageSource,
    classifier: Classifier,
    positions: Sequence[int],
    loading: Loading,
    *,
    features: Features | None = None,
    windows: bool = False,
) -> Activations:
    """Patches of the images of one class, kept from the predicting pass or computed again.

    An image has the same bits either way, so some may be kept and some not. With ``windows`` a
    patch is one of CRAFT's crops, else a cell of the map.

    Raises
    ------
    StageError
        When an image that could be read before cannot be read now.
    """
    found: dict[int, Activations] = {}
    if features is not None and not windows:
        kept = ((i, features.get(i)) for i in positions)
        found = {i: one.to(classifier.device) for i, one in kept if one is not None}

    def work(images: Float[Tensor, "n 3 side side"]) -> Activations:
        if windows:
            return crop_patches(classifier, images, loading.batch_size)
        return grid_patches(encode(classifier, images, loading.batch_size))

    missing = [i for i in positions if i not in found]
    for batch, patches in passes(source, missing, classifier, loading, work):
        for i, reason in batch.failures:
            raise StageError(
                f"{source.keys[i]}: {reason}; it changed during the build: start again"
            )
        assert patches is not None
        found |= zip(batch.indices, patches.apart(), strict=True)
    return join([found[i] for i in positions])


def grid_patches(encoded: Encoded) -> Activations:
    """Cells of the maps as patches."""
    return Activations(rearrange(encoded.maps, "n p h w -> n h w p"), encoded.context)


def crop_patches(
    classifier: Classifier, images: Float[Tensor, "n 3 side side"], batch: int
) -> Activations:
    """Crops of prepared images as patches, at most ``batch`` crops a forward pass.

    A crop is resized to the input, encoded, and averaged over the places of its map; the
    context is that of the whole image.
    """
    n, side = len(images), images.shape[2]
    h = w = len(crops.boxes(side))
    windows = rearrange(crops.cut(images.to(classifier.device)), "n s c i j -> (n s) c i j")
    pooled = [
        encode(classifier, crops.enlarge(part, side), batch).maps.mean(dim=(2, 3))
        for part in torch.split(windows, batch)
    ]
    rows = rearrange(torch.cat(pooled), "(n h w) p -> n h w p", n=n, h=h, w=w)
    whole = rows[:, 0, :0]
    if classifier.parts.context:
        whole = encode(classifier, images, batch).context
    return Activations(rows, whole)


def as_encoded(activations: Activations) -> Encoded:
    """Return patches as the head of the network reads them."""
    return Encoded(rearrange(activations.patches, "n h w p -> n p h w"), activations.context)


def join(parts: Sequence[Activations]) -> Activations:
    """Activations of all images together, laid out alike wherever they come from."""
    return Activations(
        torch.cat([part.patches for part in parts]).contiguous(),
        torch.cat([part.context for part in parts]).contiguous(),
    )
