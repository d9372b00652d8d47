"""semi-nmf, convex-nmf and the autoencoders: what their constraints promise."""

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment, linprog

from lens_site.errors import StageError
from lens_site.extraction.autoencoder import one_code_encoder
from lens_site.extraction.methods.archetypal_sae import ArchetypalSAE
from lens_site.extraction.methods.convex_nmf import ConvexNMF
from lens_site.extraction.methods.nmf import NMF
from lens_site.extraction.methods.pca import PCA
from lens_site.extraction.methods.sae import SAE
from lens_site.extraction.methods.semi_nmf import SemiNMF


def error(extractor, rows):
    return float((rows - extractor.decode(extractor.encode(rows))).norm() / rows.norm())


def matched_cosine(atoms, planted):
    cosines = torch.nn.functional.normalize(atoms) @ torch.nn.functional.normalize(planted).T
    rows, columns = linear_sum_assignment(-cosines.numpy())
    return float(cosines[torch.tensor(rows), torch.tensor(columns)].min())


def in_hull(point, rows):
    """Whether weights ≥ 0 of sum 1 exist that make the point of the rows."""
    count = len(rows)
    equations = torch.cat([rows.T, torch.ones(1, count)]).double().numpy()
    values = torch.cat([point, torch.ones(1)]).double().numpy()
    # the smallest slack in ℓ1 norm, for rounding
    size = len(values)
    result = linprog(
        np.r_[np.zeros(count), np.ones(2 * size)],
        A_eq=np.c_[equations, np.eye(size), -np.eye(size)],
        b_eq=values,
    )
    return result.fun <= 1e-4 * np.abs(values).sum()


@pytest.mark.parametrize("method", [ConvexNMF, ArchetypalSAE])
def test_atoms_lie_in_the_convex_hull_of_the_rows(method, relu_rows, generator):
    rows = relu_rows[:200]
    atoms = method(4).fit(rows, generator=generator).dictionary
    assert all(in_hull(atom, rows) for atom in atoms)
    assert not in_hull(2 * rows.amax(dim=0), rows)


@pytest.mark.parametrize(
    ("method", "rows", "correlation", "noise"),
    [
        *(
            (method, 500, *case)
            for method in (ConvexNMF, ArchetypalSAE)
            for case in ((0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.3, 0.2))
        ),
        (ArchetypalSAE, 50_000, 0.3, 0.2),
    ],
)
def test_planted_atoms_are_found(method, correlation, noise, rows, generator):
    common = correlation * torch.rand(1, 64, generator=generator)
    planted = torch.rand(6, 64, generator=generator) ** 4 + common
    used = torch.rand(rows, 6, generator=generator) < 0.3
    clean = used * torch.rand(rows, 6, generator=generator) @ planted
    spread = noise * clean.std() * torch.randn(rows, 64, generator=generator)
    atoms = method(6).fit((clean + spread).clamp_min(0), generator=generator).dictionary
    assert matched_cosine(atoms, planted) >= 0.95


def test_order_of_errors(relu_rows, generator):
    """The larger the set of dictionaries, the smaller the error."""
    signed = relu_rows - relu_rows.mean(dim=0)
    semi, convex = (
        error(method(6).fit(signed, generator=generator), signed) for method in (SemiNMF, ConvexNMF)
    )
    free = error(PCA(6).fit(signed, generator=generator), signed)
    # local minima of this kind of data differ by 2 %
    assert free < semi < 1.03 * convex < 1
    nmf = error(NMF(6).fit(relu_rows, generator=generator), relu_rows)
    semi = error(SemiNMF(6).fit(relu_rows, generator=generator), relu_rows)
    assert semi <= nmf


def test_semi_nmf_takes_negative_rows(generator):
    atoms = torch.tensor([[1.0, -1.0, 0.0], [0.0, 1.0, 1.0]]).double()
    codes = torch.rand(50, 2, generator=generator, dtype=torch.float64)
    extractor = SemiNMF(2).fit(codes @ atoms, generator=generator)
    assert error(extractor, codes @ atoms) <= 1e-4
    assert (extractor.dictionary < 0).any()
    torch.testing.assert_close(extractor.dictionary.norm(dim=1), torch.ones(2).double())


