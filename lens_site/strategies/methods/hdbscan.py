"""HDBSCAN: dense regions of the profiles."""

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN

from lens_site.strategies.grouping import Grouping


class Hdbscan(Grouping):
    """HDBSCAN (Campello et al. 2013); images it calls noise join the nearest mean profile."""

    name = "hdbscan"

    def group(self, points: Float[np.ndarray, "n k"], *, seed: int) -> Int[np.ndarray, " n"]:
        """Return the clusters; all one where there is none."""
        alone = np.zeros(len(points), dtype=np.int64)
        if len(points) < 5:
            return alone
        clusters = HDBSCAN(min_cluster_size=max(3, len(points) // 40), copy=True)
        groups: np.ndarray = clusters.fit_predict(points).astype(np.int64)
        if groups.max() < 0:
            return alone
        means = np.stack([points[groups == c].mean(axis=0) for c in range(groups.max() + 1)])
        joined: np.ndarray = np.where(groups < 0, cdist(points, means).argmin(axis=1), groups)
        return joined
