import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from lens_site.strategies import halves


def agreement(clouds: torch.Tensor, numbers: list[int], cuts: int = 8) -> np.ndarray:
    generator = torch.Generator().manual_seed(0)
    return halves.agreement(clouds, numbers, cuts=cuts, generator=generator)


def test_the_index_is_that_of_the_textbook() -> None:
    draw = torch.Generator().manual_seed(0)
    one, other = torch.randint(0, 4, (2, 5, 60), generator=draw)
    other[0] = one[0]
    other[1, :50] = one[1, :50]
    values = halves.adjusted_rand(one, other, 4)
    for a, b, value in zip(one, other, values, strict=True):
        assert float(value) == pytest.approx(adjusted_rand_score(a, b), abs=1e-9)
    same = torch.zeros(1, 9, dtype=torch.long)
    assert halves.adjusted_rand(same, same, 3).tolist() == [1]


def test_groups_that_are_there_are_found_again_in_their_number_alone() -> None:
    draw = np.random.default_rng(0)
    groups = 9 * np.eye(3)[np.arange(90) % 3] + draw.normal(size=(90, 3))
    clouds = torch.from_numpy(np.stack([groups, draw.normal(size=(90, 3))]).astype(np.float32))
    found = agreement(clouds, [2, 3, 6])
    assert found.shape == (2, 3)
    assert found[0, 1] == 1
    assert found[0, [0, 2]].max() < 0.9
    assert found[1].max() < 0.7


def test_clouds_are_cut_alike_however_many_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    far = np.repeat([0.0, 50, 99], 20)[:, None] + np.random.default_rng(0).normal(size=(60, 1))
    clouds = torch.from_numpy(np.stack([far] * 5).astype(np.float32))
    together = agreement(clouds, [3])
    monkeypatch.setattr(halves, "AT_ONCE", 8)
    np.testing.assert_array_equal(agreement(clouds, [3]), together)
    np.testing.assert_array_equal(together, 1)
