"""Shapley values: a fair share of the logit."""

from math import comb

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, Codes, LinearScore, MeanCodes, Phi
from lens_site.importance.masks import ENUMERABLE, coalitions, masked_logits


class Shap(Attributor):
    """Shapley values with baseline 0, in logits; Σ_i φ_i = y(u) − y(0).

    φ_i = Σ_{S∌i} |S|! (k−|S|−1)! / k! · (y(u_S∪i) − y(u_S)). Linear head: u_i γ_i. Source:
    Lundberg & Lee 2017 (arXiv 1705.07874). All coalitions for k of at most 12, else KernelSHAP
    in the form of Covert & Lee 2021 (arXiv 2012.01536), Eq. 7 and Sec. 4.2: paired random
    coalitions and least squares under the constraint on the sum. It is ours because images share
    the coalitions here, so one k × k system serves them all, batched on the device.

    Parameters
    ----------
    masks
        Number of random coalitions, rounded up to pairs; None sums over all where possible,
        else draws 2,048 + 2 k, the number of the shap package.
    """

    name = "shap"
    sums_to_score = True

    def __init__(self, *, masks: int | None = None, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = None if masks is None else self._at_least(2, "masks", masks)

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by all coalitions, or by KernelSHAP."""
        k = codes.shape[2]
        if k == 1 or (self.masks is None and k <= ENUMERABLE):
            masks = coalitions(k, like=codes)
            logits = masked_logits(score, codes, masks, batch=self.batch)
            return (logits - logits[:, :1]) @ _shapley_weights(masks)
        pairs = -(-(self.masks or 2048 + 2 * k) // 2)
        inner = _kernel_coalitions(pairs, k, generator=generator).to(codes)
        masks = torch.cat([inner.new_zeros(1, k), inner.new_ones(1, k), inner])
        logits = masked_logits(score, codes, masks, batch=self.batch)
        return _kernel_regression(inner, logits[:, 2:] - logits[:, :1], logits[:, 1] - logits[:, 0])

    def closed_form(self, score: LinearScore, codes: MeanCodes) -> Phi:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)


def _shapley_weights(masks: Float[Tensor, "q k"]) -> Float[Tensor, "q k"]:
    """Weight of y(u_S) in φ_i: 1 / (k C(k−1, |S|−1)) for i in S, else −1 / (k C(k−1, |S|))."""
    k = masks.shape[1]
    size = masks.sum(dim=1).long()
    share = masks.new_tensor([1 / (k * comb(k - 1, j)) for j in range(k)])
    inside = share[(size - 1).clamp_min(0)][:, None]
    outside = share[size.clamp_max(k - 1)][:, None]
    return masks * inside - (1 - masks) * outside


def _kernel_coalitions(pairs: int, k: int, *, generator: Generator) -> Float[Tensor, "q k"]:
    """Coalitions of size 1 to k−1 drawn by the Shapley kernel, each followed by its complement.

    A size is drawn with probability ∝ 1 / (|S| (k−|S|)), then its members uniformly.
    """
    device = generator.device
    sizes = torch.arange(1, k, device=device)
    chosen = torch.multinomial(
        1 / (sizes * (k - sizes)), pairs, replacement=True, generator=generator
    )
    ranks = torch.rand(pairs, k, generator=generator, device=device).argsort(dim=1)
    masks = (ranks < sizes[chosen, None]).float()
    return torch.stack([masks, 1 - masks], dim=1).flatten(0, 1)


def _kernel_regression(
    masks: Float[Tensor, "q k"], gains: Float[Tensor, "n q"], total: Float[Tensor, " n"]
) -> Float[Tensor, "n k"]:
    """argmin_φ Σ_S (gain_S − Σ_{i∈S} φ_i)² under Σ_i φ_i = total.

    The Shapley kernel is in the frequency of the masks. The constraint is met by spreading
    ``total`` evenly and regressing the rest on masks centered to sum 0; the least-norm solution
    sums to 0 by itself, and exists even for fewer masks than concepts.
    """
    k = masks.shape[1]
    centered = masks - masks.mean(dim=1, keepdim=True)
    even = total[:, None] / k
    rest = gains - even * masks.sum(dim=1)
    phi: Tensor = even + rest @ torch.linalg.pinv(centered).T
    return phi
