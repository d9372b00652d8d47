"""The class logit as a function of codes, or of patches: what importance is attributed to.

Shapes: n images, k concepts, a grid of h × w positions with p channels, s = h · w.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.activations import Activations
from lens_site.classifier import Classifier, Encoded
from lens_site.errors import StageError, first_line
from lens_site.extraction import Extractor
from lens_site.importance import AnyScore, ContextScore, LinearScore
from lens_site.importance.attributor import evaluate
from lens_site.importance.gradient import effective_weights

BATCH = 64
"""Images whose logits are computed from codes at a time."""


def class_score(
    classifier: Classifier, extractor: Extractor, index: int, activations: Activations
) -> AnyScore:
    """y(u) = h(decode(u))_c, in closed form when the head is linear in the pooled features.

    ``activations`` are the images that the codes will be of: their grid and their context.
    """
    if classifier.linear is not None:
        weight, bias = classifier.linear.weight[index], classifier.linear.bias[index]
        unit = torch.eye(extractor.k, device=weight.device)
        origin = extractor.decode(torch.zeros_like(unit[:1]))
        gamma = (extractor.decode(unit) - origin) @ weight
        return LinearScore(gamma, float(origin[0] @ weight + bias))
    logit = patch_score(classifier, index, activations)

    def score(codes: Tensor, context: Tensor) -> Tensor:
        decoded = extractor.decode(rearrange(codes, "m s k -> (m s) k"))
        return logit.function(rearrange(decoded, "(m s) p -> m s p", m=len(codes)), context)

    return ContextScore(score, activations.context)


def patch_score(classifier: Classifier, index: int, activations: Activations) -> ContextScore:
    """y(a) = h(a)_c, a score of patches instead of codes."""
    h, w = activations.patches.shape[1:3]

    def score(patches: Tensor, context: Tensor) -> Tensor:
        maps = rearrange(patches, "m (h w) p -> m p h w", h=h, w=w)
        try:
            return classifier.head(Encoded(maps, context))[:, index]
        except RuntimeError as error:
            if (h, w) == classifier.parts.feature_shape[1:]:
                raise
            raise StageError(
                f"patches: the network above layer {classifier.parts.layer} cannot read {h} x {w} "
                f"crops in place of its own places ({first_line(error)}); use --patches grid"
            ) from error

    return ContextScore(score, activations.context)


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
    classifier: Classifier, activations: Activations, index: int
) -> Float[np.ndarray, " p"]:
    """W_c, or the mean gradient of the logit when the head is not linear."""
    if classifier.linear is not None:
        return classifier.linear.weight[index].cpu().numpy()
    score = patch_score(classifier, index, activations)
    return effective_weights(score, activations.by_image, batch=BATCH).cpu().numpy()
