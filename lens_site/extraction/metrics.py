"""How good a dictionary is: metrics of step one (methods of this project, §2).

Notation: activations A (rows, p), their reconstruction Â, codes U (rows, k).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.extraction.extractor import CHUNK, Extractor

ZERO = 1e-6
"""Codes under this part of the largest count as zero."""


@dataclass(frozen=True)
class Reconstruction:
    """What the codes keep of the activations, and how sparsely."""

    relative_l2: float
    r2: float
    sparsity: float
    dead_concepts: int


def reconstruction(
    activations: Float[Tensor, "rows p"], codes: Float[Tensor, "rows k"], extractor: Extractor
) -> Reconstruction:
    """Measure A against Â = decode(U), a chunk of rows at a time.

    relative ℓ2 = ‖A − Â‖_F / ‖A‖_F; R² = 1 − ‖A − Â‖² / ‖A − mean row‖² (0 when all rows are
    equal); sparsity = 1 − ‖U‖₀ / size(U); a concept is dead when it fires nowhere.
    """
    mean = activations.mean(dim=0)
    error = energy = spread = 0.0
    for rows, part in zip(torch.split(activations, CHUNK), torch.split(codes, CHUNK), strict=True):
        error += _square(rows - extractor.decode(part))
        energy += _square(rows)
        spread += _square(rows - mean)
    fires = codes.abs() > ZERO * codes.abs().max()
    return Reconstruction(
        relative_l2=(error / energy) ** 0.5 if energy else 0.0,
        r2=1 - error / spread if spread else 0.0,
        sparsity=1 - float(fires.float().mean()),
        dead_concepts=int((~fires.any(dim=0)).sum()),
    )


def _square(values: Tensor) -> float:
    return float(torch.linalg.vector_norm(values, dim=1).double().square().sum())
