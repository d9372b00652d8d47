import math

import numpy as np
import pytest
import scipy.linalg
import torch
from scipy.stats import wasserstein_distance
from sklearn.metrics import r2_score
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction import METHODS, Convergence, Extractor, metrics
from lens_site.extraction.methods.nmf import NMF
from lens_site.extraction.methods.pca import PCA


@pytest.fixture
def rows(generator) -> Tensor:
    return torch.randn(120, 9, generator=generator, dtype=torch.float64)


@pytest.fixture
def others(generator, rows) -> Tensor:
    return 0.7 * rows + torch.randn(120, 9, generator=generator, dtype=torch.float64) + 0.3


def test_relative_l2_by_hand():
    assert metrics.relative_l2(torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 4.0]])) == 0.6


def test_relative_l2_of_nothing():
    zero = torch.zeros(2, 2)
    assert metrics.relative_l2(zero, zero) == 0
    assert metrics.relative_l2(zero, zero + 1) == math.inf


def test_r2_equals_scikit_learn(rows, others):
    expected = r2_score(rows, others, multioutput="variance_weighted")
    assert metrics.r2(rows, others) == pytest.approx(expected)


def test_r2_of_rows_that_do_not_vary():
    same = torch.ones(5, 3)
    assert metrics.r2(same, same) == 1
    assert metrics.r2(same, 2 * same) == 0


def test_r2_of_the_mean_is_zero(rows):
    assert metrics.r2(rows, rows.mean(dim=0).expand_as(rows)) == pytest.approx(0)


def test_sparsity_and_dead_concepts_by_hand():
    codes = torch.tensor([[5.0, 0.0, 0.0], [1.0, 4e-6, 0.0], [0.0, 6e-6, 0.0]])
    # 1e-6 of the largest is 5e-6: 4e-6 is zero, 6e-6 is not
    assert metrics.sparsity(codes) == pytest.approx(1 - 3 / 9)
    assert metrics.dead_concepts(codes) == 1
    assert metrics.sparsity(torch.zeros(2, 2)) == 1
    assert metrics.dead_concepts(torch.zeros(2, 2)) == 2


def test_negative_codes_count():
    assert metrics.sparsity(torch.tensor([[-2.0, 0.0]])) == 0.5
    assert metrics.dead_concepts(torch.tensor([[-2.0, 0.0]])) == 1


def test_dictionary_distance_ignores_order_and_scale(generator):
    atoms = torch.rand(6, 20, generator=generator)
    shuffled = 3 * atoms[torch.randperm(6, generator=generator)]
    assert metrics.dictionary_distance(atoms, shuffled, sign_free=False) == pytest.approx(0)


def test_dictionary_distance_by_hand():
    one = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    other = torch.tensor([[0.0, -1.0], [1.0, 1.0]])
    # first with second: cos 45°; second with first: −1, or 1 without sign
    half = math.sqrt(0.5)
    # keeping the sign, (0, half) is the better matching
    assert metrics.dictionary_distance(one, other, sign_free=False) == pytest.approx(1 - half / 2)
    free = metrics.dictionary_distance(one, other, sign_free=True)
    assert free == pytest.approx(1 - (half + 1) / 2)


def test_dictionary_distance_of_a_dead_atom():
    one = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    assert metrics.dictionary_distance(one, one, sign_free=False) == pytest.approx(0.5)


class Planted(Extractor):
    """Returns known atoms, more or less disturbed."""

    name = "planted"
    noise = 0.0

    def _fit(self, activations, generator, progress):
        known = torch.eye(self.k, activations.shape[1])
        spread = torch.randn(known.shape, generator=generator)
        return {"dictionary": known + self.noise * spread}, Convergence((), 0, "planted")

    def _encode(self, activations):
        return activations @ self.dictionary.T


class Noisy(Planted):
    noise = 0.2


class Random(Planted):
    noise = 100.0


