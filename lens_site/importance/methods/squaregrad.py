"""SquareGrad: the squared slope, averaged over noisy codes."""

from jaxtyping import Float
from torch import Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import LinearScore, MeanCodes, Phi
from lens_site.importance.noise import NoisyGradient


class SquareGrad(NoisyGradient):
    """SquareGrad: the mean square of the gradient under noise, without sign. Linear head: γ_i².

    Source: Hooker et al. 2019 (arXiv 1806.10758).
    """

    name = "squaregrad"

    def reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        """Mean square."""
        return slopes.square().mean(dim=0)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """γ_i²."""
        return closed_form.squared_slopes(score.gamma, codes)
