"""Methods that follow the gradient of the class logit with respect to the codes."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from lens_site.errors import StageError
from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, LinearScore, evaluate


def gradient(
    score: AnyScore,
    codes: Float[Tensor, "n s k"],
    *,
    batch: int,
    images: Int[Tensor, " n"] | None = None,
) -> Float[Tensor, "n s k"]:
    """∂y/∂u at n codes, ``batch`` at a time; they are those of all images, or of ``images``."""
    whose = torch.arange(len(codes), device=codes.device) if images is None else images
    parts = zip(torch.split(codes, batch), torch.split(whose, batch), strict=True)
    return torch.cat([_gradient(score, rows, of) for rows, of in parts])


def _gradient(score: AnyScore, rows: Tensor, images: Tensor) -> Tensor:
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


class Saliency(Attributor):
    """Saliency: φ_i = Σ_s ∂y/∂u_si, sign kept, in logits per unit of code.

    Linear head: γ_i. Source: Simonyan et al. 2014 (arXiv 1312.6034), who take the absolute
    value; we keep the sign, which says whether the concept speaks for or against the class.
    """

    name: ClassVar[str] = "saliency"

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by automatic differentiation."""
        return gradient(score, codes, batch=self.batch).sum(dim=1)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """γ_i."""
        return closed_form.slopes(score.gamma, codes)


class GradientInput(Attributor):
    """Gradient × input: φ_i = Σ_s u_si ∂y/∂u_si, in logits.

    Linear head: u_i γ_i. Source: Shrikumar et al. 2017 (arXiv 1605.01713); on codes, Fel et al.
    2023 (arXiv 2306.07304), Sec. 3.2.
    """

    name: ClassVar[str] = "gradient-input"

    def estimate(
        self,
        score: AnyScore,
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


class IntegratedGradients(Attributor):
    """Integrated gradients from u' = 0: φ_i = Σ_s u_si ∫₀¹ ∂y/∂u_si(αu) dα, in logits.

    Σ_i φ_i = y(u) − y(0). Linear head: u_i γ_i. Source: Sundararajan et al. 2017
    (arXiv 1703.01365), Eq. 1. The integral is by Gauss–Legendre quadrature, as in Captum.

    Parameters
    ----------
    steps
        Points of the path at which the gradient is taken.
    """

    name: ClassVar[str] = "integrated-gradients"

    def __init__(self, *, steps: int = 32, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.steps = self._at_least(1, "steps", steps)

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by quadrature along the straight path."""
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        mean_slope = torch.zeros_like(codes)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            along = codes * ((1 + node) / 2)
            mean_slope += weight / 2 * gradient(score, along, batch=self.batch)
        return (codes * mean_slope).sum(dim=1)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)


class _NoisyGradient(Attributor):
    """A statistic of the saliency at u + ε, ε Gaussian, drawn anew at every position.

    Source: Smilkov et al. 2017 (arXiv 1706.03825). As there, the deviation of ε is a fraction
    of the range of the input, here max(u) − min(u) over the positions and concepts of an image.

    Parameters
    ----------
    samples
        Draws of ε an image.
    noise
        Standard deviation of ε, as a fraction of the range.
    """

    def __init__(self, *, samples: int = 32, noise: float = 0.1, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.samples = self._at_least(1, "samples", samples)
        if not noise >= 0:
            raise StageError(f"{self.name}: noise is {noise}; it must be 0 or more")
        self.noise = noise

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ from ``samples`` noisy gradients an image."""
        return torch.stack([self._image(score, codes[i], i, generator) for i in range(len(codes))])

    def _image(self, score: AnyScore, image: Tensor, i: int, generator: torch.Generator) -> Tensor:
        deviation = self.noise * (image.max() - image.min())
        shape = (self.samples, *image.shape)
        drawn = torch.randn(shape, generator=generator, device=generator.device, dtype=image.dtype)
        noisy = image + deviation * drawn.to(image.device)
        whose = torch.full((self.samples,), i, device=image.device)
        slopes = gradient(score, noisy, batch=self.batch, images=whose)
        return self._reduce(slopes.sum(dim=1))

    @abstractmethod
    def _reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        """Return φ of one image from the saliency of each sample."""


class SmoothGrad(_NoisyGradient):
    """SmoothGrad: the mean of the gradient under noise. Linear head: γ_i."""

    name: ClassVar[str] = "smoothgrad"

    def _reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        return slopes.mean(dim=0)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """γ_i."""
        return closed_form.slopes(score.gamma, codes)


class SquareGrad(_NoisyGradient):
    """SquareGrad: the mean square of the gradient under noise, without sign. Linear head: γ_i².

    Source: Hooker et al. 2019 (arXiv 1806.10758).
    """

    name: ClassVar[str] = "squaregrad"

    def _reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        return slopes.square().mean(dim=0)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """γ_i²."""
        return closed_form.squared_slopes(score.gamma, codes)


class VarGrad(_NoisyGradient):
    """VarGrad: the variance (÷ samples) of the gradient under noise. Linear head: 0.

    Source: Adebayo et al. 2018 (arXiv 1810.03307).
    """

    name: ClassVar[str] = "vargrad"

    def _reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        return slopes.var(dim=0, correction=0)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """0."""
        return closed_form.zeros(codes)


def effective_weights(
    score: AnyScore,
    activations: Float[Tensor, "n s p"],
    *,
    batch: int,
) -> Float[Tensor, " p"]:
    """Mean over images of Σ_s ∂y/∂a_s: what stands in for W_c when the head is not linear.

    ``score`` takes activations, not codes. Equal to W_c for average pooling and a linear layer.
    """
    return gradient(score, activations, batch=batch).sum(dim=1).mean(dim=0)