def test_instability_ranks_perfect_noisy_random(generator):
    rows = torch.rand(80, 30, generator=generator)
    images = torch.arange(16).repeat_interleave(5)
    perfect, noisy, random = (
        metrics.instability(method, rows, images, generator=generator)
        for method in (lambda: Planted(k=5), lambda: Noisy(k=5), lambda: Random(k=5))
    )
    assert perfect == pytest.approx(0)
    assert 0.02 < noisy < 0.7 * random


def test_instability_ranks_real_methods_on_planted_data(generator):
    used = torch.rand(800, 4, generator=generator) < 0.4
    codes = used * torch.rand(800, 4, generator=generator)
    rows = codes @ torch.rand(4, 30, generator=generator) ** 4
    images = torch.arange(40).repeat_interleave(20)
    exact = metrics.instability(lambda: NMF(4), rows, images, generator=generator)
    formless = torch.rand(800, 30, generator=generator)
    random = metrics.instability(lambda: PCA(8), formless, images, generator=generator)
    assert exact < 0.01 < random


def test_folds_share_no_image_and_use_all():
    seen: list[Tensor] = []

    class Spy(Planted):
        def _fit(self, activations, generator, progress):
            seen.append(activations[:, 0])
            return super()._fit(activations, generator, progress)

    images = torch.tensor([3, 3, 1, 1, 7, 7, 2, 2, 9, 9])
    rows = images[:, None].float().expand(10, 4)
    metrics.instability(lambda: Spy(k=2), rows, images, generator=torch.Generator().manual_seed(0))
    sets = [set(fold.tolist()) for fold in seen]
    assert len(sets) == 4
    assert sum(len(names) for names in sets) == len(set.union(*sets)) == 5
    assert sum(len(fold) for fold in seen) == len(rows)


def test_instability_needs_four_images(generator):
    with pytest.raises(StageError, match="3 images for 4 folds"):
        metrics.instability(
            lambda: NMF(2), torch.rand(9, 4), torch.arange(3).repeat(3), generator=generator
        )


def test_wasserstein_equals_scipy(rows, others):
    expected = np.mean([wasserstein_distance(rows[:, d], others[:, d]) for d in range(9)])
    assert metrics.wasserstein_1(rows, others) == pytest.approx(expected)


def test_wasserstein_of_a_shift(rows):
    assert metrics.wasserstein_1(rows, rows - 0.5) == pytest.approx(0.5)
    assert metrics.wasserstein_1(rows, rows.flip(0)) == 0


def test_frechet_equals_the_matrix_root(rows, others):
    one, other = (np.cov(x.numpy().T, bias=False) for x in (rows, others))
    root = scipy.linalg.sqrtm(one @ other).real
    shift = (rows.mean(dim=0) - others.mean(dim=0)).square().sum()
    expected = float(shift) + np.trace(one + other - 2 * root)
    assert metrics.frechet_distance(rows, others) == pytest.approx(expected, rel=1e-6)


def test_frechet_of_a_shift_and_of_rank_one(rows):
    assert metrics.frechet_distance(rows, rows + 2) == pytest.approx(4 * 9)
    flat = rows.clone()
    flat[:, 1:] = 0
    # the same first channel, nothing else: all other variance is lost
    expected = _frechet_by_projection(rows)
    assert metrics.frechet_distance(rows, flat) == pytest.approx(expected)


def _frechet_by_projection(rows: Tensor) -> float:
    covariance = torch.cov(rows.T, correction=1)
    first = covariance[0, 0]
    # Σ^½ e₁e₁ᵀ Σ^½ has one eigenvalue, e₁ᵀ Σ e₁ = Σ₁₁, times σ̂² = Σ₁₁
    cross = (first * first).sqrt()
    shift = rows.mean(dim=0)[1:].square().sum()
    return float(shift + covariance.trace() + first - 2 * cross)


