"""Leading groups, strategies, their graph, and a second opinion on whether there are any.

Notation: profiles P (n, k), rows of φ scaled to unit ℓ1 norm, sign kept.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from oracles.page.agreement import Between, Near
from oracles.page.subject import Subject
from scipy.stats import binomtest, norm, rankdata
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score


def profiles(it: Subject) -> np.ndarray:
    """P of the stored importance, which is compared with ours elsewhere: orders need its digits."""
    phi = it.arrays["importance"].astype(np.float64)
    return phi / np.abs(phi).sum(axis=1, keepdims=True)


def groups_and_strategies(it: Subject) -> dict[str, Any]:
    """Groups by leading concept, strategies by the stored assignment, and the edges of the graph.

    Which images form a strategy is looked at in ``memberships``.
    """
    points = profiles(it)
    leads = points.argmax(axis=1)
    by_size = sorted(set(leads.tolist()), key=lambda i: (-(leads == i).sum(), i))
    groups = [np.flatnonzero(leads == i) for i in by_size]
    held = np.array([image["strategy"] or 0 for image in it.stored["images"]])
    apart = [np.flatnonzero(held == g) for g in range(1, held.max() + 1)]
    sizes = [len(members) for members in apart]
    assert sizes == sorted(sizes, reverse=True), f"strategies are not ordered by size: {sizes}"
    return {
        "groups": [_group(it, points, g, number) for number, g in enumerate(groups, start=1)],
        "strategies": [_group(it, points, g, number) for number, g in enumerate(apart, start=1)],
        "edges": [
            edge
            for number, members in enumerate(apart or groups, start=1)
            for edge in _edges(number, points[members].mean(axis=0))
        ],
    }


def _edges(number: int, mean: np.ndarray) -> list[dict[str, Any]]:
    """Concepts that a hub rests on, by five percent of its evidence or more, or most of all."""
    largest = np.abs(mean).argmax()
    return [
        {"strategy": number, "concept": i + 1, "weight": Near(v, 1e-6)}
        for i, v in enumerate(mean)
        if abs(v) >= 0.05 or i == largest
    ]


def wilson(right: int, n: int) -> list[float] | None:
    """95 % interval of a fraction, as SciPy has it; None of nothing."""
    if not n:
        return None
    ends = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return [float(ends.low), float(ends.high)]


def _group(it: Subject, points: np.ndarray, members: np.ndarray, number: int) -> dict[str, Any]:
    mean = points[members].mean(axis=0)
    rest = np.delete(points, members, axis=0)
    apart = mean - rest.mean(axis=0) if len(rest) else np.zeros_like(mean)
    far = np.sqrt(((points[members] - mean) ** 2).sum(axis=1)).round(12)
    nearest = members[np.argsort(far, kind="stable")].tolist()
    labels = [it.labels[x] for x in members if it.labels[x] is not None]
    right, labeled = labels.count(it.index), len(labels)
    wrong = Counter(one for one in labels if one != it.index)
    surest = surest_mistakes(it, members)
    where = np.array([[it.stored["images"][x][axis] for axis in "xy"] for x in members])
    middle = np.median(where, axis=0)
    return {
        "number": number,
        "size": len(members),
        "prevalence": len(members) / len(points),
        "reliability": right / labeled if labeled else None,
        "reliability_interval": wilson(right, labeled),
        "apart": [Near(v, 1e-6) for v in apart],
        "profile": [Near(v, 1e-6) for v in mean],
        "dominant": int(mean.argmax()) + 1,
        "x": Near(middle[0], 1e-5),
        "y": Near(middle[1], 1e-5),
        "prototypes": nearest[:8],
        "outliers": nearest[::-1][:8],
        "mistaken": surest[:1],
        "mistakes": [
            {"index": one, "name": it.network.names[one], "count": count}
            for one, count in sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
    }


def surest_mistakes(it: Subject, among: Iterable[int]) -> list[int]:
    """Those labeled as another class, by stored probability: the order needs its digits."""
    wrong = [int(x) for x in among if it.labels[x] not in (None, it.index)]
    return sorted(wrong, key=lambda x: (-it.stored["images"][x]["probability"], x))


def memberships(it: Subject, room: float = 0.1) -> list[dict[str, Any]]:
    """Strategy and membership of every image: d₂ / (d₁ + d₂) of the two nearest centers.

    Centers are the means of the images of each strategy. Lens ends its k-means early, so its own
    lie a little beside them; an image between two centers may then be counted with either.
    """
    stored = it.stored["images"]
    if not it.stored["strategies"]:
        return [{"strategy": None, "membership": []} for _ in stored]
    spread = _logarithms(profiles(it))
    held = np.array([image["strategy"] for image in stored])
    numbers = range(1, held.max() + 1)
    centers = np.stack([spread[held == g].mean(axis=0) for g in numbers])
    far = np.linalg.norm(spread[:, None] - centers, axis=2)
    found = []
    for x, distances in enumerate(far):
        if len(distances) == 1:
            found.append({"strategy": 1, "membership": [1.0]})
            continue
        one, two = np.argsort(distances, kind="stable")[:2]
        belongs = np.zeros(len(distances))
        belongs[one] = distances[two] / max(distances[[one, two]].sum(), 1e-12)
        belongs[two] = 1 - belongs[one]
        clear = belongs[one] - belongs[two] > room
        told = stored[x]["membership"]
        assert abs(sum(told) - 1) < 1e-5, f"memberships of image {x} sum to {sum(told)}"
        found.append(
            {
                "strategy": int(one) + 1 if clear else int(np.argmax(told)) + 1,
                "membership": [
                    Between(max(0.0, v - room), min(1.0, v + room))
                    if clear
                    else Between(0, 0.5 + room)
                    for v in belongs
                ],
            }
        )
    return found


def separation(it: Subject) -> dict[str, Any]:
    """Test again whether groups stand apart more than those of one cloud, by scikit-learn.

    19 clouds of a Gaussian copula and the silhouette of the number of groups that is stored, or
    of the best of two to eight where none are: enough to see a claim that is made up.
    """
    told, n = it.stored["separation"], len(it.stored["images"])
    if n < 60:
        none = {"groups": 0, "p_value": None, "agreement": None, "agreement_null": None}
        return {"method": "copula", **none, "draws": 0}
    points, random = profiles(it), np.random.default_rng(96)
    clouds = [points, *(_cloud(points, random) for _ in range(19))]
    heights = np.array([[_silhouette(c, g) for g in range(2, 9)] for c in clouds])
    score = ((heights - heights.mean(axis=0)) / heights.std(axis=0)).max(axis=1)
    p = float((score >= score[0]).mean())
    groups = len(it.stored["strategies"])
    there = groups > 0
    found = {
        "method": "copula",
        "groups": groups,
        # one of 20 or of 100; far from what another test of the same finds, it is no p-value
        "p_value": Between(0.01, 0.05) if there else Between(0.05 + 1e-9, 1.0),
        "draws": Between(19, 99),
        "agreement": None,
        "agreement_null": None,
    }
    if p > 0.2 if there else (p <= 0.05 and told["p_value"] > 0.25):
        found["p_value"] = Near(p, 0.1)
    if there:
        ours = np.mean([_agreement(points, groups, random) for _ in range(8)])
        null = np.median([_agreement(cloud, groups, random) for cloud in clouds[1:]])
        found["agreement"] = Between(ours - 0.25, ours + 0.25)
        found["agreement_null"] = Between(null - 0.25, null + 0.25)
    return found


def _logarithms(points: np.ndarray) -> np.ndarray:
    return np.arcsinh(points / 0.02)


def _cloud(points: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One continuous cloud with the marginals and rank correlations of P over its scale."""
    n, k = points.shape
    free = points / np.exp(np.log(np.abs(points) + 0.01).mean(axis=1, keepdims=True))
    scores = norm.ppf(rankdata(free, axis=0) / (n + 1))
    length = np.linalg.norm(scores, axis=0)  # normal scores have mean 0
    length[length == 0] = 1
    alike = (scores / length).T @ (scores / length)
    drawn = random.multivariate_normal(np.zeros(k), alike + 1e-9 * np.eye(k), n)
    at = norm.cdf(drawn)
    cloud = np.column_stack([np.quantile(free[:, i], at[:, i]) for i in range(k)])
    return cloud / np.abs(cloud).sum(axis=1, keepdims=True)


def _fit(points: np.ndarray, groups: int, seed: int = 0) -> KMeans:
    return KMeans(groups, n_init=4, random_state=seed).fit(_logarithms(points))


def _silhouette(points: np.ndarray, groups: int) -> float:
    """Mean silhouette of squared distances."""
    held, spread = _fit(points, groups).labels_, _logarithms(points)
    far = ((spread[:, None] - spread) ** 2).sum(axis=2)
    member = held[:, None] == np.arange(groups)
    size = member.sum(axis=0)
    sums = far @ member
    own = sums[member] / np.maximum(size[held] - 1, 1)
    other = np.where(member, np.inf, sums / np.maximum(size, 1)).min(axis=1)
    value = (other - own) / np.maximum(np.maximum(other, own), 1e-12)
    return float(np.where(size[held] <= 1, 0, value).mean())


def _agreement(points: np.ndarray, groups: int, random: np.random.Generator) -> float:
    order = random.permutation(len(points))
    halves = [_fit(points[half], groups) for half in np.array_split(order, 2)]
    return float(adjusted_rand_score(*(fit.predict(_logarithms(points)) for fit in halves)))
