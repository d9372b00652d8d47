"""Louvain: communities of the nearest-neighbor graph of the profiles, joined where not apart."""

import networkx as nx
import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist

from lens_site.strategies.grouper import Grouper, Groups, Profiles

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


class Louvain(Grouper):
    """Communities of the k-nearest-neighbor graph of the profiles, joined where not apart.

    Louvain alone cuts any cloud into pieces, for a cloud has denser parts; what we add is the
    joining (:func:`join`), so that one homogeneous class is one strategy. Planted strategies are
    found reliably from about eight images each; among fewer than a hundred images, profiles along
    a thin line (two concepts) can still fall into pieces.

    Source: Blondel et al. 2008 (arXiv 0803.0476).
    """

    name = "louvain"

    def group(self, profiles: Profiles, *, seed: int) -> Groups:
        """Return the joined communities of the run with the largest modularity."""
        if len(profiles) < 4:
            return np.zeros(len(profiles), dtype=np.int64)
        graph = neighbor_graph(profiles)
        draw = np.random.default_rng(seed)
        runs = [
            nx.community.louvain_communities(graph, resolution=RESOLUTION, seed=int(start))
            for start in draw.integers(2**31, size=STARTS)
        ]
        best = max(
            runs,
            key=lambda run: round(nx.community.modularity(graph, run, "weight", RESOLUTION), 9),
        )
        groups = np.empty(len(profiles), dtype=np.int64)
        for number, members in enumerate(sorted(best, key=min)):
            groups[list(members)] = number
        return join(profiles, groups)


def neighbor_graph(profiles: Profiles) -> nx.Graph:
    """Graph of nearest neighbors, an edge weighing exp(−(d / 1.5 d₁)² / 2), d₁ the median gap.

    The gap of an image is its distance to the nearest other profile. No edge vanishes, so that
    an image far from all others still belongs to the strategy nearest to it.
    """
    n = len(profiles)
    far = cdist(profiles, profiles)
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


def join(profiles: Profiles, groups: Groups) -> Groups:
    """Join the two nearest communities until all are apart."""
    groups = groups.copy()
    while groups.max() > 0:
        gaps = gaps_of(profiles, groups)
        a, b = sorted(divmod(int(gaps.argmin()), len(gaps)))
        if gaps[a, b] >= APART:
            break
        groups[groups == b] = a
        groups[groups > b] -= 1
    return groups


def gaps_of(profiles: Profiles, groups: Groups) -> Float[np.ndarray, "c c"]:
    """Distance of two means over the spread along the line between them, for every pair.

    A normal cloud cut in half scores 2.6, a uniform one 3.5.
    """
    size = np.bincount(groups)
    count = len(size)
    member = np.eye(count)[groups]
    means = (member.T @ profiles) / size[:, None]
    around = profiles - means[groups]
    scatter = np.einsum("nc,nk,nl->ckl", member, around, around, optimize=True)
    common = PRIOR * scatter.sum(axis=0) / max(len(profiles) - count, 1)
    line = means[:, None] - means[None]
    mine = np.einsum("abk,akl,abl->ab", line, scatter, line, optimize=True)
    shared = np.einsum("abk,kl,abl->ab", line, common, line, optimize=True)
    weight = size[:, None] + size[None] - 2 + PRIOR
    # along the line, times its length: length · spread, so that length² / it is the ratio
    spread = np.sqrt(np.maximum(mine + mine.T + shared, 0) / weight)
    gaps: np.ndarray = (line**2).sum(axis=2) / np.maximum(spread, 1e-300)
    np.fill_diagonal(gaps, np.inf)
    return gaps
