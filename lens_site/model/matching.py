"""Concepts of two networks matched one to one by where they are active.

Notation: n images of r × c places; u_i (n, r, c) the codes of concept i of the first network, v_j
of concept j of the second. The correlation ρ_ij is Pearson's, over all images and places. The
matching maximizes Σ max(ρ_ij, 0) over one-to-one pairs (Hungarian algorithm).

What chance gives: images of the second network are dealt out anew (whole, so that what comes from
the place in the picture alone stays), ``DRAWS`` times, and the largest correlation that a concept
reaches with *any* of the other network is its line. A matched pair that does not exceed the lines
of both its concepts is no match: under chance a concept does so in 1 of ``DRAWS`` + 1 cases.

Source: Kuhn 1955 by scipy's linear_sum_assignment; the null is ours.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import linear_sum_assignment

DRAWS = 99
"""Times that images are shuffled."""


@dataclass(frozen=True)
class Matching:
    """Correlations ρ, the line of each concept, and the pairs above both lines, best first."""

    correlations: Float[np.ndarray, "k m"]
    first_lines: Float[np.ndarray, " k"]
    second_lines: Float[np.ndarray, " m"]
    pairs: Int[np.ndarray, "q 2"]

    def line(self, i: int, j: int) -> float:
        """Return what a pair must exceed."""
        return float(max(self.first_lines[i], self.second_lines[j]))


def match(
    first: Float[np.ndarray, "n r c k"],
    second: Float[np.ndarray, "n r c m"],
    *,
    absolute: bool,
    generator: np.random.Generator,
) -> Matching:
    """Match the concepts of two networks over the same images and places.

    ``absolute`` leaves out signs, for methods whose codes take both.
    """
    u, v = _standard(first), _standard(second)
    n, k, m = len(u), u.shape[2], v.shape[2]

    def correlate(order: Int[np.ndarray, " n"]) -> Float[np.ndarray, "k m"]:
        rho = u.reshape(-1, k).T @ v[order].reshape(-1, m)
        return np.abs(rho) if absolute else np.asarray(rho)

    rho = correlate(np.arange(n))
    first_lines, second_lines = np.zeros(k), np.zeros(m)
    for _ in range(DRAWS):
        drawn = correlate(generator.permutation(n))
        first_lines = np.maximum(first_lines, drawn.max(axis=1))
        second_lines = np.maximum(second_lines, drawn.max(axis=0))
    i, j = linear_sum_assignment(-np.maximum(rho, 0.0))
    kept: Bool[np.ndarray, " q"] = rho[i, j] > np.maximum(first_lines[i], second_lines[j])
    pairs = np.stack([i[kept], j[kept]], axis=1)
    order = np.lexsort((pairs[:, 0], -rho[pairs[:, 0], pairs[:, 1]]))
    return Matching(rho, first_lines, second_lines, pairs[order].astype(np.int64))


def _standard(codes: Float[np.ndarray, "n r c k"]) -> Float[np.ndarray, "n places k"]:
    """Center the codes of each concept and scale them to length 1; constant ones become 0."""
    flat = codes.reshape(len(codes), -1, codes.shape[3]).astype(np.float64)
    centered = flat - flat.mean(axis=(0, 1))
    lengths = np.sqrt(np.square(centered).sum(axis=(0, 1)))
    size = np.abs(flat).max(axis=(0, 1), initial=0.0) * np.sqrt(flat[..., 0].size)
    fires = lengths > 1e-9 * size  # what is left of a constant is rounding
    return np.asarray(np.where(fires, centered / np.where(fires, lengths, 1.0), 0.0))
