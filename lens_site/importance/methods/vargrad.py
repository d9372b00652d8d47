"""VarGrad: how much the slope varies over noisy codes."""

from jaxtyping import Float
from torch import Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import LinearScore, MeanCodes, Phi
from lens_site.importance.noise import NoisyGradient


class VarGrad(NoisyGradient):
    """VarGrad: the variance (÷ samples) of the gradient under noise. Linear head: 0.

    Source: Adebayo et al. 2018 (arXiv 1810.03307).
    """

    name = "vargrad"

    def reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        """Variance."""
        return slopes.var(dim=0, correction=0)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """0."""
        return closed_form.zeros(codes)
