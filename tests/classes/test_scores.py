import torch
from torch import Tensor

from lens_site.classes.faithfulness import CURVE_IMAGES, measure_faithfulness
from lens_site.classes.scores import rebuilt
from lens_site.importance import ContextScore

N, K = 3 * CURVE_IMAGES, 3


def logit(codes: Tensor, context: Tensor) -> Tensor:
    return (codes.mean(dim=1) * context.sum(dim=1)).sum(dim=1)


def codes_in_context() -> tuple[ContextScore, Tensor]:
    draw = torch.Generator().manual_seed(0)
    context = 1 + torch.rand(N, 2, K, generator=draw)
    codes = torch.rand(N, 4, K, generator=draw)
    context[0] *= 50  # one image that would change every curve it is taken for
    return ContextScore(logit, context), codes


def test_curves_of_some_images_keep_their_own_context() -> None:
    score, codes = codes_in_context()
    phi = codes.mean(dim=1) * score.context.sum(dim=1)
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
    score, codes = codes_in_context()
    torch.testing.assert_close(torch.from_numpy(rebuilt(score, codes)), logit(codes, score.context))
