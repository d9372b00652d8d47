"""Saliency: the slope of the class logit along each concept."""

from torch import Generator

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.gradient import gradient


class Saliency(Attributor):
    """Saliency: φ_i = Σ_s ∂y/∂u_si, sign kept, in logits per unit of code.

    Linear head: γ_i. Source: Simonyan et al. 2014 (arXiv 1312.6034), who take the absolute
    value; we keep the sign, which says whether the concept speaks for or against the class.
    """

    name = "saliency"

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by automatic differentiation."""
        return gradient(score, codes, batch=self.batch).sum(dim=1)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """γ_i."""
        return closed_form.slopes(score.gamma, codes)
