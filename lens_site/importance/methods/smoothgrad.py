"""SmoothGrad: the slope, averaged over noisy codes."""

from jaxtyping import Float
from torch import Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import LinearScore, MeanCodes, Phi
from lens_site.importance.noise import NoisyGradient


class SmoothGrad(NoisyGradient):
    """SmoothGrad: the mean of the gradient under noise. Linear head: γ_i."""

    name = "smoothgrad"

    def reduce(self, slopes: Float[Tensor, "samples k"]) -> Float[Tensor, " k"]:
        """Mean."""
        return slopes.mean(dim=0)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """γ_i."""
        return closed_form.slopes(score.gamma, codes)
