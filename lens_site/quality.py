"""How far to trust the explanation of a class: the figures of step one on its page.

Those that are cheap are taken on all patches; those that would cost as much as the explanation
itself (stability, distances between distributions) on a sample drawn by the seed.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction import Extractor
from lens_site.extraction import metrics as quality
from lens_site.importance.summary import explained_logit
from lens_site.results.numbers import rounded
from lens_site.results.schema import Metrics

SAMPLE = 2_048
"""Patches, of whole images, behind stability and the distances."""


def measure(
    extractor: Extractor,
    activations: Float[Tensor, "n s p"],
    codes: Float[Tensor, "n s k"],
    logits: Float[np.ndarray, " n"],
    rebuilt: Float[np.ndarray, " n"],
    *,
    generator: torch.Generator,
) -> Metrics:
    """Metrics of one class (methods.md §1 and §2); ``rebuilt`` is ŷ, the logit of the codes."""
    rows, codes_rk = activations.flatten(0, 1), codes.flatten(0, 1)
    restored = extractor.decode(codes_rk)
    n, s, _ = activations.shape
    drawn = torch.randperm(n, generator=generator, device=generator.device)
    some = drawn[: max(1, SAMPLE // s)].sort().values.to(activations.device)
    sample, its_restored = activations[some], extractor.decode(codes[some].flatten(0, 1))
    return Metrics(
        explained_logit=rounded(explained_logit(logits, rebuilt)),
        logit_r2=logit_r2(logits, rebuilt),
        relative_l2=rounded(quality.relative_l2(rows, restored)),
        r2=rounded(quality.r2(rows, restored)),
        sparsity=rounded(quality.sparsity(codes_rk)),
        dead_concepts=quality.dead_concepts(codes_rk),
        stability=_stability(extractor, sample, generator),
        wasserstein_1=rounded(quality.wasserstein_1(sample.flatten(0, 1), its_restored)),
        frechet_distance=rounded(quality.frechet_distance(sample.flatten(0, 1), its_restored)),
        ood=rounded(quality.ood(sample.flatten(0, 1), its_restored)),
        sample=len(its_restored),
    )


def logit_r2(y: Float[np.ndarray, " n"], y_hat: Float[np.ndarray, " n"]) -> float | None:
    """Squared Pearson correlation of y and ŷ, in [0, 1]; None when one of them is constant."""
    if min(np.ptp(y), np.ptp(y_hat)) <= 1e-6 * float(np.abs(y).max()):
        return None
    return rounded(np.corrcoef(y, y_hat)[0, 1] ** 2)


def _stability(
    extractor: Extractor, sample: Float[Tensor, "n s p"], generator: torch.Generator
) -> float | None:
    n, s, _ = sample.shape
    images = torch.arange(n, device=sample.device).repeat_interleave(s)

    def again() -> Extractor:
        return type(extractor)(extractor.k)

    try:
        found = quality.stability(
            again, rearrange(sample, "n s p -> (n s) p"), images, generator=generator
        )
    except StageError:
        return None
    return rounded(found)
