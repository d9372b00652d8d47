"""Non-negative least squares with a fixed dictionary, all rows at once.

min_{U ≥ 0} ‖A − U V‖²_F needs A only through C = V Aᵀ (k, rows): the Gram matrix G = V Vᵀ
(k, k) holds the rest. So A is read once, and every sweep costs rows · k², whatever p.
Codes are kept as (k, rows) here: a coordinate is then one contiguous row.
"""

import torch
from jaxtyping import Float
from torch import Tensor

SWEEPS = 20
"""Sweeps between two looks at which rows still move."""

ROUNDS = 100
"""Such looks at most; nearly parallel atoms can need many."""


def sweep(
    factor: Float[Tensor, "k n"],
    target: Float[Tensor, "k n"],
    gram: Float[Tensor, "k k"],
    *,
    sweeps: int,
) -> None:
    """Minimize ½ Xᵀ G X − Cᵀ X over X ≥ 0 by cyclic coordinate descent, in place.

    x_j ← max(0, x_j + (c_j − g_j · X) / g_jj), each the exact minimum over row j.

    Source: HALS; Cichocki and Phan 2009, "Fast local algorithms for large scale nonnegative
    matrix and tensor factorizations"; the repeated sweeps: Gillis and Glineur 2012, §4.
    """
    curvature = gram.diagonal()
    scale = curvature.clamp_min(torch.finfo(gram.dtype).tiny)
    # a zero atom has no gradient: whatever its row holds stays
    live = [j for j, c in enumerate(curvature.tolist()) if c > 0]
    for _ in range(sweeps):
        for j in live:
            step = torch.sub(target[j], gram[j] @ factor).div_(scale[j])
            factor[j].add_(step).clamp_(min=0)


def nnls(
    activations: Float[Tensor, "rows p"], dictionary: Float[Tensor, "k p"]
) -> Float[Tensor, "rows k"]:
    """Codes U ≥ 0 of least ‖a − u V‖², row by row; a zero atom gets zero codes.

    A row is done when a sweep changes it by less than ten machine epsilons of its largest code.
    Rows that are done leave the problem, so a few hard rows cost little.
    """
    target = dictionary @ activations.T
    gram = dictionary @ dictionary.T
    codes = torch.zeros_like(target)
    sweep(codes, target, gram, sweeps=SWEEPS)
    tolerance = 10 * torch.finfo(codes.dtype).eps
    moving = torch.arange(codes.shape[1], device=codes.device)
    for _ in range(ROUNDS):
        part, part_target = codes[:, moving], target[:, moving]
        before = part.clone()
        sweep(part, part_target, gram, sweeps=1)
        change = (part - before).abs().amax(dim=0)
        codes[:, moving] = part
        moving = moving[change > tolerance * part.amax(dim=0)]
        if not len(moving):
            break
        part, part_target = codes[:, moving], target[:, moving]
        sweep(part, part_target, gram, sweeps=SWEEPS)
        codes[:, moving] = part
    return codes.T.contiguous()
