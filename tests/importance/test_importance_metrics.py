import importance_orders
import numpy as np
import pytest
import torch

from lens_site.errors import StageError
from lens_site.importance import LinearScore
from lens_site.importance.methods.gradient_input import GradientInput
from lens_site.importance.metrics import (
    area,
    deletion,
    deletion_logits,
    insertion,
    insertion_logits,
    mu_fidelity,
    optimum,
    random_order,
    ranking,
)


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def problem(n=3, s=4, k=5, seed=0, linear=True, bias=0.5):
    draw = rng(seed)
    codes = torch.rand(n, s, k, generator=draw, dtype=torch.float64)
    if linear:
        return LinearScore(torch.randn(k, generator=draw, dtype=torch.float64), bias), codes
    first = torch.randn(k, 6, generator=draw, dtype=torch.float64)
    return lambda u: torch.relu(u @ first).mean(1).sum(1) + bias, codes


def test_curves_by_hand():
    score = LinearScore(torch.tensor([4.0, -2.0, 1.0]), 1.0)
    codes = torch.ones(1, 2, 3)
    phi = torch.tensor([[4.0, -2.0, 1.0]])
    # the full logit is 4: concepts go in the order 0, 2, 1
    removed, restored = deletion(score, codes, phi), insertion(score, codes, phi)
    assert removed.values == (1.0, 0.0, -0.25, 0.25)
    assert removed.auc == pytest.approx((0.5 + 0.0 - 0.25 + 0.125) / 3)
    assert restored.values == (0.25, 1.25, 1.5, 1.0)
    assert restored.auc == pytest.approx((0.125 + 1.25 + 1.5 + 0.5) / 3)
    assert removed.note == restored.note == ""


def test_curve_of_a_class_divides_the_means():
    score, codes = problem()
    phi = GradientInput().attribute(score, codes, generator=rng())
    logits = deletion_logits(score, codes, ranking(phi))
    expected = logits.mean(0) / score(codes).mean().abs()
    got = deletion(score, codes, phi)
    assert got.values == pytest.approx(expected.tolist())
    assert got.auc == pytest.approx(float(area(logits).mean() / score(codes).mean().abs()))


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("batch", [1, 7, 256])
def test_logits_along_an_order_by_the_slow_way(linear, batch):
    score, codes = problem(linear=linear)
    order = torch.rand(3, 5, generator=rng(1)).argsort(1)
    removed = deletion_logits(score, codes, order, batch=batch)
    restored = insertion_logits(score, codes, order, batch=batch)
    for x in range(3):
        y = lambda u: float(score(torch.from_numpy(u)[None]))  # noqa: E731
        slow = [importance_orders.curve(y, codes[x].numpy(), order[x], r) for r in (False, True)]
        assert np.allclose(removed[x], slow[0])
        assert np.allclose(restored[x], slow[1])


@pytest.mark.parametrize("linear", [True, False])
def test_optimum_is_the_best_of_all_orders(linear):
    score, codes = problem(n=1, linear=linear, bias=3.0)
    y = lambda u: float(score(torch.from_numpy(u)[None]))  # noqa: E731
    full, image = y(codes[0].numpy()), codes[0].numpy()
    removed, restored = optimum(score, codes)
    assert full > 0
    assert removed.auc == pytest.approx(importance_orders.best_auc(y, image, False) / full)
    assert restored.auc == pytest.approx(importance_orders.best_auc(y, image, True) / full)
    assert removed.values[0] == pytest.approx(1.0)
    assert restored.values[-1] == pytest.approx(1.0)


def test_gradient_input_reaches_the_optimum_and_random_order_does_not():
    score, codes = problem(n=20, bias=4.0)
    phi = GradientInput().attribute(score, codes, generator=rng())
    removed, restored = deletion(score, codes, phi), insertion(score, codes, phi)
    best_removed, best_restored = optimum(score, codes)
    chance_removed, chance_restored = random_order(score, codes, generator=rng())
    assert removed.values == pytest.approx(best_removed.values)
    assert restored.values == pytest.approx(best_restored.values)
    assert chance_removed.auc > removed.auc + 0.02
    assert chance_restored.auc < restored.auc - 0.02


