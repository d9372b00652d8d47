import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from lens_site.strategies import kmeans


def clouds(d: int = 3, n: int = 90) -> torch.Tensor:
    draw = np.random.default_rng(0)
    middle = 3 * np.eye(4)[np.arange(n) % 3]
    return torch.from_numpy((middle + draw.normal(size=(d, n, 4))).astype(np.float32))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_silhouette_is_that_of_all_pairs(count: int) -> None:
    points = clouds()
    groups = torch.from_numpy(np.random.default_rng(1).integers(0, count, (3, 90)))
    groups[0, :] = 0
    groups[0, 0] = 1  # a point alone
    values = kmeans.mean_silhouette(points, groups[:, None], count)[:, 0]
    for one, labels, value in zip(points, groups, values, strict=True):
        wanted = silhouette_score(one.numpy(), labels.numpy(), metric="sqeuclidean")
        assert float(value) == pytest.approx(wanted, abs=1e-5)


def test_every_cloud_is_clustered_as_alone() -> None:
    points = clouds()
    starts = kmeans.draw_starts(points, 4, generator=torch.Generator().manual_seed(0))
    found = kmeans.cluster(points, starts[:, :, :3])
    for i, one in enumerate(points.numpy()):
        wanted = KMeans(3, n_init=10, random_state=0).fit(one)
        assert adjusted_rand_score(wanted.labels_, found.nearest[i]) > 0.9
        for center in found.centers[i].numpy():
            assert np.linalg.norm(wanted.cluster_centers_ - center, axis=1).min() < 0.3


def test_a_run_does_not_depend_on_the_clouds_beside_it() -> None:
    still = torch.zeros(1, 90, 4)
    points = torch.cat([still, clouds(1)])  # the first comes to rest at once
    starts = kmeans.draw_starts(points, 3, generator=torch.Generator().manual_seed(0))
    both, alone = kmeans.cluster(points, starts), kmeans.cluster(points[1:], starts[1:])
    assert torch.equal(both.nearest[1:], alone.nearest)
    assert torch.allclose(both.centers[1:], alone.centers)


def test_of_the_starts_the_largest_silhouette_counts() -> None:
    points = clouds(1)
    middle = torch.stack([points[0, i::3].mean(dim=0) for i in range(3)])
    bad = torch.stack([middle[0], middle[0] + 9, middle[0] - 9])
    found = kmeans.cluster(points, torch.stack([bad, middle, bad])[None])
    alone = kmeans.cluster(points, middle[None, None])
    assert torch.equal(found.nearest, alone.nearest)
    assert torch.equal(found.silhouette, alone.silhouette)


def test_starts_are_points_far_from_each_other() -> None:
    points = torch.eye(4).repeat_interleave(10, dim=0)[None]
    starts = kmeans.draw_starts(points, 4, generator=torch.Generator().manual_seed(1))
    for run in starts[0]:
        assert torch.equal(run.sum(dim=0), torch.ones(4))  # each of the four, once
