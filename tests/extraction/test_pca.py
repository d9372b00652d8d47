import pytest
import torch
from sklearn.decomposition import PCA as ScikitPCA

from lens_site.errors import StageError
from lens_site.extraction.methods.pca import PCA


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_scikit_learn(relu_rows, generator, dtype):
    rows = relu_rows.to(dtype)
    ours = PCA(8).fit(rows, generator=generator)
    theirs = ScikitPCA(8, svd_solver="full").fit(rows.double().numpy())
    # both fix the sign by the entry of largest magnitude
    expected = torch.from_numpy(theirs.components_).to(dtype)
    torch.testing.assert_close(ours.dictionary, expected, rtol=0, atol=1e-5)
    codes = torch.from_numpy(theirs.transform(rows.double().numpy())).to(dtype)
    torch.testing.assert_close(ours.encode(rows), codes, rtol=1e-5, atol=1e-5)


def test_decode_adds_the_mean_back(relu_rows, generator):
    extractor = PCA(3).fit(relu_rows, generator=generator)
    restored = extractor.decode(torch.zeros(1, 3))
    torch.testing.assert_close(restored[0], relu_rows.mean(dim=0))


def test_all_components_reconstruct_exactly(relu_rows, generator):
    rows = relu_rows.double()
    extractor = PCA(40).fit(rows, generator=generator)
    torch.testing.assert_close(extractor.decode(extractor.encode(rows)), rows)
    assert extractor.convergence.losses[0] <= 1e-6


def test_reported_loss_is_the_relative_error(relu_rows, generator):
    rows = relu_rows.double()
    extractor = PCA(5).fit(rows, generator=generator)
    error = float((rows - extractor.decode(extractor.encode(rows))).norm() / rows.norm())
    assert extractor.convergence.losses == pytest.approx((error,), rel=1e-9)


def test_more_concepts_than_channels(generator):
    with pytest.raises(StageError, match="k = 5 with 4 channels"):
        PCA(5).fit(torch.rand(9, 4, generator=generator), generator=generator)
