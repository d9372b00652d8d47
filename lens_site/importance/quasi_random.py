"""Masks that fill the cube evenly, and whether they move the logit: what Sobol and HSIC share."""

import torch
from jaxtyping import Float
from torch import Generator, Tensor


def quasi_random(
    points: int, dimensions: int, *, generator: Generator
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
