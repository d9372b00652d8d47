"""HDBSCAN: dense regions of the profiles."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.cluster import HDBSCAN

from lens_site.strategies.grouper import Grouper, Groups, Profiles


class Hdbscan(Grouper):
    """HDBSCAN (Campello et al. 2013); images it calls noise join the nearest mean profile."""

    name = "hdbscan"

    def group(self, profiles: Profiles, *, seed: int) -> Groups:
        """Return the clusters; all one where there is none."""
        alone = np.zeros(len(profiles), dtype=np.int64)
        if len(profiles) < 5:
            return alone
        clusters = HDBSCAN(min_cluster_size=max(3, len(profiles) // 40), copy=True)
        groups: np.ndarray = clusters.fit_predict(profiles).astype(np.int64)
        if groups.max() < 0:
            return alone
        means = np.stack([profiles[groups == c].mean(axis=0) for c in range(groups.max() + 1)])
        joined: np.ndarray = np.where(groups < 0, cdist(profiles, means).argmin(axis=1), groups)
        return joined
