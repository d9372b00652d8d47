"""How many concepts a class needs: what ``-k auto`` chooses.

Notation: n images of s patches with p channels, k concepts; y the class logit, ŷ that of codes.
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.extraction import Extractor
from lens_site.extraction.extractor import sample_rows
from lens_site.extraction.metrics import logit_r2, smallest_k
from lens_site.results.numbers import rounded
from lens_site.results.schema import Tried

TRIED = (5, 10, 15, 20, 25, 30)
"""Numbers tried, in this order; their steps are equal, so that gains compare."""

GAIN = 0.05
"""Five more concepts are worth it when ``logit_r2`` grows by so much."""

SAMPLE = 4_096
"""Patches each dictionary is fitted on; the images of a class are all encoded."""

Make = Callable[[int], Extractor]
"""k to an extractor that is not fitted yet."""

Rebuild = Callable[[Extractor, Float[Tensor, "n s k"]], Float[np.ndarray, " n"]]
"""ŷ: a fitted extractor and its codes to the logit of every image."""


def choose_number(
    make: Make,
    activations: Float[Tensor, "n s p"],
    logits: Float[np.ndarray, " n"],
    rebuild: Rebuild,
    *,
    generator: torch.Generator,
) -> tuple[int, tuple[Tried, ...]]:
    """Return the smallest k after which five more gain less than ``GAIN``, and what was tried.

    What grows is ``logit_r2``. The explained share of the logit is of no use here: the images of
    a class have about the same logit, and one concept already carries most of it. Of k that
    exceed what the activations can hold, patches or channels, none is tried. Where ŷ or y does
    not vary, ``logit_r2`` counts as 0.

    Raises
    ------
    StageError
        When the activations do not suit the method.
    """
    n = len(activations)
    rows = rearrange(activations, "n s p -> (n s) p")
    sample = sample_rows(rows, SAMPLE, generator=generator)
    reached: dict[int, float] = {}
    for k in _numbers(sample):
        extractor = make(k).fit(sample, generator=generator)
        codes = rearrange(extractor.encode(rows), "(n s) k -> n s k", n=n)
        reached[k] = rounded(logit_r2(logits, rebuild(extractor, codes)) or 0.0)
        if smallest_k(reached, gain=GAIN) < k:
            break
    tried = tuple(Tried(concepts=k, logit_r2=r2) for k, r2 in reached.items())
    return smallest_k(reached, gain=GAIN), tried


def _numbers(rows: Float[Tensor, "rows p"]) -> Iterator[int]:
    """Yield the k to try: as many as rows and channels allow, at least one number."""
    most = min(rows.shape)
    yield min(TRIED[0], most)
    yield from (k for k in TRIED[1:] if k <= most)
