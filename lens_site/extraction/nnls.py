"""Non-negative least squares with a fixed dictionary, all rows at once.

min_{U ≥ 0} ‖A − U V‖²_F needs A only through C = V Aᵀ (k, rows): the Gram matrix G = V Vᵀ
(k, k) holds the rest. So A is read once, and every sweep costs rows · k², whatever p.
Codes are kept as (k, rows) here: a coordinate is then one contiguous row.
"""

import torch
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor

SWEEPS = 20
"""Sweeps between two looks at which rows are done."""

ROUNDS = 100
"""Such looks at most; nearly parallel atoms can need many."""

AT_REST, KKT = 1e-12, 1e-10
"""Largest relative change of a row at rest, largest relative breach of optimality."""

SOLVED = 2_048
"""Rows solved at a time: each takes a matrix of k × k."""


def sweep(
    factor: Float[Tensor, "k n"],
    target: Float[Tensor, "k n"],
    gram: Float[Tensor, "k k"],
    *,
    sweeps: int,
) -> None:
    """Minimize ½ Xᵀ G X − Cᵀ X over X ≥ 0 by cyclic coordinate descent, in place.

    x_j ← max(0, (c_j − Σ_{i ≠ j} g_ji x_i) / g_jj), each the exact minimum over row j.

    Source: HALS; Cichocki and Phan 2009, "Fast local algorithms for large scale nonnegative
    matrix and tensor factorizations"; the repeated sweeps: Gillis and Glineur 2012, §4.
    """
    curvature = gram.diagonal()
    scale = curvature.clamp_min(torch.finfo(gram.dtype).tiny)[:, None]
    alone, others = target / scale, (gram / scale).fill_diagonal_(0)
    # a zero atom has no gradient: whatever its row holds stays
    live = [(factor[j], alone[j], others[j]) for j, c in enumerate(curvature.tolist()) if c > 0]
    by_column = factor.T
    for _ in range(sweeps):
        for row, best, pull in live:
            torch.clamp(torch.addmv(best, by_column, pull, alpha=-1), min=0, out=row)


def nnls(
    activations: Float[Tensor, "rows p"], dictionary: Float[Tensor, "k p"]
) -> Float[Tensor, "rows k"]:
    """Codes U ≥ 0 of least ‖a − u V‖², row by row; a zero atom gets zero codes.

    Sweeps find which codes are positive; solving G u = c for these alone gives their values
    exactly. A row leaves the problem when its solution meets the Karush-Kuhn-Tucker conditions
    (u ≥ 0, and c − G u ≤ 0 where u = 0), so a few hard rows cost little. G and everything of
    size k is in double, because nearly parallel atoms amplify rounding.

    Source: Lawson and Hanson 1974, chapter 23, for the conditions; the combination is ours.
    """
    wide = dictionary.double()
    gram = wide @ wide.T
    target = (dictionary @ activations.T).double()
    codes = torch.zeros_like(target)
    open_rows = torch.arange(codes.shape[1], device=codes.device)
    for _ in range(ROUNDS):
        part, part_target = codes[:, open_rows], target[:, open_rows]
        sweep(part, part_target, gram, sweeps=SWEEPS - 1)
        before = part.clone()
        sweep(part, part_target, gram, sweeps=1)
        # parallel atoms have no unique solution, but their sweeps come to rest
        at_rest = (part - before).abs().amax(dim=0) <= AT_REST * part.amax(dim=0)
        solved, exact = _solve_support(part, part_target, gram)
        codes[:, open_rows] = torch.where(solved, exact, part)
        open_rows = open_rows[~(solved | at_rest)]
        if not len(open_rows):
            break
    return codes.T.to(activations.dtype).contiguous()


def _solve_support(
    codes: Float[Tensor, "k n"], target: Float[Tensor, "k n"], gram: Float[Tensor, "k k"]
) -> tuple[Bool[Tensor, " n"], Float[Tensor, "k n"]]:
    """Solve G u = c on the positive codes of every row; say for which rows that is optimal."""
    solved, exact = [], []
    eye = torch.eye(gram.shape[0], dtype=gram.dtype, device=gram.device)
    for part, part_target in zip(
        torch.split(codes, SOLVED, dim=1), torch.split(target, SOLVED, dim=1), strict=True
    ):
        support = rearrange(part > 0, "k n -> n k")
        within = support[:, :, None] & support[:, None, :]
        right = rearrange(part_target, "k n -> n k") * support
        answer, _ = torch.linalg.solve_ex(torch.where(within, gram, eye), right)
        slope = rearrange(part_target, "k n -> n k") - answer @ gram
        allowed = KKT * part_target.abs().amax(dim=0)[:, None]
        optimal = (answer >= 0) & (slope <= allowed) & (~support | (slope >= -allowed))
        solved.append(optimal.all(dim=1))
        exact.append(rearrange(answer, "n k -> k n"))
    return torch.cat(solved), torch.cat(exact, dim=1)
