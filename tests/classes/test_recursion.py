import numpy as np
import pytest
import torch
from sklearn.decomposition import NMF
from sklearn.metrics import r2_score

from lens_site.classes.recursion import PARTS, sub_concepts


def planted() -> tuple[np.ndarray, torch.Tensor, torch.Tensor]:
    """A concept in the upper half of 2 × 2 patches, made of three atoms on a grid of 4 × 4."""
    generator = torch.Generator().manual_seed(0)
    atoms = torch.eye(3, 8)
    n = 60
    codes = np.zeros((n, 2, 2, 2))
    codes[..., 0] = 0.1 * torch.rand(n, 2, 2, generator=generator).numpy()
    codes[:12, 0, :, 0] = 1.0  # the tenth of its patches that is strong
    finer = 5 * torch.rand(n, 4, 4, 8, generator=generator)
    finer[..., :3] = 0  # elsewhere there is something else
    which = torch.randint(3, (12, 2, 4), generator=generator)
    finer[:12, :2] = atoms[which] * torch.tensor([4.0, 2.0, 1.0])[which][..., None]
    return codes, finer, atoms


def test_a_concept_is_taken_apart_where_it_is_strong() -> None:
    codes, finer, _ = planted()
    parts = sub_concepts(codes, [0], finer, method="nmf", seed=0)[0]
    assert parts.codes.shape == (60, 4, 4, 3)
    assert not parts.codes[12:].any()  # weak patches
    assert not parts.codes[:12, 2:].any()  # patches without the concept
    strongest = parts.codes[:12, :2].argmax(axis=-1)
    wanted = finer[:12, :2].argmax(dim=-1).numpy()
    for part in range(3):
        assert len(np.unique(strongest[wanted == part])) == 1


def test_weights_add_up_and_come_largest_first() -> None:
    codes, finer, _ = planted()
    parts = sub_concepts(codes, [0], finer, method="nmf", seed=0)[0]
    assert np.isclose(parts.weights.sum(), 1)
    assert (np.diff(parts.weights) <= 0).all()
    sizes = finer[:12, :2].amax(dim=-1).numpy()
    most = sizes[parts.codes[:12, :2].argmax(axis=-1) == 0].sum()
    assert np.isclose(parts.weights[0], most / sizes.sum(), atol=0.02)


def test_a_concept_that_never_fires_has_no_parts() -> None:
    codes, finer, _ = planted()
    assert list(sub_concepts(codes, [0, 1], finer, method="nmf", seed=0)) == [0]


def test_methods_with_signs_take_signed_activations() -> None:
    codes, finer, _ = planted()
    parts = sub_concepts(codes, [0], finer - 0.5, method="semi-nmf", seed=0)[0]
    assert np.isfinite(parts.codes).all()
    assert np.isclose(parts.weights.sum(), 1)


def test_the_r2_of_parts_is_scikit_learns() -> None:
    codes, finer, _ = planted()
    noise = torch.rand(12, 2, 4, 8, generator=torch.Generator().manual_seed(1))
    finer[:12, :2] += noise
    parts = sub_concepts(codes, [0], finer, method="nmf", seed=0)[0]
    rows = finer[:12, :2].reshape(-1, 8).numpy()
    peer = NMF(PARTS, init="nndsvda", max_iter=5000, tol=1e-5).fit(rows)
    restored = peer.transform(rows) @ peer.components_
    expected = r2_score(rows, restored, multioutput="variance_weighted")
    assert parts.r2 == pytest.approx(expected, abs=0.01)


def test_parts_of_random_rows_do_not_tell_the_planted_ones() -> None:
    codes, finer, _ = planted()
    parts = sub_concepts(codes, [0], finer, method="nmf", seed=0)[0]
    assert parts.r2 > 0.99
    assert parts.r2_random < parts.r2 - 0.2


@pytest.mark.parametrize("seed", range(6))
def test_parts_no_better_than_random_are_left_out(seed: int) -> None:
    """A concept whose patches look like all others has no parts of its own."""
    codes, finer, atoms = planted()
    draw = torch.Generator().manual_seed(seed)
    mixed = torch.rand(60, 4, 4, 3, generator=draw) @ atoms
    alike = mixed + 0.3 * torch.rand(60, 4, 4, 8, generator=draw)
    assert not sub_concepts(codes, [0], alike, method="nmf", seed=seed)
    assert list(sub_concepts(codes, [0], finer, method="nmf", seed=seed)) == [0]


def test_rows_that_are_nearly_all_empty() -> None:
    codes, finer, _ = planted()
    finer[:] = 0
    finer[0, 0, 0] = torch.arange(8.0)
    parts = sub_concepts(codes, [0], finer, method="nmf", seed=0)
    assert all(np.isfinite([p.r2, p.r2_random]).all() for p in parts.values())


def test_what_fitting_few_rows_gains_by_itself_is_no_finding() -> None:
    codes, _, _ = planted()
    noise = torch.rand(60, 4, 4, 64, generator=torch.Generator().manual_seed(2))
    assert not sub_concepts(codes, [0], noise, method="nmf", seed=0)
