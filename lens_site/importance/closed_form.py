"""What every method comes to when the head is linear in the codes: exact, and nearly free.

Notation: mean codes u (n, k); y(u) = b + Σ_i u_i γ_i with γ_i = v_i·W_c. ``contributions`` are
the terms u_i γ_i, in logits. Every function returns φ (n, k).

Source: Fel et al. 2023 (arXiv 2306.07304), Sec. 3.2 and its appendix on the linear case. The
numerical methods are held to this table by the tests.
"""

from jaxtyping import Float
from torch import Tensor

from lens_site.importance.attributor import Gamma, MeanCodes, Phi


def contributions(gamma: Gamma, codes: MeanCodes) -> Phi:
    """u_i γ_i: gradient × input, integrated gradients from 0, occlusion, Shapley values."""
    return codes * gamma


def slopes(gamma: Gamma, codes: MeanCodes) -> Phi:
    """γ_i, the same for every image: saliency and SmoothGrad."""
    return gamma.expand_as(codes).clone()


def squared_slopes(gamma: Gamma, codes: MeanCodes) -> Phi:
    """γ_i²: SquareGrad, which loses the sign."""
    return gamma.square().expand_as(codes).clone()


def zeros(codes: MeanCodes) -> Phi:
    """0: VarGrad, the variance of a constant gradient."""
    return codes.new_zeros(codes.shape)


def signs(gamma: Gamma, codes: MeanCodes) -> Phi:
    """Sign of γ_i: TCAV, signed; the mean over the images where γ differs among them."""
    return gamma.sign().view(-1, codes.shape[1]).mean(dim=0).expand_as(codes).clone()


def rise(gamma: Gamma, codes: MeanCodes, *, bias: float | Float[Tensor, " n"], keep: float) -> Phi:
    """RISE whose masks keep a concept with probability p: b + (1−p) u_i γ_i + p Σ_j u_j γ_j."""
    parts = contributions(gamma, codes)
    start = bias if isinstance(bias, float) else bias[:, None]
    return start + (1 - keep) * parts + keep * parts.sum(dim=1, keepdim=True)


def sobol(gamma: Gamma, codes: MeanCodes) -> Phi:
    """(u_i γ_i)² / Σ_j (u_j γ_j)²: total Sobol index; 0 where no concept moves the logit."""
    parts = contributions(gamma, codes)
    largest = parts.abs().amax(dim=1, keepdim=True)
    squares = (parts / largest.where(largest > 0, 1)).square()  # scaled first: no underflow
    return squares / squares.sum(dim=1, keepdim=True).clamp_min(1)
