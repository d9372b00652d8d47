"""Masks, and the logits under them: what every method that takes concepts out needs.

A mask m (k,) multiplies the codes, at every position: y(u⊙m). q masks make (q, k). Methods that
use them, and masks of one method alone, are in ``methods``; drawn ones in ``quasi_random``.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.importance.attributor import AnyScore, Codes, LinearScore, evaluate

ENUMERABLE = 12
"""Most concepts whose 2^k coalitions are all evaluated."""


def masked_logits(
    score: AnyScore, codes: Codes, masks: Float[Tensor, "q k"], *, batch: int
) -> Float[Tensor, "n q"]:
    """y(u⊙m) of every image under every mask, ``batch`` rows (image, mask) at a time."""
    return each_masked_logits(score, codes, masks.expand(len(codes), -1, -1), batch=batch)


def each_masked_logits(
    score: AnyScore, codes: Codes, masks: Float[Tensor, "n q k"], *, batch: int
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
