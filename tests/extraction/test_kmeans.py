import pytest
import torch
from sklearn.cluster import KMeans as ScikitKMeans

from lens_site.extraction.methods.kmeans import KMeans


def inertia(extractor, rows):
    return float((rows - extractor.decode(extractor.encode(rows))).square().sum())


@pytest.mark.parametrize("k", [2, 10])
def test_inertia_of_scikit_learn(relu_rows, generator, k):
    theirs = ScikitKMeans(k, n_init=4, random_state=0).fit(relu_rows.numpy()).inertia_
    assert inertia(KMeans(k).fit(relu_rows, generator=generator), relu_rows) <= 1.01 * theirs


@pytest.mark.data
def test_inertia_of_scikit_learn_on_photographs(real_rows, generator):
    rows = real_rows["shoes"]
    theirs = ScikitKMeans(10, n_init=4, random_state=0).fit(rows.numpy()).inertia_
    assert inertia(KMeans(10).fit(rows, generator=generator), rows) <= 1.01 * theirs


def test_decode_is_the_nearest_centroid(relu_rows, generator):
    extractor = KMeans(6).fit(relu_rows, generator=generator)
    codes = extractor.encode(relu_rows)
    assert set(codes.unique().tolist()) == {0.0, 1.0}
    assert (codes.sum(dim=1) == 1).all()
    nearest = torch.cdist(relu_rows, extractor.dictionary).argmin(dim=1)
    torch.testing.assert_close(extractor.decode(codes), extractor.dictionary[nearest])


def test_separate_clusters_are_found(generator):
    centers = 20 * torch.randn(7, 5, generator=generator)
    belongs = torch.arange(7).repeat(30)
    rows = centers[belongs] + 0.1 * torch.randn(210, 5, generator=generator)
    extractor = KMeans(7).fit(rows, generator=generator)
    assert torch.cdist(centers, extractor.dictionary).amin(dim=1).max() < 0.2


def test_fewer_different_rows_than_concepts(generator):
    rows = torch.eye(3).repeat(5, 1)
    extractor = KMeans(6).fit(rows, generator=generator)
    assert inertia(extractor, rows) == 0


def test_reported_loss_is_the_relative_error(relu_rows, generator):
    rows = relu_rows.double()
    extractor = KMeans(4).fit(rows, generator=generator)
    error = (inertia(extractor, rows) ** 0.5) / float(rows.norm())
    assert extractor.convergence.losses[-1] == pytest.approx(error, rel=1e-4)
