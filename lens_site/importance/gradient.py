"""The gradient of a score, which several methods read; no method of its own."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.errors import StageError
from lens_site.importance.attributor import AnyScore, Codes, evaluate


def gradient(
    score: AnyScore, codes: Codes, *, batch: int, images: Int[Tensor, " n"] | None = None
) -> Codes:
    """∂y/∂u at n codes, ``batch`` at a time; they are those of all images, or of ``images``."""
    order = torch.arange(len(codes), device=codes.device) if images is None else images
    parts = zip(torch.split(codes, batch), torch.split(order, batch), strict=True)
    return torch.cat([_gradient(score, rows, of) for rows, of in parts])


def _gradient(score: AnyScore, rows: Codes, images: Int[Tensor, " n"]) -> Codes:
    with torch.inference_mode(False), torch.enable_grad():
        leaf = rows.detach().clone().requires_grad_()
        logits = evaluate(score, leaf, images)
        if not logits.requires_grad:
            raise StageError(
                "score: not differentiable in the codes; "
                "build it from torch operations, or choose occlusion, shap or sobol"
            )
        (slope,) = torch.autograd.grad(logits.sum(), leaf)
    return slope


def effective_weights(
    score: AnyScore, activations: Float[Tensor, "n s p"], *, batch: int
) -> Float[Tensor, " p"]:
    """Mean over images of Σ_s ∂y/∂a_s: what stands in for W_c when the head is not linear.

    ``score`` takes activations, not codes. Equal to W_c for average pooling and a linear layer.
    """
    return gradient(score, activations, batch=batch).sum(dim=1).mean(dim=0)
