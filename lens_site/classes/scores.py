"""What is explained, as a function of codes or of patches: what importance is attributed to.

That is the class logit y_c or, with a rival class r(x) for every image, the lead y_c − y_r(x) over
it. Shapes: n images, k concepts, a grid of h × w positions with p channels, s = h · w.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.activations import Activations
from lens_site.classifier import Classifier, Encoded
from lens_site.errors import StageError, first_line
from lens_site.extraction import Extractor
from lens_site.importance import AnyScore, ImageScore, LinearScore
from lens_site.importance.attributor import evaluate
from lens_site.importance.gradient import effective_weights

BATCH = 64
"""Images whose logits are computed from codes at a time."""

Rivals = Int[Tensor, " n"] | None
"""r(x): the class that each image is held against; None where the logit itself is explained."""


def class_score(
    classifier: Classifier,
    extractor: Extractor,
    index: int,
    activations: Activations,
    rivals: Rivals = None,
) -> AnyScore:
    """y(u) = h(decode(u))_c, in closed form when the head is linear in the pooled features.

    ``activations`` are the images that the codes will be of: their grid and their context.
    """
    if classifier.linear is not None:
        weight, bias = classifier.linear.weight[index], classifier.linear.bias[index]
        if rivals is not None:
            weight = weight - classifier.linear.weight[rivals]
            bias = bias - classifier.linear.bias[rivals]
        unit = torch.eye(extractor.k, device=weight.device, dtype=weight.dtype)
        origin = extractor.decode(torch.zeros_like(unit[:1]))
        gamma = weight @ (extractor.decode(unit) - origin).T
        at_zero = weight @ origin[0] + bias
        return LinearScore(gamma, float(at_zero) if rivals is None else at_zero)
    logit = patch_score(classifier, index, activations, rivals)

    def score(codes: Tensor, images: Tensor) -> Tensor:
        decoded = extractor.decode(rearrange(codes, "m s k -> (m s) k"))
        return logit.function(rearrange(decoded, "(m s) p -> m s p", m=len(codes)), images)

    return ImageScore(score)


def patch_score(
    classifier: Classifier, index: int, activations: Activations, rivals: Rivals = None
) -> ImageScore:
    """y(a) = h(a)_c, a score of patches instead of codes."""
    h, w = activations.patches.shape[1:3]

    def score(patches: Tensor, images: Tensor) -> Tensor:
        maps = rearrange(patches, "m (h w) p -> m p h w", h=h, w=w)
        try:
            logits = classifier.head(Encoded(maps, activations.context[images]))
        except RuntimeError as error:
            if (h, w) == classifier.parts.feature_shape[1:]:
                raise
            raise StageError(
                f"patches: the network above layer {classifier.parts.layer} cannot read {h} x {w} "
                f"crops in place of its own places ({first_line(error)}); use --patches grid"
            ) from error
        own = logits[:, index]
        return own if rivals is None else own - logits.gather(1, rivals[images, None])[:, 0]

    return ImageScore(score)


@torch.no_grad()
def rebuilt(score: AnyScore, codes: Float[Tensor, "n s k"]) -> Float[np.ndarray, " n"]:
    """ŷ: the logit of every image as its codes have it."""
    images = torch.arange(len(codes), device=codes.device)
    parts = zip(torch.split(codes, BATCH), torch.split(images, BATCH), strict=True)
    return torch.cat([evaluate(score, *part) for part in parts]).cpu().numpy()


def acting_codes(score: AnyScore, codes: Float[Tensor, "n s k"]) -> Float[Tensor, "n positions k"]:
    """Codes as far as the score tells them apart: a linear head sees their mean, and no more."""
    return codes.mean(dim=1, keepdim=True) if isinstance(score, LinearScore) else codes


def class_weights(
    classifier: Classifier, activations: Activations, index: int, rivals: Rivals = None
) -> Float[np.ndarray, " p"]:
    """W_c less the rivals' mean weights, or the mean gradient when the head is not linear."""
    if classifier.linear is not None:
        weights = classifier.linear.weight
        own = weights[index] if rivals is None else weights[index] - weights[rivals].mean(dim=0)
        return own.cpu().numpy()
    score = patch_score(classifier, index, activations, rivals)
    return effective_weights(score, activations.by_image, batch=BATCH).cpu().numpy()
