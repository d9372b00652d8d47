"""Each method against its closed form, a second way of writing it, and its limits."""

import importance_direct
import numpy as np
import pytest
import torch

from lens_site.errors import ConfigError, StageError
from lens_site.importance import METHODS, LinearScore, method
from lens_site.importance.methods.hsic import Hsic, hsic
from lens_site.importance.methods.integrated_gradients import IntegratedGradients
from lens_site.importance.methods.occlusion import Occlusion
from lens_site.importance.methods.rise import Rise
from lens_site.importance.methods.saliency import Saliency
from lens_site.importance.methods.shap import Shap
from lens_site.importance.methods.smoothgrad import SmoothGrad
from lens_site.importance.methods.sobol import Sobol
from lens_site.importance.methods.squaregrad import SquareGrad
from lens_site.importance.methods.tcav import Tcav, tcav_scores
from lens_site.importance.methods.vargrad import VarGrad


class Plain(Saliency):
    """A method from outside the package."""

    name = "plain"


CLOSED = sorted(set(METHODS) - {"hsic"})


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def codes_of(n=4, s=3, k=5, seed=0):
    return torch.rand(n, s, k, generator=rng(seed), dtype=torch.float64)


def linear(k=5, seed=1, bias=0.7):
    return LinearScore(torch.randn(k, generator=rng(seed), dtype=torch.float64), bias)


def two_layers(k=5, seed=2):
    """A head that mixes concepts at each position, bends, pools, and mixes again."""
    first = torch.randn(k, 8, generator=rng(seed), dtype=torch.float64)
    second = torch.randn(8, generator=rng(seed + 1), dtype=torch.float64)
    return lambda u: torch.tanh(u @ first).mean(1) @ second + 0.4


def one_image(score):
    return lambda u: float(score(torch.from_numpy(u)[None]))


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("name", CLOSED)
def test_closed_form_equals_the_numerical_method(name, k):
    score, codes = linear(k), codes_of(k=k)
    method = Sobol(designs=8192) if name == "sobol" else METHODS[name]()
    exact = method.attribute(score, codes, generator=rng())
    numeric = method.estimate(score, codes, generator=rng())
    # the closed form of Sobol is the limit of many designs; all others are equal
    tolerance = 3e-3 if name == "sobol" else 1e-12
    assert torch.allclose(exact, numeric, atol=tolerance, rtol=tolerance)
    assert torch.equal(exact, method.closed_form(score, codes.mean(1)))


@pytest.mark.parametrize("name", METHODS)
def test_contributions_sum_to_the_score_where_the_method_says_so(name):
    score, codes = linear(), codes_of()
    phi = METHODS[name]().attribute(score, codes, generator=rng())
    sums = torch.allclose(phi.sum(1), score(codes) - score(0 * codes), atol=1e-9)
    assert sums == METHODS[name].sums_to_score


def test_a_method_bears_the_name_of_its_file():
    assert {name: kind.name for name, kind in METHODS.items()} == {name: name for name in METHODS}
    assert method("integrated-gradients") is IntegratedGradients
    assert method(f"{__name__}:Plain") is Plain
    with pytest.raises(ConfigError, match="importance: no 'sobl'; did you mean 'sobol'"):
        method("sobl")
    with pytest.raises(ConfigError, match=r"wanted a subclass of .*Attributor"):
        method(f"{__name__}:LinearScore")


def test_kernel_shap_is_exact_for_a_linear_head():
    score, codes = linear(15), codes_of(k=15)
    numeric = Shap().estimate(score, codes, generator=rng())
    assert torch.allclose(numeric, codes.mean(1) * score.gamma, atol=1e-10)


@pytest.mark.parametrize("name", METHODS)
def test_any_head_any_positions_in_bounded_batches(name):
    score, largest = two_layers(), []

    def watched(u):
        largest.append(len(u))
        return score(u)

    codes = codes_of(n=5)
    small = METHODS[name](batch=7).attribute(watched, codes, generator=rng())
    large = METHODS[name]().attribute(score, codes, generator=rng())
    assert max(largest) <= 7
    assert small.shape == (5, 5)
    assert torch.allclose(small, large, atol=1e-12)
    assert not torch.allclose(small, torch.zeros_like(small))


@pytest.mark.parametrize("name", METHODS)
def test_same_seed_same_bytes(name):
    runs = [METHODS[name]().attribute(two_layers(), codes_of(), generator=rng(3)) for _ in "ab"]
    assert torch.equal(*runs)


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"smoothgrad", "squaregrad", "vargrad"}))
def test_permuted_concepts_give_permuted_importance(name):
    method = {"sobol": Sobol(designs=4096), "hsic": Hsic(masks=1024)}.get(name, METHODS[name]())
    score, codes, turn = two_layers(), codes_of(), torch.tensor([3, 0, 4, 1, 2])
    phi = method.attribute(score, codes, generator=rng())
    turned = method.attribute(
        lambda u: score(u[:, :, turn.argsort()]), codes[:, :, turn], generator=rng()
    )
    sampled = {"sobol": 2e-2, "hsic": 2e-2}
    assert torch.allclose(phi[:, turn], turned, atol=sampled.get(name, 1e-12))


