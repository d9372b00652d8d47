"""What the browser needs to run a head that is not linear on edited codes of a class's images.

Notation: n images, k concepts in the order of the result, s = h · w places, codes u. The head runs
on the activations that codes stand for; what these leave out of the logits stays.
"""

from collections.abc import Iterator

import numpy as np
import torch
from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor

from lens_site.activations import Activations
from lens_site.activations.patches import as_encoded
from lens_site.browser import compact
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.rests import rests
from lens_site.classifier import Classifier

BATCH = 64
"""Images a pass of the head."""

ALIKE = 1e-4
"""Largest difference of logits, as a part of the largest, at which a head counts as one that sees
the mean of the places alone."""

Codes = Float[np.ndarray, "n s k"]


@torch.no_grad()
def headed(
    concepts: ClassConcepts, activations: Activations, classifier: Classifier
) -> dict[str, np.ndarray]:
    """Return the codes at each place, unless the head sees their mean alone, and the rest."""
    codes: Codes = rearrange(concepts.codes_nhwk, "n h w k -> n (h w) k")
    logits = _logits(classifier, activations)
    mean = activations.patches.mean(dim=(1, 2), keepdim=True).expand_as(activations.patches)
    flat = _logits(classifier, Activations(mean.contiguous(), activations.context))
    if np.abs(flat - logits).max() < ALIKE * np.abs(logits).max():
        kept, places = compact(codes.mean(axis=1, keepdims=True)), {}
    else:
        kept = compact(codes)
        places = {"places": kept}

    def answer(edited: Codes) -> Float[np.ndarray, "n classes"]:
        return _logits(classifier, _decoded(edited, concepts, activations))

    wide = kept.astype(np.float32)
    rough = answer(wide)

    def edited() -> Iterator[Float[np.ndarray, "n classes"]]:
        away = 1 - np.eye(wide.shape[2], dtype=np.float32)
        for factors in (*away, 0 * away[0]):
            yield answer(wide * factors) + logits - rough

    return {**places, **rests(logits, rough, edited())}


def _decoded(codes: Codes, concepts: ClassConcepts, like: Activations) -> Activations:
    """Return the activations that codes stand for; one place counts for all."""
    _, h, w, _ = like.patches.shape
    own = np.ascontiguousarray(codes[..., np.argsort(concepts.order)])
    rows: Tensor = torch.from_numpy(own).to(like.patches)
    decoded = concepts.extractor.decode(rearrange(rows, "n s k -> (n s) k"))
    maps = rearrange(decoded, "(n s) p -> n s p", n=len(codes))
    whole = maps if maps.shape[1] == h * w else repeat(maps, "n 1 p -> n s p", s=h * w)
    return Activations(rearrange(whole, "n (h w) p -> n h w p", h=h), like.context)


def _logits(classifier: Classifier, activations: Activations) -> Float[np.ndarray, "n classes"]:
    """Run the head, some images at a time."""
    parts = zip(
        torch.split(activations.patches, BATCH),
        torch.split(activations.context, BATCH),
        strict=True,
    )
    heads = [classifier.head(as_encoded(Activations(*part))) for part in parts]
    return torch.cat(heads).double().cpu().numpy()
