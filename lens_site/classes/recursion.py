"""Sub-concepts: what a concept is made of, one layer earlier.

Take the patches of concept i above the 90th percentile of U_i, look at them at an earlier layer,
and factorize again. Source: Fel et al. 2023, CRAFT (arXiv 2211.10154), §3.2. What we chose: in
``grid``, the rows of the earlier layer are the cells that lie inside those patches; three
sub-concepts; none for a concept with fewer rows.

Three parts of anything explain something. So as many random rows of the same layer are factorized
too, and the R² of both is taken on the rows of the concept. Where its own parts explain no more
than fitting to those very rows gains by itself, all of them are left out: they tell the layer or
the class, not the concept. That gain was up to 3.6 parts/rows for random rows in the place of a
concept's (20 to 2,000 rows of two classes); asked for is GAIN + 4 parts/rows. The reference is
ours.

Shapes: n images, k concepts on h × w patches, an earlier layer with H × W patches, j parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from lens_site import extraction
from lens_site.extraction import Extractor, metrics
from lens_site.extraction.extractor import sample_rows

PERCENTILE = 90
PARTS = 3
"""Sub-concepts of a concept."""

ROWS = 8_192
"""Rows of the earlier layer that a fit looks at, drawn by the seed."""

GAIN = 0.02
"""R² by which parts of many rows have to beat those of random rows."""


@dataclass(frozen=True)
class Parts:
    """Sub-concepts of one concept, largest weight first; codes are 0 outside its patches.

    ``weights`` are fractions of Σ u_j ‖v_j‖, what each adds to the reconstruction. ``r2`` is that
    of the rows they were fitted to, ``r2_random`` that of the same rows by as many parts fitted to
    as many random rows of the layer; at most 1, and negative where the mean row is better.
    """

    weights: Float[np.ndarray, " j"]
    codes: Float[np.ndarray, "n H W j"]
    r2: float
    r2_random: float


def sub_concepts(
    codes: Float[np.ndarray, "n h w k"],
    concepts: Iterable[int],
    finer: Float[Tensor, "n H W p"],
    *,
    method: str,
    seed: int,
) -> dict[int, Parts]:
    """Factorize what each of ``concepts`` is made of.

    Left out are concepts too rare to say, and those whose parts are no better than random
    (see above): all parts of such a concept.

    Raises
    ------
    StageError
        When the earlier activations do not suit the method.
    """
    apart = {}
    everything = rearrange(finer, "n H W p -> (n H W) p")
    for i in concepts:
        inside = _inside(_strong(codes[..., i]), finer.shape[1], finer.shape[2])
        places = torch.from_numpy(np.flatnonzero(inside)).to(finer.device)
        rows = everything[places]
        if len(rows) > PARTS and bool(rows.any()):
            parts = _factorize(everything, places, finer.shape, method, seed)
            if parts.r2 >= parts.r2_random + GAIN + 4 * PARTS / min(ROWS, len(rows)):
                apart[i] = parts
    return apart


def _factorize(
    everything: Float[Tensor, "all p"],
    places: Int[Tensor, " rows"],
    shape: torch.Size,
    method: str,
    seed: int,
) -> Parts:
    generator = torch.Generator(everything.device).manual_seed(seed)
    rows = everything[places]
    seen = sample_rows(rows, ROWS, generator=generator)
    extractor = extraction.method(method)(PARTS).fit(seen, generator=generator)
    codes = extractor.encode(rows)
    sizes = codes.abs().sum(dim=0) * extractor.dictionary.norm(dim=1)
    weights = (sizes / sizes.sum().clamp_min(1e-12)).cpu().numpy()
    order = np.argsort(-weights, kind="stable")
    n, h, w, _ = shape
    everywhere = torch.zeros(n * h * w, PARTS, dtype=codes.dtype, device=codes.device)
    everywhere[places] = codes
    return Parts(
        weights=weights[order],
        codes=everywhere.view(n, h, w, PARTS).cpu().numpy()[..., order],
        r2=_r2(extractor, seen),
        r2_random=_r2_of_random(everything, seen, method, generator),
    )


def _r2_of_random(
    everything: Float[Tensor, "all p"],
    seen: Float[Tensor, "rows p"],
    method: str,
    generator: torch.Generator,
) -> float:
    """R² of ``seen`` by parts of as many random rows; 0, the mean row's, where these are empty."""
    random = sample_rows(everything, len(seen), generator=generator)
    if len(random) < PARTS or not bool(random.any()):
        return 0.0
    return _r2(extraction.method(method)(PARTS).fit(random, generator=generator), seen)


def _r2(extractor: Extractor, rows: Float[Tensor, "rows p"]) -> float:
    return metrics.r2(rows, extractor.decode(extractor.encode(rows)))


def _strong(codes: Float[np.ndarray, "n h w"]) -> Bool[np.ndarray, "n h w"]:
    """Patches above the 90th percentile of the concept's codes."""
    strong: np.ndarray = codes > max(0.0, float(np.percentile(codes, PERCENTILE)))
    return strong


def _inside(
    patches: Bool[np.ndarray, "n h w"], rows: int, columns: int
) -> Bool[np.ndarray, "n H W"]:
    """Cells of a grid of rows × columns whose centers lie in one of the patches."""
    _, h, w = patches.shape
    down = (np.arange(rows) + 0.5) * h // rows
    across = (np.arange(columns) + 0.5) * w // columns
    inside: np.ndarray = patches[:, down.astype(int)][:, :, across.astype(int)]
    return inside
