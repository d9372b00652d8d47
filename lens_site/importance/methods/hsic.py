"""HSIC: how far the logit depends on whether a concept is there."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from lens_site.importance.attributor import AnyScore, Attributor, Codes, Phi
from lens_site.importance.masks import masked_logits
from lens_site.importance.quasi_random import constant, quasi_random


class Hsic(Attributor):
    """Hilbert–Schmidt independence criterion of m_i and y, m Bernoulli(1/2): φ_i = HSIC(m_i, y).

    Between 0, for independence, and about 1/4, without sign. With N masks, H = I − 11ᵀ/N,
    K_ab = [m_i^a = m_i^b] and L_ab = exp(−(y_a − y_b)² / 2σ²)::

        φ_i = tr(K H L H) / (N − 1)²

    Source: Novello et al. 2022 (arXiv 2206.06219), Eq. 4 and Sec. 3.2; estimator of Gretton et
    al. 2005. What we chose: σ is the standard deviation of y over the masks, and 0 is returned
    when no concept moves the logit. Masks are a scrambled Sobol sequence cut at 1/2.

    Parameters
    ----------
    masks
        N; an image costs N evaluations, and N² numbers of memory.
    """

    name = "hsic"

    def __init__(self, *, masks: int = 256, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = self._at_least(2, "masks", masks)

    def estimate(self, score: AnyScore, codes: Codes, *, generator: Generator) -> Phi:
        """Φ by the biased estimator, one image's N × N kernel at a time."""
        uniform = quasi_random(self.masks, codes.shape[2], generator=generator)
        masks = (uniform > 0.5).to(codes)
        logits = masked_logits(score, codes, masks, batch=self.batch)
        criteria = torch.stack([hsic(masks, image) for image in logits])
        return criteria * (1 - constant(logits))


def hsic(masks: Float[Tensor, "q k"], logits: Float[Tensor, " q"]) -> Float[Tensor, " k"]:
    """tr(K H L H) / (N−1)² for every concept; logits all equal give 0.

    For a mask of 0 and 1 the centered kernel is H K H = 2 m̃ m̃ᵀ with m̃ = H m, so the trace is
    2 m̃ᵀ L m̃: all concepts in one product.
    """
    width = logits.var(correction=0)
    distances = (logits[:, None] - logits).square()
    kernel = torch.exp(-distances / (2 * width + (width == 0)))
    centered = masks - masks.mean(dim=0)
    return 2 * (centered * (kernel @ centered)).sum(dim=0) / (len(masks) - 1) ** 2