@pytest.mark.parametrize("name", ["nmf", "pca"])
def test_frechet_in_the_span_of_the_dictionary_is_exact(rows, name, generator):
    positive = rows.abs()
    extractor = METHODS[name](4).fit(positive, generator=generator)
    restored = extractor.decode(extractor.encode(positive))
    whole = metrics.frechet_distance(positive, restored)
    small = metrics.frechet_distance(positive, restored, span=extractor.dictionary)
    assert small == pytest.approx(whole, rel=1e-6)
    elsewhere = torch.randn(4, 9, generator=generator, dtype=torch.float64)
    assert metrics.frechet_distance(positive, restored, span=elsewhere) > 1.01 * whole


@pytest.mark.parametrize("k", [4, 11])
def test_frechet_with_a_dead_atom_or_more_atoms_than_channels(rows, k, generator):
    atoms = torch.rand(k, 9, generator=generator, dtype=torch.float64)
    atoms[1] = 0
    restored = torch.rand(120, k, generator=generator, dtype=torch.float64) @ atoms
    whole = metrics.frechet_distance(rows, restored)
    assert metrics.frechet_distance(rows, restored, span=atoms) == pytest.approx(whole)


def test_more_channels_than_rows(generator):
    rows = torch.randn(5, 40, generator=generator)
    assert metrics.frechet_distance(rows, rows) == pytest.approx(0, abs=1e-4)


def test_ood_equals_all_distances(rows, others, monkeypatch):
    monkeypatch.setattr(metrics, "BLOCK", 7)
    unit = torch.nn.functional.normalize
    expected = torch.cdist(unit(others), unit(rows)).amin(dim=1).mean()
    assert metrics.ood(rows, others) == pytest.approx(float(expected))


def test_ood_by_hand():
    known = torch.tensor([[1.0, 0.0], [0.0, 5.0]])
    assert metrics.ood(known, 9 * known.flip(0)) == 0
    assert metrics.ood(known, torch.tensor([[-1.0, 0.0]])) == pytest.approx(math.sqrt(2))


def test_ood_of_real_rows_leaves_each_out(rows, monkeypatch):
    monkeypatch.setattr(metrics, "BLOCK", 7)
    unit = torch.nn.functional.normalize(rows)
    distances = torch.cdist(unit, unit).fill_diagonal_(math.inf).amin(dim=1)
    some = torch.tensor([3, 118, 0, 6, 7, 50, 51, 52, 53, 13])
    assert metrics.ood_real(rows, some) == pytest.approx(float(distances[some].mean()))
    assert metrics.ood(rows, rows[some]) == 0  # as a reconstruction each row finds itself


def test_ood_of_real_rows_by_hand():
    known = torch.tensor([[1.0, 0.0], [0.0, 5.0], [0.0, -1.0], [2.0, 0.0]])
    assert metrics.ood_real(known, torch.tensor([0, 3])) == 0  # twice the same direction
    assert metrics.ood_real(known, torch.tensor([1, 2])) == pytest.approx(math.sqrt(2))
    assert metrics.ood_real(known[:1], torch.tensor([0])) is None


def test_logit_r2_by_hand():
    y = np.array([1.0, 2.0, 3.0, 4.0])
    assert metrics.logit_r2(y, 7 + y / 3) == pytest.approx(1)
    # deviations (-1.5, -.5, .5, 1.5) and (-1, 1, -1, 1): r = 2 / √(5 · 4)
    assert metrics.logit_r2(y, np.array([0.0, 2.0, 0.0, 2.0])) == pytest.approx(4 / 20)


def test_logit_r2_of_the_wrong_direction_and_of_constants():
    y = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    assert metrics.logit_r2(y, -y) == 0
    assert metrics.logit_r2(y, np.full(3, 2.0)) is None
    assert metrics.logit_r2(np.full(3, 2.0), y) is None
    assert metrics.logit_r2(y[:2], y[:2]) is None


def test_smallest_k():
    reached = {20: 0.86, 5: 0.5, 10: 0.8, 15: 0.85}
    assert metrics.smallest_k(reached, gain=0.1) == 10
    assert metrics.smallest_k(reached, gain=0.001) == 20
    assert metrics.smallest_k({7: 0.1}, gain=0.1) == 7
    with pytest.raises(StageError, match="no k was tried"):
        metrics.smallest_k({}, gain=0.1)
