"""Sensitivity analysis: how much of the logit's variation under random masks is a concept's."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.importance import closed_form
from lens_site.importance.attributor import AnyScore, Attributor, LinearScore
from lens_site.importance.masking import masked_logits


def quasi_random(
    points: int, dimensions: int, *, generator: torch.Generator
) -> Float[Tensor, "points dimensions"]:
    """Scrambled Sobol sequence in [0, 1], best balanced when ``points`` is a power of two."""
    seed = torch.randint(2**31, (1,), generator=generator, device=generator.device)
    engine = torch.quasirandom.SobolEngine(  # type: ignore[no-untyped-call]
        dimensions, scramble=True, seed=int(seed)
    )
    return engine.draw(points)


def constant(logits: Float[Tensor, "n q"]) -> Float[Tensor, "n 1"]:
    """1 for the images whose logit moves by no more than rounding, else 0."""
    spread = logits.amax(dim=1) - logits.amin(dim=1)
    rounding = 8 * torch.finfo(logits.dtype).eps * logits.abs().amax(dim=1)
    return (spread <= rounding)[:, None].to(logits)


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

    name: ClassVar[str] = "sobol"

    def __init__(self, *, designs: int = 32, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.designs = self._at_least(2, "designs", designs)

    def masks(self, k: int, *, generator: torch.Generator) -> Float[Tensor, "designs q k"]:
        """Return, for every design, A, then A_1 … A_k, then B: q = k + 2."""
        a, b = quasi_random(self.designs, 2 * k, generator=generator).chunk(2, dim=1)
        swapped = torch.where(torch.eye(k, dtype=torch.bool), b[:, None], a[:, None])
        return torch.cat([a[:, None], swapped, b[:, None]], dim=1)

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by Jansen's estimator."""
        n, _, k = codes.shape
        masks = self.masks(k, generator=generator).flatten(0, 1).to(codes)
        flat = masked_logits(score, codes, masks, batch=self.batch)
        logits = flat.view(n, self.designs, k + 2)
        variance = logits[:, :, [0, -1]].flatten(1).var(dim=1, correction=0)[:, None]
        moved = (logits[:, :, :1] - logits[:, :, 1:-1]).square().mean(dim=1) / 2
        still = constant(flat)
        return moved / (variance + still) * (1 - still)

    def closed_form(
        self, score: LinearScore, codes: Float[Tensor, "n k"]
    ) -> Float[Tensor, "n k"] | None:
        """(u_i γ_i)² / Σ_j (u_j γ_j)²."""
        return closed_form.sobol(score.gamma, codes)


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

    name: ClassVar[str] = "hsic"

    def __init__(self, *, masks: int = 256, batch: int = 64) -> None:
        super().__init__(batch=batch)
        self.masks = self._at_least(2, "masks", masks)

    def estimate(
        self,
        score: AnyScore,
        codes: Float[Tensor, "n s k"],
        *,
        generator: torch.Generator,
    ) -> Float[Tensor, "n k"]:
        """Φ by the biased estimator, one image's N × N kernel at a time."""
        drawn = quasi_random(self.masks, codes.shape[2], generator=generator)
        masks = (drawn > 0.5).to(codes)
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
