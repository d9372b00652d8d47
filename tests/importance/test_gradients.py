import pytest
import torch

from lens_site.errors import StageError
from lens_site.importance import LinearScore
from lens_site.importance.gradient import effective_weights
from lens_site.importance.methods.gradient_input import GradientInput


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def linear(k=5, n=7, s=6, seed=0):
    draw = rng(seed)
    codes = torch.rand(n, s, k, generator=draw, dtype=torch.float64)
    gamma = torch.randn(k, generator=draw, dtype=torch.float64)
    return LinearScore(gamma, 0.3), codes


def test_gradient_input_is_the_mean_code_times_gamma():
    score, codes = linear()
    phi = GradientInput().attribute(score, codes, generator=rng())
    assert torch.allclose(phi, codes.mean(1) * score.gamma)


def test_gradient_input_adds_up_to_the_logit():
    score, codes = linear()
    phi = GradientInput().attribute(score, codes, generator=rng())
    assert torch.allclose(phi.sum(1) + score.bias, score(codes))


def test_gradient_input_sums_over_positions_of_a_nonlinear_head():
    _, codes = linear()

    def score(u):
        return u[:, 0].square().sum(1) - u[:, 1, 0] * u[:, 2, 1]

    expected = 2 * codes[:, 0].square()
    expected[:, 0] -= codes[:, 1, 0] * codes[:, 2, 1]
    expected[:, 1] -= codes[:, 1, 0] * codes[:, 2, 1]
    phi = GradientInput(batch=3).attribute(score, codes, generator=rng())
    assert torch.allclose(phi, expected)


def test_gradient_works_where_the_caller_forbids_it():
    score, codes = linear()
    with torch.inference_mode():
        phi = GradientInput().estimate(score, codes * 1.0, generator=rng())
    assert torch.allclose(phi, codes.mean(1) * score.gamma)


def test_effective_weights_of_a_linear_head_are_its_weights():
    draw = rng(1)
    weights = torch.randn(9, generator=draw, dtype=torch.float64)
    activations = torch.rand(4, 6, 9, generator=draw, dtype=torch.float64)
    got = effective_weights(lambda a: a.mean(1) @ weights - 2, activations, batch=3)
    assert torch.allclose(got, weights)


@pytest.mark.parametrize(
    ("score", "match"),
    [
        (lambda u: u.sum((1, 2)).detach(), "not differentiable"),
        (lambda u: u.sum(2), r"gave shape \(7, 6\) for 7 rows"),
        (lambda u: u.sum((1, 2)) * float("nan"), "gave NaN"),
        (LinearScore(torch.ones(4, dtype=torch.float64), 0.0), "γ has 4 concepts"),
    ],
)
def test_bad_scores_are_named(score, match):
    _, codes = linear()
    with pytest.raises(StageError, match=match):
        GradientInput().attribute(score, codes, generator=rng())


@pytest.mark.parametrize(
    ("codes", "match"),
    [
        (torch.zeros(0, 2, 3), "needs one image"),
        (torch.full((1, 2, 3), float("inf")), "NaN or infinite"),
    ],
)
def test_bad_codes_are_named(codes, match):
    with pytest.raises(StageError, match=match):
        GradientInput().attribute(LinearScore(torch.ones(3), 0.0), codes, generator=rng())


def test_batch_must_be_positive():
    with pytest.raises(StageError, match="batch is 0"):
        GradientInput(batch=0)
