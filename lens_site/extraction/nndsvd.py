"""Where an NMF starts: the leading singular vectors, split into their signs."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

OVERSAMPLING = 10
POWER_ITERATIONS = 2


class Singular(NamedTuple):
    """Leading singular triplets, x and y of unit length: A ≈ Σ_i x_i s_i y_iᵀ."""

    left: Float[Tensor, "rows r"]
    values: Float[Tensor, " r"]
    right: Float[Tensor, "r p"]


def leading_singular(
    matrix: Float[Tensor, "rows p"], rank: int, *, generator: torch.Generator
) -> Singular:
    """Leading singular triplets by randomized subspace iteration.

    Source: Halko, Martinsson and Tropp 2011, Algorithms 4.4 and 5.1. We draw the test matrix
    on the generator's device, so the same seed starts the same fit on CPU and GPU.
    """
    rows, p = matrix.shape
    width = min(rank + OVERSAMPLING, rows, p)
    basis = torch.randn(p, width, generator=generator, device=generator.device).to(matrix)
    for _ in range(POWER_ITERATIONS):
        basis = torch.linalg.qr(matrix.T @ (matrix @ basis)).Q
    left, values, right = torch.linalg.svd(matrix @ basis, full_matrices=False)
    return Singular(left[:, :rank], values[:rank], (right @ basis.T)[:rank])


def nndsvd(
    matrix: Float[Tensor, "rows p"], k: int, singular: Singular, *, generator: torch.Generator
) -> Float[Tensor, "k p"]:
    """Start k non-negative unit atoms from the singular vectors of A ≥ 0.

    Of each singular pair (x, y) the atom is the positive or the negative part of y, whichever
    has the larger ‖x±‖‖y±‖. Where the rank is below k, rows drawn by their energy fill in.

    Source: Boutsidis and Gallopoulos 2008, "SVD based initialization", §2.3. Their zeros are
    kept: coordinate descent leaves zero when it should, so no "a" or "ar" filling is needed.
    """
    values = singular.values
    solid = (values > values[0] * 1e-5).nonzero()[:k, 0]
    left, right = singular.left[:, solid], singular.right[solid]
    positive, negative = right.clamp_min(0), (-right).clamp_min(0)
    weight = left.clamp_min(0).norm(dim=0) * positive.norm(dim=1)
    other = (-left).clamp_min(0).norm(dim=0) * negative.norm(dim=1)
    atoms = torch.where((weight >= other)[:, None], positive, negative)
    missing = k - atoms.shape[0]
    if missing:
        energy = matrix.square().sum(dim=1).double().to(generator.device)
        rows = torch.multinomial(energy, missing, replacement=True, generator=generator)
        atoms = torch.cat([atoms, matrix[rows.to(matrix.device)]])
    return torch.nn.functional.normalize(atoms)