@pytest.mark.parametrize("method", [SAE, ArchetypalSAE])
@pytest.mark.parametrize(("k", "nonzeros", "most"), [(8, 3, 3), (2, 5, 2), (1, 5, 1)])
def test_at_most_k_nonzeros_a_row(method, k, nonzeros, most, relu_rows, generator):
    extractor = method(k, nonzeros=nonzeros).fit(relu_rows, generator=generator)
    used = (extractor.encode(relu_rows) != 0).sum(dim=1)
    assert used.max() == most
    with pytest.raises(StageError, match="nonzeros is 0"):
        method(k, nonzeros=0)


def test_sae_comes_near_the_best_of_its_rank(relu_rows, generator):
    extractor = SAE(8, nonzeros=8).fit(relu_rows, generator=generator)
    best = error(PCA(8).fit(relu_rows, generator=generator), relu_rows)
    assert best < error(extractor, relu_rows) <= 2 * best
    torch.testing.assert_close(extractor.dictionary.norm(dim=1), torch.ones(8))
    # the report is that of the last epoch's batches
    assert extractor.convergence.losses[-1] == pytest.approx(error(extractor, relu_rows), rel=0.1)


def test_no_atom_of_the_sae_is_dead(generator):
    rows = torch.eye(12).repeat(20, 1) + 0.01 * torch.rand(240, 12, generator=generator)
    extractor = SAE(12, nonzeros=1).fit(rows, generator=generator)
    assert (extractor.encode(rows) > 0).any(dim=0).all()


@pytest.mark.parametrize(
    ("different", "copies", "k", "seed"),
    [
        (3, 17, 5, 39),
        (3, 17, 10, 42),
        (4, 12, 5, 36),
        (5, 10, 10, 30),
        (5, 1, 5, 16),
        (5, 20, 5, 16),
    ],
)
@pytest.mark.parametrize("method", [SAE, ArchetypalSAE])
def test_few_equal_rows_are_restored_with_unlucky_seeds(method, different, copies, k, seed):
    """An earlier way to train, or one without a part of today's, missed these by up to 0.4."""
    rows = torch.rand(different, 16, generator=torch.Generator().manual_seed(2000 + seed))
    rows = rows.repeat(copies, 1)
    extractor = method(k).fit(rows, generator=torch.Generator().manual_seed(seed))
    assert error(extractor, rows) <= 1e-3


def test_a_revived_atom_gets_the_code_that_it_needs(generator):
    rows = torch.rand(3, 6, generator=generator)
    residuals = torch.stack([0.1 * rows[0], 0.1 * torch.ones(6), torch.zeros(6)])
    atoms = torch.stack([rows[0], -torch.ones(6), rows[2]])
    encoder = one_code_encoder(rows, residuals, atoms)
    # the first is to add a tenth of its atom; the second would add what is too much already
    torch.testing.assert_close((encoder * rows).sum(dim=1), torch.tensor([0.1, 0.0, 0.0]))
    assert one_code_encoder(rows, residuals, 1e-3 * atoms).norm(dim=1).max() <= 1 + 1e-6


def test_sae_recovers_from_a_start_at_zero_rows():
    rows = torch.zeros(50, 4)
    rows[7] = torch.tensor([1.0, 2.0, 0.0, 0.0])
    errors = [
        error(SAE(1).fit(rows, generator=torch.Generator().manual_seed(seed)), rows)
        for seed in range(3)
    ]
    assert max(errors) < 0.2


@pytest.mark.parametrize("method", [SAE, ArchetypalSAE])
def test_scale_of_activations_scales_only_the_result(method, relu_rows):
    one, thousand = (
        method(4).fit(scale * relu_rows, generator=torch.Generator().manual_seed(1))
        for scale in (1, 1024)
    )
    restored = one.decode(one.encode(relu_rows))
    scaled = thousand.decode(thousand.encode(1024 * relu_rows))
    torch.testing.assert_close(1024 * restored, scaled, rtol=1e-2, atol=1.0)


@pytest.mark.parametrize("method", [NMF, SAE, ArchetypalSAE, ConvexNMF])
def test_rows_made_in_inference_mode(method, relu_rows, generator):
    with torch.inference_mode():
        rows = relu_rows * 1
        inside = method(3).fit(rows, generator=generator)
    outside = method(3).fit(rows, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(inside.dictionary, outside.dictionary)
