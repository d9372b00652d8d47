"""Methods that follow the gradient of the class logit with respect to the codes."""

from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.errors import StageError
from lens_site.importance import closed_form
from lens_site.importance.attributor import Attributor, LinearScore, Score, evaluate


def gradient(
    score: Score | LinearScore, codes: Float[Tensor, "n s k"], *, batch: int
) -> Float[Tensor, "n s k"]:
    """∂y/∂u at the codes of every image, ``batch`` images at a time."""
    return torch.cat([_gradient(score, rows) for rows in torch.split(codes, batch)])


def _gradient(score: Score | LinearScore, rows: Tensor) -> Tensor:
    with torch.inference_mode(False), torch.enable_grad():
        leaf = rows.detach().clone().requires_grad_()
        logits = evaluate(score, leaf)
        if not logits.requires_grad:
            raise StageError(
                "score: not differentiable in the codes; "
                "build it from torch operations, or choose occlusion, shap or sobol"
            )
        (slope,) = torch.autograd.grad(logits.sum(), leaf)
    return slope


class GradientInput(Attributor):
    """Gradient × input: φ_i = Σ_s u_si ∂y/∂u_si, in logits.

    Linear head: u_i γ_i. Source: Shrikumar et al. 2017 (arXiv 1605.01713); on codes, Fel et al.
    2023 (arXiv 2306.07304), Sec. 3.2.
    """

    name: ClassVar[str] = "gradient-input"

    def estimate(
        self,
        score: Score | LinearScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by automatic differentiation."""
        return (codes * gradient(score, codes, batch=self.batch)).sum(dim=1)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)


def effective_weights(
    score: Callable[[Float[Tensor, "m s p"]], Float[Tensor, " m"]],
    activations: Float[Tensor, "n s p"],
    *,
    batch: int,
) -> Float[Tensor, " p"]:
    """Mean over images of Σ_s ∂y/∂a_s: what stands in for W_c when the head is not linear.

    ``score`` takes activations, not codes. Equal to W_c for average pooling and a linear layer.
    """
    return gradient(score, activations, batch=batch).sum(dim=1).mean(dim=0)
