"""Methods that take concepts out and watch the class logit: occlusion, RISE, Shapley values.

A mask m (k,) multiplies the codes, at every position: y(u⊙m). All images share the same masks.
"""

from math import comb
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.errors import StageError
from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, LinearScore, evaluate

ENUMERABLE = 12
"""Most concepts whose 2^k coalitions are all evaluated."""


def masked_logits(
    score: AnyScore,
    codes: Float[Tensor, "n s k"],
    masks: Float[Tensor, "q k"],
    *,
    batch: int,
) -> Float[Tensor, "n q"]:
    """y(u⊙m) of every image under every mask, ``batch`` rows (image, mask) at a time."""
    return each_masked_logits(score, codes, masks.expand(len(codes), -1, -1), batch=batch)


def each_masked_logits(
    score: AnyScore,
    codes: Float[Tensor, "n s k"],
    masks: Float[Tensor, "n q k"],
    *,
    batch: int,
) -> Float[Tensor, "n q"]:
    """y(u⊙m) of every image under its own masks."""
    n, q, _ = masks.shape
    if isinstance(score, LinearScore):  # looks at mean codes only: more rows in the same memory
        batch *= codes.shape[1]
        codes = codes.mean(dim=1, keepdim=True)
    logits = []
    with torch.no_grad():
        for rows in torch.split(torch.arange(n * q, device=codes.device), batch):
            image = rows // q
            logits.append(evaluate(score, codes[image] * masks[image, rows % q, None], image))
    return torch.cat(logits).view(n, q)


def coalitions(k: int, *, like: Tensor) -> Float[Tensor, "q k"]:
    """All 2^k masks of 0 and 1; row j keeps the concepts whose bit is set in j."""
    bits = torch.arange(2**k, device=like.device)[:, None] >> torch.arange(k, device=like.device)
    return (bits & 1).to(like.dtype)


class Occlusion(Attributor):
    """Occlusion: φ_i = y(u) − y(u with u_i = 0), in logits.

    Linear head: u_i γ_i. Source: Zeiler & Fergus 2014 (arXiv 1311.2901).
    """

    name: ClassVar[str] = "occlusion"

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ from k + 1 evaluations an image."""
        k = codes.shape[2]
        masks = torch.ones(k + 1, k, dtype=codes.dtype, device=codes.device)
        masks[1:].fill_diagonal_(0)
        logits = masked_logits(score, codes, masks, batch=self.batch)
        return logits[:, :1] - logits[:, 1:]

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """u_i γ_i."""
        return closed_form.contributions(score.gamma, codes)


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

    name: ClassVar[str] = "rise"

    def __init__(self, *, masks: int | None = None, keep: float = 0.5, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = None if masks is None else self._at_least(1, "masks", masks)
        if not 0 < keep < 1:
            raise StageError(f"rise: keep is {keep}; it must lie between 0 and 1")
        self.keep = keep

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by the exact sum or by random masks; a concept that no mask keeps gets 0."""
        k = codes.shape[2]
        if self.masks is None and k <= ENUMERABLE:
            masks = coalitions(k, like=codes)
            kept = masks.sum(dim=1, keepdim=True)
            weights = masks * self.keep ** (kept - 1) * (1 - self.keep) ** (k - kept)
        else:
            shape = (self.masks or 2**ENUMERABLE, k)
            drawn = torch.rand(shape, generator=generator, device=generator.device)
            masks = (drawn < self.keep).to(codes)
            weights = masks / masks.sum(dim=0).clamp_min(1)
        return masked_logits(score, codes, masks, batch=self.batch) @ weights

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """Return b + (1−p) u_i γ_i + p Σ_j u_j γ_j."""
        return closed_form.rise(score.gamma, codes, bias=score.bias, keep=self.keep)


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

    name: ClassVar[str] = "shap"

    def __init__(self, *, masks: int | None = None, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = None if masks is None else self._at_least(2, "masks", masks)

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
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

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
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


def _kernel_coalitions(pairs: int, k: int, *, generator: torch.Generator) -> Float[Tensor, "q k"]:
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
