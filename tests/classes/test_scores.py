import numpy as np
import pytest
import torch
from heads import INDEX, subject
from torch import Tensor

from lens_site.classes.faithfulness import CURVE_IMAGES, measure_faithfulness
from lens_site.classes.kept import measure_kept
from lens_site.classes.scores import class_score, class_weights, rebuilt
from lens_site.importance import METHODS, ImageScore

N, K = 3 * CURVE_IMAGES, 3


def codes_in_context() -> tuple[ImageScore, Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    context = 1 + torch.rand(N, 2, K, generator=draw)
    codes = torch.rand(N, 4, K, generator=draw)
    context[0] *= 50  # one image that would change every curve it is taken for

    def logit(codes: Tensor, images: Tensor) -> Tensor:
        return (codes.mean(dim=1) * context[images].sum(dim=1)).sum(dim=1)

    return ImageScore(logit), codes, context


def test_curves_of_some_images_keep_their_own_context() -> None:
    score, codes, context = codes_in_context()
    phi = codes.mean(dim=1) * context.sum(dim=1)
    generator = torch.Generator().manual_seed(0)
    measured = measure_faithfulness(score, codes, phi, generator=generator)
    chosen = torch.linspace(0, N - 1, CURVE_IMAGES).long()
    first = phi[chosen].amax(dim=1).mean() / phi[chosen].sum(dim=1).mean()
    assert measured.images == CURVE_IMAGES
    assert measured.deletion.values is not None
    torch.testing.assert_close(1 - measured.deletion.values[1], float(first), rtol=1e-4, atol=1e-5)
    assert measured.mu_fidelity is not None
    assert measured.mu_fidelity > 0.9999


def test_logits_are_rebuilt_with_the_context_of_each_image() -> None:
    score, codes, _ = codes_in_context()
    y = score.function(codes, torch.arange(N))
    torch.testing.assert_close(torch.from_numpy(rebuilt(score, codes)), y)


@pytest.mark.parametrize("method", ["nmf", "pca"])
def test_the_lead_at_a_linear_head_by_numpy(method: str) -> None:
    s = subject(method=method)
    both = s.both(margin=True)
    rivals = both.before.runner_up
    assert len(set(rivals.tolist())) > 1
    score = class_score(s.classifier, s.extractor, INDEX, s.activations, torch.from_numpy(rivals))
    u, origin = s.codes.numpy().mean(axis=1), s.extractor.decode(torch.zeros(1, 4).double())[0]
    difference = s.weight[INDEX] - s.weight[rivals]
    phi = METHODS["shap"]().attribute(score, s.codes, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(phi, u * (difference @ s.extractor.dictionary.numpy().T), atol=1e-9)
    constant = difference @ origin.numpy() + s.bias[INDEX] - s.bias[rivals]
    assert both.bias == pytest.approx(constant.mean(), abs=1e-9)
    restored = s.linear_logits(s.restored)
    lead = restored[:, INDEX] - restored[np.arange(len(rivals)), rivals]
    np.testing.assert_allclose(rebuilt(score, s.codes), lead, atol=1e-9)
    weights = class_weights(s.classifier, s.activations, INDEX, torch.from_numpy(rivals))
    np.testing.assert_allclose(weights, difference.mean(axis=0), atol=1e-9)
    _, rest = measure_kept(s.images, s.extractor, both, phi.numpy(), crops=False, margin=True)
    total = constant + phi.numpy().sum(axis=1) + rest
    np.testing.assert_allclose(total, both.before.margin, atol=1e-9)


@pytest.mark.parametrize("kind", ["curved", "context"])
def test_the_lead_at_other_heads_is_that_of_each_image(kind: str) -> None:
    s = subject(kind)
    both = s.both(margin=True)
    rivals = torch.from_numpy(both.before.runner_up)
    score = class_score(s.classifier, s.extractor, INDEX, s.activations, rivals)
    lead = both.after.logit - both.after.at_runner_up
    np.testing.assert_allclose(rebuilt(score, s.codes), lead, atol=1e-9)
    assert both.bias == pytest.approx(rebuilt(score, 0 * s.codes).mean(), abs=1e-9)