def test_random_order_is_the_straight_line_of_a_linear_score():
    score, codes = problem(n=50, bias=4.0)
    removed, restored = random_order(score, codes, generator=rng(), orders=64)
    floor = 4.0 / float(score(codes).mean())
    line = np.linspace(1.0, floor, 6)
    assert np.allclose(removed.values, line, atol=0.02)
    assert np.allclose(restored.values, line[::-1], atol=0.02)


def test_a_negative_logit_keeps_lower_is_better():
    score, codes = problem(n=20, bias=-9.0)
    phi = GradientInput().attribute(score, codes, generator=rng())
    removed, wrong = deletion(score, codes, phi), deletion(score, codes, -phi)
    assert removed.values[0] == pytest.approx(-1.0)
    assert removed.auc < wrong.auc
    assert removed.note == "The mean logit is negative; values are shares of its size."


def test_a_zero_logit_has_no_curve():
    score = LinearScore(torch.zeros(3), 0.0)
    got = deletion(score, torch.ones(2, 1, 3), torch.ones(2, 3))
    assert (got.values, got.auc) == (None, None)
    assert got.note == "Undefined: the mean logit of the class is 0."


def test_ranking_takes_the_first_of_equals_and_keeps_signs():
    phi = torch.tensor([[1.0, 2.0, 1.0, -3.0, 2.0]])
    assert ranking(phi).tolist() == [[1, 4, 0, 2, 3]]


@pytest.mark.parametrize(("k", "count"), [(5, 5), (10, 45), (40, 2000)])
def test_mu_fidelity_of_the_contributions_is_one(k, count):
    score, codes = problem(k=k)
    seen = []

    def watched(u):
        seen.append(len(u))
        return score(u)

    phi = codes.mean(1) * score.gamma
    got = mu_fidelity(watched, codes, phi, generator=rng())
    assert sum(seen) == 3 * (count + 1)
    assert got.value == pytest.approx(1.0, abs=1e-9)
    assert mu_fidelity(score, codes, -phi, generator=rng()).value == pytest.approx(-1.0, abs=1e-9)


def test_mu_fidelity_is_numpys_correlation():
    score, codes = problem(k=10, linear=False)
    phi = torch.randn(3, 10, generator=rng(4), dtype=torch.float64)
    pairs = [(i, j) for i in range(10) for j in range(i)]
    expected = []
    for x in range(3):
        drops = []
        for i, j in pairs:
            rest = codes[x : x + 1].clone()
            rest[:, :, [i, j]] = 0
            drops.append(float(score(codes[x : x + 1]) - score(rest)))
        claims = [float(phi[x, i] + phi[x, j]) for i, j in pairs]
        expected.append(np.corrcoef(claims, drops)[0, 1])
    got = mu_fidelity(score, codes, phi, generator=rng())
    assert got.value == pytest.approx(np.mean(expected))
    assert got.images == 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_mu_fidelity_without_variance_is_undefined(dtype):
    codes, phi = torch.rand(2, 3, 5, generator=rng()).to(dtype), torch.ones(2, 5, dtype=dtype)
    flat = LinearScore(torch.zeros(5, dtype=dtype), 7.3)
    score = LinearScore(torch.arange(5.0).to(dtype), 7.3)
    for undefined in (
        mu_fidelity(score, codes, phi, generator=rng()),
        mu_fidelity(flat, codes, codes.mean(1), generator=rng()),
        mu_fidelity(score, codes[:, :, :1].expand(-1, -1, 5) * 0, codes.mean(1), generator=rng()),
    ):
        assert undefined.value is None
        assert undefined.note.startswith("Undefined: the importance or the logit is the same")


def test_mu_fidelity_leaves_out_the_images_where_nothing_varies():
    score, codes = problem(k=5)
    phi = codes.mean(1) * score.gamma
    phi[1] = 0
    got = mu_fidelity(score, codes, phi, generator=rng())
    assert got.value == pytest.approx(1.0)
    assert (got.images, got.note) == (2, "1 of 3 images left out: nothing varies there.")


def test_one_concept():
    score, codes = problem(k=1, bias=4.0)
    phi = codes.mean(1) * score.gamma
    assert deletion(score, codes, phi).values == optimum(score, codes)[0].values
    assert mu_fidelity(score, codes, phi, generator=rng()).value is None


def test_optimum_refuses_too_many_concepts():
    score, codes = problem(k=13)
    with pytest.raises(StageError, match="13 concepts have too many subsets"):
        optimum(score, codes)
