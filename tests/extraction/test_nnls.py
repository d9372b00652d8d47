import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls as scipy_nnls

from lens_site.extraction.nnls import nnls, sweep


def reference(a: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    atoms = v.double().numpy().T
    return torch.tensor(np.array([scipy_nnls(atoms, row)[0] for row in a.double().numpy()]))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.float64, 1e-8)])
def test_equals_scipy(generator, correlation, dtype, tolerance):
    common = torch.rand(1, 30, generator=generator, dtype=dtype)
    own = torch.rand(10, 30, generator=generator, dtype=dtype)
    v = torch.nn.functional.normalize(correlation * common + (1 - correlation) * own)
    a = torch.randn(200, 30, generator=generator, dtype=dtype)
    expected = reference(a, v)
    assert (expected > 0).any() and (expected == 0).any()
    assert (nnls(a, v).double() - expected).abs().max() <= tolerance * expected.abs().max()


def test_equals_scipy_on_signed_atoms(generator):
    v = torch.randn(6, 20, generator=generator, dtype=torch.float64)
    a = torch.randn(100, 20, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(nnls(a, v), reference(a, v), rtol=1e-8, atol=1e-8)


def test_zero_atom_has_zero_codes_and_disturbs_nobody(generator):
    v = torch.rand(4, 20, generator=generator, dtype=torch.float64)
    a = torch.rand(50, 20, generator=generator, dtype=torch.float64)
    with_zero = torch.cat([v[:2], torch.zeros(1, 20, dtype=torch.float64), v[2:]])
    codes = nnls(a, with_zero)
    assert (codes[:, 2] == 0).all()
    torch.testing.assert_close(codes[:, [0, 1, 3, 4]], nnls(a, v))


def test_one_atom_is_a_clamped_projection(generator):
    v = torch.nn.functional.normalize(torch.randn(1, 9, generator=generator))
    a = torch.randn(40, 9, generator=generator)
    torch.testing.assert_close(nnls(a, v), (a @ v.T).clamp_min(0))


def test_parallel_atoms_reconstruct_as_one(generator):
    v = torch.rand(1, 9, generator=generator, dtype=torch.float64)
    a = torch.rand(40, 9, generator=generator, dtype=torch.float64)
    twice = torch.cat([v, 3 * v])
    torch.testing.assert_close(nnls(a, twice) @ twice, nnls(a, v) @ v)


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(1, 30), p=st.integers(1, 12), k=st.integers(1, 8), seed=st.integers(0, 99))
def test_optimality(rows, p, k, seed):
    g = torch.Generator().manual_seed(seed)
    a = torch.randn(rows, p, generator=g, dtype=torch.float64)
    v = torch.nn.functional.normalize(torch.randn(k, p, generator=g, dtype=torch.float64))
    u = nnls(a, v)
    residual = a - u @ v
    assert (u >= 0).all()
    # moving any code up must not help, and moving a positive one must not either; loose with more
    # atoms than channels, for a flat valley can take longer than the limit
    loose = 1e-3 if k <= p else 1e-2
    assert (residual @ v.T).max() <= loose * a.norm()
    assert (u * (residual @ v.T)).abs().max() <= loose * a.norm() ** 2


def test_sweep_never_raises_the_objective(generator):
    v = torch.rand(5, 8, generator=generator, dtype=torch.float64)
    a = torch.rand(30, 8, generator=generator, dtype=torch.float64)
    codes = torch.rand(5, 30, generator=generator, dtype=torch.float64)
    errors = []
    for _ in range(20):
        errors.append(float((a - codes.T @ v).norm()))
        sweep(codes, v @ a.T, v @ v.T, sweeps=1)
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(errors))
    assert errors[-1] < 0.5 * errors[0]
