"""How far to trust the concepts of a class: the figures of step one on its page.

Those that are cheap are taken on all patches. The distances between distributions would cost as
much as the explanation itself; they are taken on a sample drawn by the seed.
``lens bench extraction`` takes them on all patches, but for the reconstructions of ood.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.extraction import Extractor, metrics
from lens_site.importance.summary import explained_logit
from lens_site.results.numbers import rounded
from lens_site.results.schema import Metrics

SAMPLE = 2_048
"""Patches behind the distances."""

REBUILT = 512
"""Of these, those whose reconstructions' nearest patch of the sample is looked for, and their own
nearest other one."""


def measure_quality(
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
    drawn = torch.randperm(len(rows), generator=generator, device=generator.device)
    places = drawn[:SAMPLE].sort().values.to(rows.device)
    sample, rebuilt_rows = rows[places], restored[places]
    shuffled = torch.randperm(len(sample), generator=generator, device=generator.device)
    few = shuffled[:REBUILT].sort().values.to(rows.device)
    distance = metrics.frechet_distance(sample, rebuilt_rows, span=extractor.dictionary)
    return Metrics(
        explained_logit=rounded(explained_logit(logits, rebuilt)),
        logit_r2=_rounded(metrics.logit_r2(logits, rebuilt)),
        relative_l2=rounded(metrics.relative_l2(rows, restored)),
        r2=rounded(metrics.r2(rows, restored)),
        sparsity=rounded(metrics.sparsity(codes_rk)),
        dead_concepts=metrics.dead_concepts(codes_rk),
        wasserstein_1=rounded(metrics.wasserstein_1(sample, rebuilt_rows)),
        frechet_distance=rounded(distance),
        ood=rounded(metrics.ood(sample, rebuilt_rows[few])),
        ood_real=_rounded(metrics.ood_real(sample, few)),
        sample=len(sample),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else rounded(value)
