import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from lens_site.errors import StageError
from lens_site.extraction import METHODS

every_method = pytest.mark.parametrize("method", METHODS)


def fit(method, rows, k, seed=0):
    return METHODS[method](k=k).fit(rows, generator=torch.Generator().manual_seed(seed))


@every_method
@settings(deadline=None, max_examples=12)
@given(rows=st.integers(1, 40), p=st.integers(1, 12), k=st.integers(1, 6), seed=st.integers(0, 99))
def test_shapes_and_finite_values(method, rows, p, k, seed):
    g = torch.Generator().manual_seed(seed)
    activations = torch.randn(rows, p, generator=g, dtype=torch.float64).clamp_min(0)
    if rows < k or not activations.any() or (method == "pca" and k > p):
        with pytest.raises(StageError):
            fit(method, activations, k, seed)
        return
    extractor = fit(method, activations, k, seed)
    codes = extractor.encode(activations)
    restored = extractor.decode(codes)
    assert codes.shape == (rows, k)
    assert extractor.dictionary.shape == (k, p)
    assert restored.shape == (rows, p)
    assert torch.isfinite(restored).all()
    assert codes.dtype == torch.float64
    assert method == "pca" or (codes >= 0).all()


@every_method
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_loss_is_reported_every_iteration(method, dtype, relu_rows):
    heard: list[tuple[int, float]] = []
    extractor = METHODS[method](k=6).fit(
        relu_rows.to(dtype),
        generator=torch.Generator().manual_seed(0),
        progress=lambda iteration, loss: heard.append((iteration, loss)),
    )
    report = extractor.convergence
    assert heard == list(enumerate(report.losses, start=1))
    assert report.iterations == len(report.losses)
    assert 0 < report.losses[-1] < 1
    assert report.stopped


@pytest.mark.parametrize("method", [name for name in METHODS if "sae" not in name])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_loss_never_rises(method, dtype, relu_rows):
    losses = fit(method, relu_rows.to(dtype), 6).convergence.losses
    assert all(b <= a * (1 + 1e-6) for a, b in itertools.pairwise(losses))


@every_method
def test_same_seed_same_bytes(method, relu_rows):
    one, other = fit(method, relu_rows, 5, seed=3), fit(method, relu_rows, 5, seed=3)
    assert torch.equal(one.dictionary, other.dictionary)
    assert torch.equal(one.encode(relu_rows), other.encode(relu_rows))


@every_method
def test_codes_do_not_depend_on_the_rows_beside_them(method, relu_rows):
    extractor = fit(method, relu_rows.double(), 5)
    order = torch.randperm(600, generator=torch.Generator().manual_seed(1))
    shuffled = extractor.encode(relu_rows.double()[order])
    torch.testing.assert_close(
        shuffled, extractor.encode(relu_rows.double())[order], rtol=1e-6, atol=1e-6
    )


@every_method
def test_stored_arrays_rebuild_it(method, relu_rows):
    extractor = fit(method, relu_rows, 5)
    rebuilt = METHODS[method].load(load(save(extractor.state())))
    codes = extractor.encode(relu_rows)
    assert torch.equal(rebuilt.encode(relu_rows), codes)
    assert torch.equal(rebuilt.decode(codes), extractor.decode(codes))
    assert rebuilt.k == 5


@every_method
def test_random_state_of_the_process_is_left_alone(method, relu_rows):
    before = torch.random.get_rng_state()
    fit(method, relu_rows, 5)
    assert torch.equal(torch.random.get_rng_state(), before)


@every_method
def test_generator_is_required(method, relu_rows):
    with pytest.raises(TypeError, match="generator"):
        METHODS[method](k=2).fit(relu_rows)


@every_method
def test_input_is_not_changed(method, relu_rows):
    rows = relu_rows.clone()
    fit(method, rows, 4)
    assert torch.equal(rows, relu_rows)


@every_method
def test_use_before_fit(method):
    extractor = METHODS[method](k=2)
    with pytest.raises(StageError, match="call fit"):
        extractor.encode(torch.ones(3, 4))
    with pytest.raises(StageError, match="call fit"):
        _ = extractor.convergence


@every_method
def test_k_below_one(method):
    with pytest.raises(StageError, match="k is 0"):
        METHODS[method](k=0)


@every_method
def test_rows_of_another_layer(method, relu_rows):
    with pytest.raises(StageError, match="39 channels, the dictionary has 40"):
        fit(method, relu_rows, 3).encode(relu_rows[:, 1:])
