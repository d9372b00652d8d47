"""Sub-concepts: what a concept is made of, one layer earlier.

Take the patches of concept i above the 90th percentile of U_i, look at them at an earlier layer,
and factorize again. Source: Fel et al. 2023, CRAFT (arXiv 2211.10154), §3.2. What we chose: in
``grid``, the rows of the earlier layer are the cells that lie inside those patches; three
sub-concepts; none for a concept with fewer rows.

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
from lens_site.extraction.extractor import sample_rows

PERCENTILE = 90
PARTS = 3
"""Sub-concepts of a concept."""

ROWS = 8_192
"""Rows of the earlier layer that a fit looks at, drawn by the seed."""


@dataclass(frozen=True)
class Parts:
    """Sub-concepts of one concept, largest weight first; codes are 0 outside its patches.

    ``weights`` are fractions of Σ u_j ‖v_j‖, what each adds to the reconstruction.
    """

    weights: Float[np.ndarray, " j"]
    codes: Float[np.ndarray, "n H W j"]


def sub_concepts(
    codes: Float[np.ndarray, "n h w k"],
    concepts: Iterable[int],
    finer: Float[Tensor, "n H W p"],
    *,
    method: str,
    seed: int,
) -> dict[int, Parts]:
    """Factorize what each of ``concepts`` is made of; those too rare to say are left out.

    Raises
    ------
    StageError
        When the earlier activations do not suit the method.
    """
    apart = {}
    for i in concepts:
        inside = _inside(_strong(codes[..., i]), finer.shape[1], finer.shape[2])
        places = torch.from_numpy(np.flatnonzero(inside)).to(finer.device)
        rows = rearrange(finer, "n H W p -> (n H W) p")[places]
        if len(rows) > PARTS and bool(rows.any()):
            apart[i] = _factorize(rows, places, finer.shape, method, seed)
    return apart


def _factorize(
    rows: Tensor, places: Int[Tensor, " rows"], shape: torch.Size, method: str, seed: int
) -> Parts:
    generator = torch.Generator(rows.device).manual_seed(seed)
    extractor = extraction.method(method)(PARTS)
    extractor.fit(sample_rows(rows, ROWS, generator=generator), generator=generator)
    codes = extractor.encode(rows)
    sizes = codes.abs().sum(dim=0) * extractor.dictionary.norm(dim=1)
    weights = (sizes / sizes.sum().clamp_min(1e-12)).cpu().numpy()
    order = np.argsort(-weights, kind="stable")
    n, h, w, _ = shape
    everywhere = torch.zeros(n * h * w, PARTS, dtype=codes.dtype, device=codes.device)
    everywhere[places] = codes
    return Parts(weights[order], everywhere.view(n, h, w, PARTS).cpu().numpy()[..., order])


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
