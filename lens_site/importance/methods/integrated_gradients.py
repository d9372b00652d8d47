"""Integrated gradients: gradient × input, the gradient averaged on the way from no concept."""

import numpy as np
import torch
from torch import Generator

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.gradient import gradient


class IntegratedGradients(Attributor):
    """Integrated gradients from u' = 0: φ_i = Σ_s u_si ∫₀¹ ∂y/∂u_si(αu) dα, in logits.

    Σ_i φ_i = y(u) − y(0). Linear head: u_i γ_i. Source: Sundararajan et al. 2017
    (arXiv 1703.01365), Eq. 1. The integral is by Gauss–Legendre quadrature, as in Captum.

    Parameters
    ----------
    steps
        Points of the path at which the gradient is taken.
    """

    name = "integrated-gradients"
    sums_to_score = True

    def __init__(self, *, steps: int = 32, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.steps = self._at_least(1, "steps", steps)

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by quadrature along the straight path."""
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        mean_slope = torch.zeros_like(codes)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            along = codes * ((1 + node) / 2)
            mean_slope += weight / 2 * gradient(score, along, batch=self.batch)
        return (codes * mean_slope).sum(dim=1)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)
