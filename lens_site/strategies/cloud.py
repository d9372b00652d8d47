"""The null of one continuous cloud: profiles like a class's own, but without separate groups.

Notation: profiles P (n, k), rows of unit ℓ1 norm, sign kept; d draws.
Source: Gaussian copula (Nelsen 2006, §2.3 and 5.1.2); methods of this project, §4.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr
from scipy.stats import rankdata

SMALL = 0.01
"""Share under which a concept counts as absent from the scale of an image."""


def draw_clouds(
    points: Float[np.ndarray, "n k"], draws: int, *, generator: np.random.Generator
) -> Float[np.ndarray, "d n k"]:
    """Draw profiles with the marginal of every concept and their rank correlations.

    The copula is fitted to Q = P / g, g the geometric mean of |P| + ``SMALL`` of an image, and its
    draws are rescaled to unit ℓ1 norm. Rows of P sum to 1, and draws with their marginals do not:
    rescaling would bend the cloud. The rows of Q are free, and log Q of a logistic-normal cloud
    is exactly normal. Values are interpolated quantiles drawn anew, not the images' own shuffled:
    a null whose marginals never vary varies too little, and splits one cloud in ten.
    """
    n, k = points.shape
    free = points / np.exp(np.log(np.abs(points) + SMALL).mean(axis=1, keepdims=True))
    normal = generator.standard_normal((draws, n, k)) @ _root(_rank_correlation(free)).T
    at = np.clip(ndtr(normal) * n - 0.5, 0, n - 1)
    below = np.minimum(at.astype(np.int64), max(n - 2, 0))
    values = np.broadcast_to(np.sort(free, axis=0), at.shape)
    low = np.take_along_axis(values, below, axis=1)
    high = np.take_along_axis(values, np.minimum(below + 1, n - 1), axis=1)
    return _unit(low + (high - low) * (at - below))


def _rank_correlation(points: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "k k"]:
    """Spearman's ρ; 0 beside a concept that is the same in all images."""
    ranks = rankdata(points, axis=0)
    ranks -= ranks.mean(axis=0)
    length = np.sqrt((ranks**2).sum(axis=0))
    length[length == 0] = 1
    rho: np.ndarray = (ranks / length).T @ (ranks / length)
    return rho


def _root(rho: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k k"]:
    """F with F Fᵀ the correlation 2 sin(πρ/6) of normals whose rank correlation is ρ.

    That matrix need not be positive semidefinite: negative eigenvalues count as 0 and rows are
    rescaled to unit length.
    """
    normal = 2 * np.sin(np.pi / 6 * rho)
    np.fill_diagonal(normal, 1)
    values, vectors = np.linalg.eigh(normal)
    root = vectors * np.sqrt(np.maximum(values, 0))
    unit: np.ndarray = root / np.linalg.norm(root, axis=1, keepdims=True)
    return unit


def _unit(points: Float[np.ndarray, "d n k"]) -> Float[np.ndarray, "d n k"]:
    total = np.abs(points).sum(axis=2, keepdims=True)
    shares: np.ndarray = np.divide(points, total, out=np.zeros_like(points), where=total > 0)
    return shares
