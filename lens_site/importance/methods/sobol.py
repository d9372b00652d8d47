"""Sobol: the share of the logit's variance that goes through a concept."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.masks import masked_logits
from lens_site.importance.quasi_random import constant, quasi_random


class Sobol(Attributor):
    """Total Sobol index of masks m, uniform in [0, 1]^k: φ_i = E[Var(y | m_~i)] / Var(y).

    In [0, 1] but for the error of the estimate, without sign. Linear head:
    (u_i γ_i)² / Σ_j (u_j γ_j)². Source: Fel et al. 2021 (arXiv 2111.04138); CRAFT
    (arXiv 2211.10154), Sec. 3.3. By the estimator of Jansen 1999, with N pairs of masks A, B and
    A_i, which is A with the column i of B::

        φ_i = Σ (y(A) − y(A_i))² / (2 N Var(y over A and B))

    Undefined when no concept moves the logit: then we return 0.

    Parameters
    ----------
    designs
        N; an image costs N (k + 2) evaluations.
    """

    name = "sobol"

    def __init__(self, *, designs: int = 32, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.designs = self._at_least(2, "designs", designs)

    def masks(self, k: int, *, generator: Generator) -> Float[Tensor, "designs q k"]:
        """Return, for every design, A, then A_1 … A_k, then B: q = k + 2."""
        a, b = quasi_random(self.designs, 2 * k, generator=generator).chunk(2, dim=1)
        swapped = torch.where(torch.eye(k, dtype=torch.bool), b[:, None], a[:, None])
        return torch.cat([a[:, None], swapped, b[:, None]], dim=1)

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by Jansen's estimator."""
        n, _, k = codes.shape
        masks = self.masks(k, generator=generator).flatten(0, 1).to(codes)
        flat = masked_logits(score, codes, masks, batch=self.batch)
        logits = flat.view(n, self.designs, k + 2)
        variance = logits[:, :, [0, -1]].flatten(1).var(dim=1, correction=0)[:, None]
        moved = (logits[:, :, :1] - logits[:, :, 1:-1]).square().mean(dim=1) / 2
        still = constant(flat)
        return moved / (variance + still) * (1 - still)

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """(u_i γ_i)² / Σ_j (u_j γ_j)²."""
        return closed_form.sobol(score.gamma, codes)
