"""Images classified for the same reason: communities of their importance profiles.

Notation: importance Φ (n, k); profiles P (n, k), its rows scaled to unit ℓ1 norm, sign kept.
Source: methods of this project, §4; Blondel et al. 2008 (arXiv 0803.0476) for Louvain.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np
from jaxtyping import Float, Int
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN

from lens_site.errors import StageError, did_you_mean

NEIGHBORS = 0.8
"""Neighbors of an image in the graph, times √n."""

RESOLUTION = 0.5
"""Of Louvain's modularity: under 1 it prefers fewer, larger communities."""

STARTS = 3
"""Runs of Louvain, of which the one with the largest modularity counts."""

APART = 4.0
"""Two communities stay two when their means lie so many standard deviations apart."""

PRIOR = 5.0
"""Images' worth of the common variance that is mixed into the variance of a pair."""

DIGITS = 9
"""Decimals of a profile that count: images equal to that many are the same."""

SHOWN = 8
"""Prototypes and outliers of a strategy."""


@dataclass(frozen=True)
class Strategy:
    """A group of images and what they share; ``members`` are image positions.

    ``profile`` is the mean profile, ``dominant`` the concept (from 0) with its largest share,
    ``mistakes`` the labels other than the class with their counts, most frequent first;
    ``reliability`` is None when no member is labelled.
    """

    members: tuple[int, ...]
    profile: tuple[float, ...]
    dominant: int
    center: tuple[float, float]
    prototypes: tuple[int, ...]
    outliers: tuple[int, ...]
    reliability: float | None
    mistakes: tuple[tuple[int, int], ...]


def profiles(phi: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n k"]:
    """Φ with rows of unit ℓ1 norm, sign kept; a row of zeros stays zero.

    Raises
    ------
    StageError
        When there is no image, no concept, or a value that is not finite.
    """
    if phi.size == 0:
        raise StageError(
            f"strategies: importance has shape {phi.shape}, wanted an image and a concept at "
            "least; leave out classes without images"
        )
    bad = np.flatnonzero(~np.isfinite(phi).all(axis=1))
    if len(bad):
        raise StageError(
            f"strategies: importance of image {bad[0]} is not finite ({len(bad)} of {len(phi)} "
            "images), wanted numbers; look for NaN in the activations and logits"
        )
    phi = phi.astype(np.float64)
    largest = np.abs(phi).max(axis=1, keepdims=True)  # first, so that no sum overflows
    phi = np.divide(phi, largest, out=np.zeros_like(phi), where=largest > 0)
    total = np.abs(phi).sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(phi, total, out=np.zeros_like(phi), where=total > 0)
    return shares


def find(phi: Float[np.ndarray, "n k"], *, method: str, seed: int) -> Int[np.ndarray, " n"]:
    """Strategy of every image, numbered from 1, the largest first; ties by the profiles.

    Methods see the profiles sorted: the order of the images changes nothing, and images with
    the same profile share a strategy.

    Raises
    ------
    StageError
        When the method is unknown, or Φ is empty or not finite.
    """
    if method not in METHODS:
        raise StageError(
            f"strategies: got method {method!r}, wanted one of {', '.join(METHODS)}"
            f"{did_you_mean(method, METHODS)}"
        )
    distinct, place, count = np.unique(
        profiles(phi).round(DIGITS) + 0.0,  # + 0.0: there is no −0.0
        axis=0,
        return_inverse=True,
        return_counts=True,
    )
    found = METHODS[method](np.repeat(distinct, count, axis=0), seed)
    ranked = _by_size(found[np.cumsum(count) - count], count)
    return ranked[place.reshape(-1)]


def _by_size(
    found: Int[np.ndarray, " distinct"], count: Int[np.ndarray, " distinct"]
) -> Int[np.ndarray, " distinct"]:
    """Rank groups of profiles, each occurring ``count`` times, from 1, the largest first."""
    _, first, group = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, -np.bincount(group, weights=count)))] = np.arange(1, len(first) + 1)
    ranked: np.ndarray = rank[group]
    return ranked


def _louvain(points: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """Communities of the k-nearest-neighbor graph of the profiles, joined where not apart.

    Louvain alone cuts any cloud into pieces, for a cloud has denser parts; what we add is the
    joining (:func:`_join`), so that one homogeneous class is one strategy.
    Planted strategies are found reliably from about eight images each; among fewer than a
    hundred images, profiles along a thin line (two concepts) can still fall into pieces.
    """
    if len(points) < 4:
        return np.zeros(len(points), dtype=np.int64)
    graph = neighbor_graph(points)
    draw = np.random.default_rng(seed)
    runs = [
        nx.community.louvain_communities(graph, resolution=RESOLUTION, seed=int(start))
        for start in draw.integers(2**31, size=STARTS)
    ]
    best = max(
        runs, key=lambda run: round(nx.community.modularity(graph, run, "weight", RESOLUTION), 9)
    )
    found = np.empty(len(points), dtype=np.int64)
    for number, members in enumerate(sorted(best, key=min)):
        found[list(members)] = number
    return _join(points, found)


def neighbor_graph(points: Float[np.ndarray, "n k"]) -> nx.Graph:
    """Graph of nearest neighbors, an edge weighing exp(−(d / 1.5 d₁)² / 2), d₁ the median gap.

    The gap of an image is its distance to the nearest other profile. No edge vanishes, so that
    an image far from all others still belongs to the strategy nearest to it.
    """
    n = len(points)
    far = cdist(points, points)
    gaps = np.where(far > 0, far, np.inf).min(axis=1)
    gap = float(np.median(gaps)) if np.isfinite(gaps).all() else 1.0
    np.fill_diagonal(far, np.inf)
    count = min(n - 1, max(3, round(NEIGHBORS * np.sqrt(n))))
    near = np.zeros((n, n), dtype=bool)
    near[np.arange(n)[:, None], np.argsort(far, axis=1, kind="stable")[:, :count]] = True
    a, b = np.nonzero(np.triu(near | near.T))
    weights = np.maximum(np.exp(-((far[a, b] / (1.5 * gap)) ** 2) / 2), 1e-6)
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(a.tolist(), b.tolist(), weights.tolist(), strict=True))
    return graph