HARD = {
    "silent concept": codes_of() * torch.tensor([1.0, 0.0, 1.0, 1.0, 1.0]),
    "identical codes": torch.ones(4, 3, 5, dtype=torch.float64),
    "all zero": torch.zeros(4, 3, 5, dtype=torch.float64),
    "one image": codes_of(n=1),
    "one position": codes_of(s=1),
    "single precision": codes_of().float(),
}


HEADS = {
    "linear": lambda u: LinearScore(linear().gamma.to(u), -5.0),
    "bent": lambda u: lambda v: two_layers()(v.double()).to(v) - 5,
}

NONZERO_WHEN_SILENT = {"saliency", "smoothgrad", "squaregrad", "vargrad", "tcav", "rise"}
"""A slope does not know the code, and RISE is a mean of logits."""


@pytest.mark.parametrize("case", HARD)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", METHODS)
def test_hard_codes_give_defined_importance(name, head, case):
    codes = HARD[case]
    phi = METHODS[name]().attribute(HEADS[head](codes), codes, generator=rng())
    assert phi.isfinite().all()
    assert phi.dtype == codes.dtype
    if case == "silent concept" and name not in NONZERO_WHEN_SILENT:
        assert phi[:, 1].abs().max() < 1e-9


@pytest.mark.parametrize("name", METHODS)
def test_a_constant_logit_has_no_important_concept(name):
    phi = METHODS[name]().attribute(lambda u: 3.0 + 0 * u.sum((1, 2)), codes_of(), generator=rng())
    assert torch.allclose(phi, torch.full_like(phi, 3.0 if name == "rise" else 0.0))


def test_integrated_gradients_add_up():
    score, codes = two_layers(), codes_of()
    phi = IntegratedGradients().attribute(score, codes, generator=rng())
    assert torch.allclose(phi.sum(1), score(codes) - score(0 * codes), atol=1e-10)


def test_gradient_of_no_noise_is_the_saliency():
    score, codes = two_layers(), codes_of()
    slope = Saliency().attribute(score, codes, generator=rng())
    got = [
        method(noise=0.0, samples=3).attribute(score, codes, generator=rng())
        for method in (SmoothGrad, SquareGrad, VarGrad)
    ]
    assert torch.allclose(got[0], slope)
    assert torch.allclose(got[1], slope.square())
    assert torch.allclose(got[2], torch.zeros_like(slope))


def test_variance_is_the_mean_square_less_the_squared_mean():
    score, codes = two_layers(), codes_of()
    mean, square, variance = (
        method().attribute(score, codes, generator=rng())
        for method in (SmoothGrad, SquareGrad, VarGrad)
    )
    assert variance.min() > 1e-6
    assert torch.allclose(variance, square - mean.square())


def test_noise_is_a_fraction_of_the_range_of_an_image():
    codes = torch.tensor([[[5.0, 5.0, 7.0]], [[1.0, 1.0, 1.0]]])
    phi = VarGrad(samples=20_000, noise=0.3).attribute(
        lambda u: u.square().sum((1, 2)) / 2, codes, generator=rng()
    )
    # the gradient is u + ε, so its variance is that of ε
    assert torch.allclose(phi[0], torch.full((3,), (0.3 * 2) ** 2), rtol=0.05)
    assert torch.equal(phi[1], torch.zeros(3))


def test_occlusion_by_its_definition():
    score, codes = two_layers(), codes_of()
    phi = Occlusion().attribute(score, codes, generator=rng())
    expected = [importance_direct.occlusion(one_image(score), u) for u in codes.numpy()]
    assert np.allclose(phi, expected)


@pytest.mark.parametrize("keep", [0.5, 0.2])
def test_rise_by_its_definition(keep):
    score, codes = two_layers(), codes_of()
    phi = Rise(keep=keep).attribute(score, codes, generator=rng())
    straight = Rise(keep=keep).attribute(linear(), codes, generator=rng())
    assert torch.allclose(straight, Rise(keep=keep).estimate(linear(), codes, generator=rng()))
    expected = [importance_direct.rise(one_image(score), u, keep) for u in codes.numpy()]
    assert np.allclose(phi, expected)
    sampled = Rise(keep=keep, masks=20_000).attribute(score, codes, generator=rng())
    assert np.allclose(sampled, expected, atol=0.05)


def test_shapley_by_all_orders():
    score, codes = two_layers(), codes_of()
    phi = Shap().attribute(score, codes, generator=rng())
    expected = [importance_direct.shapley(one_image(score), u) for u in codes.numpy()]
    assert np.allclose(phi, expected)
    assert torch.allclose(phi.sum(1), score(codes) - score(0 * codes))


def test_kernel_shap_comes_near_the_exact_values(monkeypatch):
    score, codes = two_layers(13), codes_of(k=13, n=3)
    few = Shap().attribute(score, codes, generator=rng())
    many = Shap(masks=60_000).attribute(score, codes, generator=rng())
    monkeypatch.setattr("lens_site.importance.methods.shap.ENUMERABLE", 13)
    exact = Shap().attribute(score, codes, generator=rng())
    assert torch.allclose(few.sum(1), exact.sum(1))
    assert (few - exact).abs().max() < 0.05 * exact.abs().max()
    assert (many - exact).abs().max() < 0.01 * exact.abs().max()


