"""Gradient × input: the slope along a concept times how much of it there is."""

from torch import Generator

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.gradient import gradient


class GradientInput(Attributor):
    """Gradient × input: φ_i = Σ_s u_si ∂y/∂u_si, in logits.

    Linear head: u_i γ_i. Source: Shrikumar et al. 2017 (arXiv 1605.01713); on codes, Fel et al.
    2023 (arXiv 2306.07304), Sec. 3.2.
    """

    name = "gradient-input"
    sums_to_score = True

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by automatic differentiation."""
        return (codes * gradient(score, codes, batch=self.batch)).sum(dim=1)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)
