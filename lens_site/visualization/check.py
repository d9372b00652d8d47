"""Whether a picture shows its concept, as the network says.

Source of the second question: Geirhos et al. 2023 (arXiv 2306.04719), who show that a network can
process visualizations along other paths than natural pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

MOST = 99.0
"""Largest ratio that is told: over a code near 0 it means nothing."""


@dataclass(frozen=True)
class Standing:
    """Rank of a picture's own concept, and its code over the largest of the others."""

    rank: int
    ratio: float


def standings(codes: Float[Tensor, "n k"], own: Sequence[int]) -> tuple[Standing, ...]:
    """Say where each picture's own concept stands among all k; a tie is not first.

    ``codes`` are mean codes of whole pictures, each times the length of its atom, so that concepts
    compare. Ratios lie in [0, 99]; that of a concept alone is 99 where its code is positive.
    """
    return tuple(_standing(row, i) for row, i in zip(codes.tolist(), own, strict=True))


def _standing(codes: Sequence[float], own: int) -> Standing:
    others = [code for i, code in enumerate(codes) if i != own]
    ahead = sum(code >= codes[own] for code in others)
    rank = len(codes) if codes[own] <= 0 else 1 + ahead
    largest = max(max(others, default=0.0), 1e-12)
    return Standing(rank, min(MOST, max(0.0, codes[own]) / largest))


def likeness(one: Float[Tensor, "n p"], other: Float[Tensor, "m p"]) -> float:
    """Mean Pearson correlation, over channels, between pictures of two groups.

    Rows are activations of an earlier layer, averaged over places.
    """
    return float((_standard(one) @ _standard(other).T).mean())


def likeness_within(group: Float[Tensor, "n p"]) -> float:
    """Return the same of all pairs in one group; 1 for a picture alone."""
    n = len(group)
    if n < 2:
        return 1.0
    all_pairs = _standard(group) @ _standard(group).T
    return float((all_pairs.sum() - all_pairs.diagonal().sum()) / (n * (n - 1)))


def _standard(rows: Float[Tensor, "n p"]) -> Float[Tensor, "n p"]:
    centered = rows - rows.mean(dim=1, keepdim=True)
    return torch.nn.functional.normalize(centered, dim=1)