def test_kernel_shap_of_two_concepts_is_exact():
    score, codes = two_layers(2), codes_of(k=2)
    sampled = Shap(masks=8).attribute(score, codes, generator=rng())
    assert torch.allclose(sampled, Shap().attribute(score, codes, generator=rng()))


def test_sobol_by_jansens_sums():
    score, codes, method = two_layers(), codes_of(), Sobol(designs=16)
    phi = method.attribute(score, codes, generator=rng(5))
    masks = method.masks(5, generator=rng(5)).double().numpy()
    expected = [importance_direct.jansen(one_image(score), u, masks) for u in codes.numpy()]
    assert np.allclose(phi, expected)


def test_sobol_masks_swap_one_column():
    masks = Sobol(designs=8).masks(3, generator=rng())
    a, swapped, b = masks[:, 0], masks[:, 1:-1], masks[:, -1]
    assert 0 <= masks.min() < masks.max() <= 1
    for i in range(3):
        expected = a.clone()
        expected[:, i] = b[:, i]
        assert torch.equal(swapped[:, i], expected)


def test_sobol_of_a_class_asks_a_linear_score_once_for_all_positions():
    score, codes = linear(10), codes_of(n=100, s=16, k=10)
    rows = []

    class Counted(type(score)):
        def __call__(self, codes):
            rows.append(codes.shape)
            return super().__call__(codes)

    counted = Counted(score.gamma, score.bias)
    phi = Sobol(designs=32, batch=64).estimate(counted, codes, generator=rng())
    assert sum(m for m, _, _ in rows) == 100 * 32 * 12  # every image under every mask, no more
    assert {s for _, s, _ in rows} == {1}  # its mean code, not all positions
    assert len(rows) <= 1 + 100 * 32 * 12 // (64 * 16)  # and in large batches
    assert (phi.argmax(1) == (codes.mean(1) * score.gamma).abs().argmax(1)).sum() >= 90


def test_quasi_random_masks_leave_the_global_seed_alone():
    before = torch.get_rng_state()
    Sobol().masks(4, generator=rng())
    assert torch.equal(before, torch.get_rng_state())


def test_hsic_by_full_matrices():
    masks = (torch.rand(40, 3, generator=rng()) > 0.4).double()
    logits = masks[:, 0] * 2 - masks[:, 1] + 0.1 * torch.rand(40, generator=rng(1)).double()
    expected = [importance_direct.hsic(m, logits.numpy()) for m in masks.T.numpy()]
    assert np.allclose(hsic(masks, logits), expected)
    assert expected[0] > expected[1] > expected[2]


def test_tcav_is_the_signed_share_of_images():
    slopes = torch.tensor([[1.0, -1.0, 0.0], [2.0, 3.0, 1.0], [0.5, -2.0, -1.0]])
    assert torch.allclose(tcav_scores(slopes), torch.tensor([1.0, 1 / 3, 1 / 3]))
    codes = torch.ones(3, 1, 3)
    phi = Tcav().attribute(lambda u: (u * u * slopes[:, None]).sum((1, 2)), codes, generator=rng())
    assert torch.allclose(phi, torch.tensor([1.0, -1 / 3, 0.0]).expand(3, 3))


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: Rise(keep=1.0), "keep is 1.0; it must lie between 0 and 1"),
        (lambda: Rise(masks=0), "masks is 0; it must be 1 or more"),
        (lambda: Shap(masks=1), "masks is 1; it must be 2 or more"),
        (lambda: Sobol(designs=1), "designs is 1"),
        (lambda: Hsic(masks=1), "masks is 1"),
        (lambda: IntegratedGradients(steps=0), "steps is 0"),
        (lambda: SmoothGrad(noise=-1.0), "noise is -1.0"),
        (lambda: VarGrad(samples=0), "samples is 0"),
    ],
)
def test_bad_options_are_named(build, match):
    with pytest.raises(StageError, match=match):
        build()


@pytest.mark.parametrize("name", METHODS)
def test_a_slope_for_each_image_explains_each_image_alone(name):
    codes = codes_of(n=4)
    score = LinearScore(torch.randn(4, 5, generator=rng(9), dtype=torch.float64), torch.arange(4.0))
    method = METHODS[name]()
    phi = method.attribute(score, codes, generator=rng())
    alone = torch.cat([
        method.attribute(
            LinearScore(score.gamma[i], float(score.bias[i])), codes[i : i + 1], generator=rng()
        )
        for i in range(4)
    ])  # fmt: skip
    if name == "tcav":  # of the class as a whole
        alone = alone.mean(dim=0).expand_as(alone)
    assert torch.allclose(phi, alone, atol=1e-12)
    if name not in ("smoothgrad", "squaregrad", "vargrad"):  # noise is drawn once for all images
        each = method.estimate(score, codes, generator=rng())
        assert torch.allclose(phi, each, atol=0.2 if name == "sobol" else 1e-9)
