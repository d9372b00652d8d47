import warnings

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF as ScikitNMF

from lens_site.errors import StageError
from lens_site.extraction.alternating import LowRank
from lens_site.extraction.methods.nmf import NMF


def squared_error(extractor, activations):
    restored = extractor.decode(extractor.encode(activations))
    return float((activations.double() - restored.double()).square().sum())


def scikit_error(activations, k):
    # its own reconstruction_err_ is summed in float32, so it is recomputed in double
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ScikitNMF(k, max_iter=1000, tol=1e-5)
        codes = torch.from_numpy(model.fit_transform(activations.numpy())).double()
    restored = codes @ torch.from_numpy(model.components_).double()
    return float((activations.double() - restored).square().sum())


def matched_cosine(atoms, planted):
    cosines = torch.nn.functional.normalize(atoms) @ torch.nn.functional.normalize(planted).T
    rows, columns = linear_sum_assignment(-cosines.numpy())
    return float(cosines[torch.tensor(rows), torch.tensor(columns)].min())


def planted(rows, k, p, *, correlation, noise, generator):
    atoms = torch.rand(k, p, generator=generator) ** 4 + correlation * torch.rand(
        1, p, generator=generator
    )
    used = torch.rand(rows, k, generator=generator) < 0.3
    codes = used * torch.rand(rows, k, generator=generator)
    clean = codes @ atoms
    spread = noise * clean.std() * torch.randn(rows, p, generator=generator)
    return (clean + spread).clamp_min(0), atoms


def test_objective_of_scikit_learn(relu_rows, generator):
    ours = squared_error(NMF(8).fit(relu_rows, generator=generator), relu_rows)
    assert ours <= 1.01 * scikit_error(relu_rows, 8)


@pytest.mark.data
@pytest.mark.parametrize("garment", ["t-shirt", "shoes", "dress"])
def test_objective_of_scikit_learn_on_photographs(real_rows, garment, generator):
    rows = real_rows[garment]
    ours = squared_error(NMF(10).fit(rows, generator=generator), rows)
    assert ours <= 1.01 * scikit_error(rows, 10)


@pytest.mark.parametrize("rows", [500, 50_000])
@pytest.mark.parametrize(
    ("correlation", "noise", "cosine"),
    [(0.0, 0.0, 0.98), (0.3, 0.0, 0.95), (0.0, 0.2, 0.95), (0.3, 0.2, 0.95)],
)
def test_planted_atoms_are_found(rows, correlation, noise, cosine, generator):
    activations, atoms = planted(
        rows, 6, 64, correlation=correlation, noise=noise, generator=generator
    )
    learned = NMF(6).fit(activations, generator=generator).dictionary
    assert matched_cosine(learned, atoms) >= cosine


def test_reported_loss_is_the_relative_error_of_the_fit(relu_rows, generator):
    extractor = NMF(8).fit(relu_rows.double(), generator=generator)
    exact = (squared_error(extractor, relu_rows.double()) ** 0.5) / float(relu_rows.double().norm())
    # encode solves the codes exactly, the last sweep of fit only nearly
    assert exact <= extractor.convergence.losses[-1] <= 1.001 * exact


def test_atoms_have_unit_norm_and_are_non_negative(relu_rows, generator):
    atoms = NMF(8).fit(relu_rows, generator=generator).dictionary
    torch.testing.assert_close(atoms.norm(dim=1), torch.ones(8))
    assert (atoms >= 0).all()


def test_exact_rank_stops_by_itself(generator):
    activations = torch.rand(100, 1, generator=generator) @ torch.rand(1, 5, generator=generator)
    extractor = NMF(1).fit(activations.double(), generator=generator)
    assert extractor.convergence.stopped == "exact reconstruction"
    assert squared_error(extractor, activations.double()) <= 1e-12


def test_rank_below_k_still_reconstructs(generator):
    activations = torch.eye(3, dtype=torch.float64).repeat(20, 1)
    extractor = NMF(6).fit(activations, generator=generator)
    assert squared_error(extractor, activations) <= 1e-9
    assert torch.isfinite(extractor.dictionary).all()


def test_negative_activations_name_the_alternatives(generator):
    with pytest.raises(StageError, match=r"down to -2.*semi-nmf, pca or sae"):
        NMF(2).fit(torch.tensor([[1.0, -2.0]]).repeat(5, 1), generator=generator)


def test_scale_of_activations_scales_only_the_codes(relu_rows, generator):
    one = NMF(5).fit(relu_rows, generator=torch.Generator().manual_seed(1))
    thousand = NMF(5).fit(1024 * relu_rows, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(one.dictionary, thousand.dictionary)
    torch.testing.assert_close(1024 * one.encode(relu_rows), thousand.encode(1024 * relu_rows))


def test_a_low_rank_stands_for_its_product() -> None:
    generator = torch.Generator().manual_seed(0)
    left, right, factor, atoms = (
        torch.rand(*shape, generator=generator, dtype=torch.float64)
        for shape in ((30, 4), (4, 12), (3, 30), (3, 12))
    )
    low, dense = LowRank(left, right), left @ right
    assert torch.allclose(factor @ low, factor @ dense)
    assert torch.allclose(atoms @ low.T, atoms @ dense.T)


def test_the_fit_ends_on_all_rows_not_on_their_low_rank() -> None:
    """Rows that no low rank holds: sixty parts, of which each row has one."""
    generator = torch.Generator().manual_seed(0)
    parts = torch.eye(60, dtype=torch.float64).repeat_interleave(2, dim=1)
    rows = parts[torch.randint(60, (600,), generator=generator)] * (
        1 + torch.rand(600, 1, generator=generator, dtype=torch.float64)
    )
    fitted = NMF(5).fit(rows, generator=generator)
    codes = fitted.encode(rows)
    assert fitted.convergence.losses[-1] == pytest.approx(
        float((rows - fitted.decode(codes)).norm() / rows.norm()), rel=1e-3
    )
