"""Scores that read more of an image than its codes: each method must keep images apart."""

import pytest
import torch
from torch import Tensor

from lens_site.importance import METHODS, ImageScore, metrics

N, S, K = 7, 3, 4


def image_score() -> tuple[ImageScore, Tensor]:
    draw = torch.Generator().manual_seed(3)
    context = torch.randn(N, 2, K, generator=draw)
    codes = torch.rand(N, S, K, generator=draw)

    def logit(u: Tensor, images: Tensor) -> Tensor:
        c = context[images]
        return torch.tanh(u.mean(dim=1) * c.sum(dim=1)).sum(dim=1) + c[:, 0, 0]

    return ImageScore(logit), codes


@pytest.mark.parametrize("name", [m for m in METHODS if m != "tcav"])
@pytest.mark.parametrize("batch", [2, 64])
def test_an_image_is_explained_with_its_own_context(name: str, batch: int) -> None:
    score, codes = image_score()
    whole = METHODS[name](batch=batch).attribute(
        score, codes, generator=torch.Generator().manual_seed(0)
    )
    if name in ("smoothgrad", "squaregrad", "vargrad"):  # draw for one image after the other
        alone = METHODS[name]().attribute(
            score, codes[:1], generator=torch.Generator().manual_seed(0)
        )
        torch.testing.assert_close(whole[:1], alone)
        return
    for i in range(N):
        own = ImageScore(lambda u, images, i=i: score.function(u, images + i))
        alone = METHODS[name]().attribute(
            own, codes[i : i + 1], generator=torch.Generator().manual_seed(0)
        )
        torch.testing.assert_close(whole[i : i + 1], alone, rtol=1e-4, atol=1e-6)


def test_curves_follow_each_image_with_its_own_context() -> None:
    score, codes = image_score()
    order = metrics.ranking(torch.rand(N, K, generator=torch.Generator().manual_seed(1)))
    removed = metrics.deletion_logits(score, codes, order, batch=5)
    torch.testing.assert_close(removed[:, 0], score.function(codes, torch.arange(N)))
    torch.testing.assert_close(removed[:, -1], score.function(0 * codes, torch.arange(N)))