def _join(points: Float[np.ndarray, "n k"], found: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Join the two nearest communities until all are apart."""
    found = found.copy()
    while found.max() > 0:
        gaps = _gaps(points, found)
        a, b = sorted(divmod(int(gaps.argmin()), len(gaps)))
        if gaps[a, b] >= APART:
            break
        found[found == b] = a
        found[found > b] -= 1
    return found


def _gaps(points: Float[np.ndarray, "n k"], found: Int[np.ndarray, " n"]) -> np.ndarray:
    """Distance of two means over the spread along the line between them, for every pair.

    A normal cloud cut in half scores 2.6, a uniform one 3.5.
    """
    size = np.bincount(found)
    count = len(size)
    member = np.eye(count)[found]
    means = (member.T @ points) / size[:, None]
    around = points - means[found]
    scatter = np.einsum("nc,nk,nl->ckl", member, around, around, optimize=True)
    common = PRIOR * scatter.sum(axis=0) / max(len(points) - count, 1)
    line = means[:, None] - means[None]
    mine = np.einsum("abk,akl,abl->ab", line, scatter, line, optimize=True)
    shared = np.einsum("abk,kl,abl->ab", line, common, line, optimize=True)
    weight = size[:, None] + size[None] - 2 + PRIOR
    # along the line, times its length: length · spread, so that length² / it is the ratio
    spread = np.sqrt(np.maximum(mine + mine.T + shared, 0) / weight)
    gaps: np.ndarray = (line**2).sum(axis=2) / np.maximum(spread, 1e-300)
    np.fill_diagonal(gaps, np.inf)
    return gaps


def _dominant(points: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """Group images by their dominant concept."""
    leading: np.ndarray = points.argmax(axis=1).astype(np.int64)
    return leading


def _hdbscan(points: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """HDBSCAN (Campello et al. 2013); images it calls noise join the nearest mean profile."""
    alone = np.zeros(len(points), dtype=np.int64)
    if len(points) < 5:
        return alone
    clusters = HDBSCAN(min_cluster_size=max(3, len(points) // 40), copy=True)
    found: np.ndarray = clusters.fit_predict(points).astype(np.int64)
    if found.max() < 0:
        return alone
    means = np.stack([points[found == c].mean(axis=0) for c in range(found.max() + 1)])
    joined: np.ndarray = np.where(found < 0, cdist(points, means).argmin(axis=1), found)
    return joined


METHODS: dict[str, Callable[[Float[np.ndarray, "n k"], int], Int[np.ndarray, " n"]]] = {
    "louvain": _louvain,
    "dominant": _dominant,
    "hdbscan": _hdbscan,
}


def describe(
    points: Float[np.ndarray, "n k"],
    assignment: Int[np.ndarray, " n"],
    layout: Float[np.ndarray, "n 2"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
) -> tuple[Strategy, ...]:
    """Describe every strategy from its profiles; a label of −1 means unlabelled."""
    return tuple(
        _describe(np.flatnonzero(assignment == number), points, layout, labels, class_index)
        for number in range(1, int(assignment.max()) + 1)
    )


def _describe(
    members: Int[np.ndarray, " m"],
    points: Float[np.ndarray, "n k"],
    layout: Float[np.ndarray, "n 2"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
) -> Strategy:
    mean = points[members].mean(axis=0)
    far = np.linalg.norm(points[members] - mean, axis=1).round(12)
    nearest = members[np.argsort(far, kind="stable")]
    known = labels[members][labels[members] >= 0]
    wrong = Counter(known[known != class_index].tolist())
    center = np.median(layout[members], axis=0)
    return Strategy(
        members=tuple(members.tolist()),
        profile=tuple(mean.tolist()),
        dominant=int(mean.argmax()),
        center=(float(center[0]), float(center[1])),
        prototypes=tuple(nearest[:SHOWN].tolist()),
        outliers=tuple(nearest[::-1][:SHOWN].tolist()),
        reliability=float((known == class_index).mean()) if len(known) else None,
        mistakes=tuple(sorted(wrong.items(), key=lambda item: (-item[1], item[0]))),
    )
