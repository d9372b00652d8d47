"""Occlusion: what the class logit loses when one concept is taken out."""

import torch
from torch import Generator

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.masks import masked_logits


class Occlusion(Attributor):
    """Occlusion: φ_i = y(u) − y(u with u_i = 0), in logits.

    Linear head: u_i γ_i. Source: Zeiler & Fergus 2014 (arXiv 1311.2901).
    """

    name = "occlusion"
    sums_to_score = True

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ from k + 1 evaluations an image."""
        k = codes.shape[2]
        masks = torch.ones(k + 1, k, dtype=codes.dtype, device=codes.device)
        masks[1:].fill_diagonal_(0)
        logits = masked_logits(score, codes, masks, batch=self.batch)
        return logits[:, :1] - logits[:, 1:]

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)
