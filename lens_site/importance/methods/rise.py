"""RISE: the mean class logit over random masks that keep a concept."""

import torch
from torch import Generator

from lens_site.errors import StageError
from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.masks import ENUMERABLE, coalitions, masked_logits


class Rise(Attributor):
    """RISE: φ_i = E[y(u⊙m) given m_i = 1], m Bernoulli(p), in logits.

    Linear head: b + (1−p) u_i γ_i + p Σ_j u_j γ_j. Source: Petsiuk et al. 2018
    (arXiv 1806.07421), Eq. 6. The sum over all 2^k masks when there are at most 2^12, else the
    mean over random ones, which can miss the right order even for a linear head.

    Parameters
    ----------
    masks
        Number of random masks; None sums over all where possible, else draws 4,096.
    keep
        p, the probability that a concept stays.
    """

    name = "rise"

    def __init__(self, *, masks: int | None = None, keep: float = 0.5, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = None if masks is None else self._at_least(1, "masks", masks)
        if not 0 < keep < 1:
            raise StageError(f"rise: keep is {keep}; it must lie between 0 and 1")
        self.keep = keep

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by the exact sum or by random masks; a concept that no mask keeps gets 0."""
        k = codes.shape[2]
        if self.masks is None and k <= ENUMERABLE:
            masks = coalitions(k, like=codes)
            kept = masks.sum(dim=1, keepdim=True)
            weights = masks * self.keep ** (kept - 1) * (1 - self.keep) ** (k - kept)
        else:
            shape = (self.masks or 2**ENUMERABLE, k)
            chances = torch.rand(shape, generator=generator, device=generator.device)
            masks = (chances < self.keep).to(codes)
            weights = masks / masks.sum(dim=0).clamp_min(1)
        return masked_logits(score, codes, masks, batch=self.batch) @ weights

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """Return b + (1−p) u_i γ_i + p Σ_j u_j γ_j."""
        return closed_form.rise(score.gamma, codes, bias=score.bias, keep=self.keep)
