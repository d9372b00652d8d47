"""Held to SALib and Captum, of the group ``peers``."""

import importlib
import warnings

import pytest
import torch

from lens_site.importance.methods.gradient_input import GradientInput
from lens_site.importance.methods.integrated_gradients import IntegratedGradients
from lens_site.importance.methods.occlusion import Occlusion
from lens_site.importance.methods.shap import Shap
from lens_site.importance.methods.smoothgrad import SmoothGrad
from lens_site.importance.methods.sobol import Sobol
from lens_site.importance.methods.squaregrad import SquareGrad
from lens_site.importance.methods.vargrad import VarGrad

K = 6


def peer(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their imports warn about other libraries
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as missing:
            pytest.skip(f"no {module}: pip install --group peers ({missing})")


def head(positions, dtype=torch.float32):
    draw = torch.Generator().manual_seed(7)
    first = torch.randn(K, 8, generator=draw).to(dtype)
    second = torch.randn(8, generator=draw).to(dtype)
    codes = torch.rand(3, positions, K, generator=draw).to(dtype)
    return lambda u: torch.tanh(u @ first).mean(1) @ second + 0.2, codes


def close(got, expected):
    return torch.allclose(got, expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


def ours(method, score, codes):
    return method.attribute(score, codes, generator=torch.Generator().manual_seed(0))


def test_sobol_against_salib_on_the_same_masks():
    salib, (score, codes) = peer("SALib.analyze.sobol"), head(4, torch.float64)
    method, names = Sobol(designs=64), [f"concept {i}" for i in range(K)]
    phi = method.attribute(score, codes, generator=torch.Generator().manual_seed(3))
    masks = method.masks(K, generator=torch.Generator().manual_seed(3)).flatten(0, 1)
    problem = {"num_vars": K, "names": names, "bounds": [[0, 1]] * K}
    for image, row in zip(codes, phi, strict=True):
        logits = score(image * masks[:, None]).numpy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            indices = salib.analyze(problem, logits, calc_second_order=False, num_resamples=2)
        assert torch.allclose(row, torch.as_tensor(indices["ST"]), rtol=1e-6, atol=1e-6)


def test_integrated_gradients_and_gradient_input_against_captum():
    attr, (score, codes) = peer("captum.attr"), head(4)
    path = attr.IntegratedGradients(score).attribute(codes, n_steps=32, method="gausslegendre")
    assert close(ours(IntegratedGradients(steps=32), score, codes), path.sum(1))
    product = attr.InputXGradient(score).attribute(codes.clone().requires_grad_())
    assert close(ours(GradientInput(), score, codes), product.sum(1).detach())


def test_occlusion_against_captum():
    attr, (score, codes) = peer("captum.attr"), head(4)
    windows = attr.Occlusion(score).attribute(codes, sliding_window_shapes=(4, 1), baselines=0)
    assert close(ours(Occlusion(), score, codes), windows[:, 0])


def test_shap_against_captum():
    attr, (score, codes) = peer("captum.attr"), head(4)
    groups = torch.arange(K).repeat(1, 4, 1)
    values = attr.ShapleyValues(score).attribute(codes, feature_mask=groups, baselines=0)
    assert close(ours(Shap(), score, codes), values[:, 0])


@pytest.mark.parametrize(
    ("method", "kind", "positions"),
    [(SmoothGrad, "smoothgrad", 4), (SquareGrad, "smoothgrad_sq", 1), (VarGrad, "vargrad", 1)],
)
def test_noisy_gradients_against_captum_on_the_same_noise(method, kind, positions):
    attr, (score, codes) = peer("captum.attr"), head(positions)
    image = codes[:1]
    deviation = 0.1 * float(image.max() - image.min())
    with torch.random.fork_rng():
        torch.manual_seed(5)  # Captum draws from the global generator, so here we do too
        phi = method(samples=20, noise=0.1).attribute(
            score, image, generator=torch.default_generator
        )
        torch.manual_seed(5)
        tunnel = attr.NoiseTunnel(attr.Saliency(score))
        noisy = tunnel.attribute(image, nt_type=kind, nt_samples=20, stdevs=deviation, abs=False)
    assert close(phi, noisy.sum(1).detach())
