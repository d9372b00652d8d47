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
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors

NEIGHBORS = 0.8
"""Neighbors of an image in the graph, times √n."""

RESOLUTION = 0.5
"""Of Louvain's modularity: under 1 it prefers fewer, larger communities."""

APART = 3.5
"""Two communities stay two when their means lie so many standard deviations apart."""

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
    """Φ with rows of unit ℓ1 norm, sign kept; a row of zeros stays zero."""
    phi = phi.astype(np.float64)
    total = np.abs(phi).sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(phi, total, out=np.zeros_like(phi), where=total > 0)
    return shares


def find(phi: Float[np.ndarray, "n k"], *, method: str, seed: int) -> Int[np.ndarray, " n"]:
    """Strategy of every image, numbered from 1, the largest first; ties by the first image."""
    found = METHODS[method](phi, seed)
    counts = Counter(found.tolist())
    first = {c: int(np.flatnonzero(found == c)[0]) for c in counts}
    order = sorted(counts, key=lambda c: (-counts[c], first[c]))
    rank = {c: r for r, c in enumerate(order, start=1)}
    return np.array([rank[c] for c in found.tolist()], dtype=np.int64)


def _louvain(phi: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """Communities of the k-nearest-neighbor graph of the profiles, joined where not apart.

    Louvain alone cuts any cloud into pieces, for a cloud has denser parts; what we add is the
    joining (:func:`_join`), so that one homogeneous class is one strategy.
    """
    points = profiles(phi)
    if len(points) < 4:
        return np.zeros(len(points), dtype=np.int64)
    communities = nx.community.louvain_communities(
        neighbor_graph(points), resolution=RESOLUTION, seed=seed
    )
    found = np.empty(len(points), dtype=np.int64)
    for number, members in enumerate(sorted(communities, key=min)):
        found[list(members)] = number
    return _join(points, found)


def neighbor_graph(points: Float[np.ndarray, "n k"]) -> nx.Graph:
    """Graph of nearest neighbors, an edge weighing exp(−(d / 1.5 d₁)² / 2), d₁ the median gap."""
    n = len(points)
    count = min(n - 1, max(3, round(NEIGHBORS * np.sqrt(n))))
    distances, others = NearestNeighbors(n_neighbors=count).fit(points).kneighbors()
    gap = max(float(np.median(distances[:, 0])), 1e-9)
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    weights = np.exp(-((distances / (1.5 * gap)) ** 2) / 2)
    edges = {
        (min(a, b), max(a, b)): w
        for a, row, ws in zip(range(n), others.tolist(), weights.tolist(), strict=True)
        for b, w in zip(row, ws, strict=True)
        if w > 0
    }
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in sorted(edges.items()))
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
    """Distance of two means over the spread along the line between them, for every pair."""
    count = int(found.max()) + 1
    means = np.stack([points[found == c].mean(axis=0) for c in range(count)])
    around = points - means[found]
    gaps = np.full((count, count), np.inf)
    for a in range(count):
        for b in range(a + 1, count):
            line = means[b] - means[a]
            length = max(float(np.linalg.norm(line)), 1e-12)
            along = around @ (line / length)
            mine = along[(found == a) | (found == b)]
            spread = mine @ mine / max(len(mine) - 2, 1)
            if len(mine) < 10:  # too few to tell a spread: take that of all images
                spread = max(spread, along @ along / max(len(points) - count, 1))
            gaps[a, b] = gaps[b, a] = length / np.sqrt(spread + 1e-12)
    return gaps


def _dominant(phi: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """Group images by their dominant concept."""
    leading: np.ndarray = phi.argmax(axis=1).astype(np.int64)
    return leading


def _hdbscan(phi: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """HDBSCAN (Campello et al. 2013); images it calls noise are one group of their own."""
    points = profiles(phi)
    if len(points) < 5:
        return np.zeros(len(points), dtype=np.int64)
    clusters = HDBSCAN(min_cluster_size=max(3, len(points) // 40), copy=True)
    found: np.ndarray = clusters.fit_predict(points).astype(np.int64)
    return found


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
