"""A class in either precision: activations, a fitted dictionary, and a head of one kind."""

from typing import NamedTuple

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn

from lens_site.activations import Activations
from lens_site.classes.inputs import ClassImages
from lens_site.classes.kept import BothAnswers, ask, ask_both
from lens_site.classifier import Classifier, Encoded
from lens_site.classifier.labels import plain_labels
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.classifier.split import LinearHead, Split
from lens_site.extraction import METHODS, Extractor

N, H, W, P, C, K = 70, 3, 5, 6, 5, 4
"""More images than a batch holds; a grid that is not square."""

INDEX = 2


class Subject(NamedTuple):
    classifier: Classifier
    activations: Activations
    extractor: Extractor
    codes: Tensor
    images: ClassImages
    weight: np.ndarray
    bias: np.ndarray

    @property
    def restored(self) -> np.ndarray:
        rows = self.extractor.decode(self.codes.flatten(0, 1)).numpy()
        return rows.reshape(self.activations.patches.shape)

    def linear_logits(self, patches: np.ndarray) -> np.ndarray:
        return patches.mean(axis=(1, 2)) @ self.weight.T + self.bias

    def both(self, index: int = INDEX, *, margin: bool = False) -> BothAnswers:
        before = ask(self.classifier, self.activations, index)
        rivals = torch.from_numpy(before.runner_up) if margin else None
        return ask_both(
            self.classifier, self.extractor, self.activations, self.codes, index, before, rivals
        )


def subject(
    kind: str = "linear",
    method: str = "nmf",
    *,
    classes: int = C,
    n: int = N,
    grid: tuple[int, int] = (H, W),
    dtype: torch.dtype = torch.float64,
) -> Subject:
    """A head that is ``linear``, ``curved``, or reads a ``context`` besides the patches."""
    draw = torch.Generator().manual_seed(0)

    def random(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=draw, dtype=torch.float64)

    tokens = 1 if kind == "context" else 0
    patches, context = random(n, *grid, P) ** 2, random(n, tokens, P) + 0.5
    weight = 3 * random(classes, P) - 1.5

    def features(encoded: Encoded) -> Tensor:
        pooled = encoded.maps.mean(dim=(2, 3))
        if kind == "curved":
            return torch.tanh(2 * pooled).square()
        return pooled * encoded.context[:, 0] if kind == "context" else pooled

    def head(encoded: Encoded) -> Tensor:
        assert encoded.maps.shape[2:] == (H, W), "the head reads the network's own places only"
        return features(encoded) @ weight.T + bias

    # every class wins somewhere, the explained one most often
    logits = features(Encoded(rearrange(patches, "n h w p -> n p h w"), context)) @ weight.T
    bias = -logits.mean(dim=0)
    bias[min(INDEX, classes - 1)] += 0.4 * logits.std()
    patches, context, weight, bias = (x.to(dtype) for x in (patches, context, weight, bias))
    parts = Split(
        encode=lambda images: Encoded(images, images), head=head, layer="last",
        feature_shape=(P, H, W), context=tokens, classes=classes,
        linear=LinearHead(weight, bias) if kind == "linear" else None, error=0.0, lowest=0.0,
    )  # fmt: skip
    classifier = Classifier(
        "net", "test", plain_labels([f"c{i}" for i in range(classes)]), Preprocessing(),
        nn.Identity(), parts, torch.device("cpu"), "0" * 64, 0,
    )  # fmt: skip
    activations = Activations(patches, context)
    extractor = METHODS[method](K).fit(activations.rows, generator=draw)
    codes = rearrange(extractor.encode(activations.rows), "(n s) k -> n s k", n=n)
    images = ClassImages(
        index=min(INDEX, classes - 1), key="", predicted=n, names=tuple(map(str, range(n))),
        labels=np.full(n, -1), probabilities=tuple(np.linspace(0.3, 0.9, n)),
        logits=tuple(np.linspace(2, 5, n)),
    )  # fmt: skip
    return Subject(classifier, activations, extractor, codes, images, weight.numpy(), bias.numpy())
