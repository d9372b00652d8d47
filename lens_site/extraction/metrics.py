"""How good a dictionary is: reconstruction, sparsity, instability, distance to the data.

A (rows, p) are activations, Â (rows, p) their reconstructions, U (rows, k) codes, V (k, p) a
dictionary. Lower is better unless said. Source of the selection: Fel et al. 2023 (arXiv
2306.07304), Table 1; where it leaves a definition open, each function says what we chose.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, pairwise

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction.extractor import Extractor, squared_norm

FOLDS = 4
BLOCK = 2_048
"""Rows, or with ``COLUMNS`` columns, that a metric holds at a time."""

COLUMNS = 64
SILENT = 1e-6
"""Codes below this part of the largest count as zero."""


def relative_l2(activations: Float[Tensor, "rows p"], restored: Float[Tensor, "rows p"]) -> float:
    """Return ‖A − Â‖_F / ‖A‖_F, 0 when exact; for A = 0 that is 0 or infinite."""
    error = _squared_distance(activations, restored)
    energy = squared_norm(activations)
    if not energy:
        return math.inf if error else 0.0
    return math.sqrt(error / energy)


def r2(activations: Float[Tensor, "rows p"], restored: Float[Tensor, "rows p"]) -> float:
    """1 − ‖A − Â‖² / ‖A − Ā‖², at most 1, higher is better; Ā is the mean row.

    The mean is taken for each channel (scikit-learn's ``variance_weighted``); Overcomplete
    takes one over all entries. Activations that do not vary give 1 when exact, else 0.
    """
    error = _squared_distance(activations, restored)
    mean = activations.mean(dim=0, dtype=torch.float64)
    spread = squared_norm(activations) - len(activations) * float(mean.square().sum())
    if spread <= 1e-12 * squared_norm(activations):
        return float(error <= 1e-12 * squared_norm(activations))
    return 1 - error / spread


def sparsity(codes: Float[Tensor, "rows k"]) -> float:
    """1 − ‖U‖₀ / size(U), from 0 to 1, higher is better."""
    return 1 - float(_loud(codes).double().mean())


def dead_concepts(codes: Float[Tensor, "rows k"]) -> int:
    """Count the concepts whose codes are zero in every row."""
    return int((~_loud(codes).any(dim=0)).sum())


def dictionary_distance(
    one: Float[Tensor, "k p"], other: Float[Tensor, "k p"], *, sign_free: bool
) -> float:
    """1 − mean cosine of the best one-to-one matching of atoms, from 0 (same) to 2.

    With ``sign_free``, |cosine|. A dead (zero) atom has cosine 0 with every other.
    """
    unit = torch.nn.functional.normalize
    cosines = unit(one.double()) @ unit(other.double()).T
    cosines = cosines.abs() if sign_free else cosines
    rows, columns = linear_sum_assignment(cosines.cpu().numpy(), maximize=True)
    return 1 - float(cosines[torch.from_numpy(rows), torch.from_numpy(columns)].mean())


def instability(
    make: Callable[[], Extractor],
    activations: Float[Tensor, "rows p"],
    images: Int[Tensor, " rows"],
    *,
    generator: torch.Generator,
) -> float:
    """1 − mean cosine of matched atoms of dictionaries fitted on four disjoint folds of the images.

    What the paper calls stability (methods.md §2), named for its direction.

    ``images`` names the image of every row, so that no image is in two folds.

    Raises
    ------
    StageError
        For fewer than four images, and where a fold is too small to fit.
    """
    names = torch.unique(images)
    if len(names) < FOLDS:
        raise StageError(
            f"instability: {len(names)} images for {FOLDS} folds; "
            f"it needs at least {FOLDS}, and k rows in each fold"
        )
    order = torch.randperm(len(names), generator=generator, device=generator.device)
    fitted = []
    for fold in names[order.to(names.device)].tensor_split(FOLDS):
        rows = activations[torch.isin(images, fold)]
        fitted.append(make().fit(rows, generator=generator))
    distances = [
        dictionary_distance(a.dictionary, b.dictionary, sign_free=a.sign_free)
        for a, b in combinations(fitted, 2)
    ]
    return sum(distances) / len(distances)


def wasserstein_1(activations: Float[Tensor, "rows p"], restored: Float[Tensor, "rows p"]) -> float:
    """Mean over channels of the exact 1-D distance, in units of activation.

    For two samples of equal size that is the mean |difference| of their sorted values. One of
    two estimators of what the paper calls FID; the other is ``frechet_distance``.
    """
    total = 0.0
    ours, theirs = (torch.split(x, COLUMNS, dim=1) for x in (activations, restored))
    for a, b in zip(ours, theirs, strict=True):
        gap = _sorted(a) - _sorted(b)
        total += float(gap.abs().mean(dim=0).double().sum())
    return total / activations.shape[1]


def frechet_distance(
    activations: Float[Tensor, "rows p"],
    restored: Float[Tensor, "rows p"],
    *,
    span: Float[Tensor, "k p"] | None = None,
) -> float:
    """‖μ − μ̂‖² + tr(Σ + Σ̂ − 2 (Σ Σ̂)^½) of Gaussians fitted to both, in squared units.

    tr (Σ Σ̂)^½ is the sum of the roots of the eigenvalues of Σ̂^½ Σ Σ̂^½, which is symmetric: a
    general matrix root fails where Σ̂ has a low rank. Covariances are unbiased.

    Reconstructions differ by combinations of the atoms alone. With Q an orthonormal basis of
    ``span``, the dictionary, Σ̂ = Q (QᵀΣ̂Q) Qᵀ, so that QᵀΣQ and QᵀΣ̂Q have the same product of
    roots: exact, in k dimensions. Without ``span`` all p are taken, in a time of p³.

    Source: Dowson and Landau 1982; Heusel et al. 2017 (arXiv 1706.08500, Eq. 6) for its use.
    The small side is ours.
    """
    basis = None if span is None else torch.linalg.qr(span.T).Q
    mean, spread, covariance = _moments(activations, basis)
    other_mean, other_spread, other_covariance = _moments(restored, basis)
    values, vectors = torch.linalg.eigh(other_covariance)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    product = torch.linalg.eigvalsh(root @ covariance @ root)
    cross = float(product.clamp_min(0).sqrt().sum())
    shift = float((mean - other_mean).square().sum())
    return max(0.0, shift + spread + other_spread - 2 * cross)


def ood(activations: Float[Tensor, "known p"], restored: Float[Tensor, "rows p"]) -> float:
    """Deep-kNN score of Â: mean distance to the nearest row of A, all rows of unit norm.

    From 0 to 2. Zero rows stay zero. Time grows with the product of the numbers of rows.

    Source: Sun et al. 2022, "Out-of-distribution detection with deep nearest neighbors"
    (arXiv 2204.06507), with one neighbor.
    """
    total = 0.0
    known = torch.nn.functional.normalize(activations)
    for rows in torch.split(torch.nn.functional.normalize(restored), BLOCK):
        closest = _nearest(rows, known)
        # from the difference: 2 − 2 cos has no digits left for rows that nearly agree
        total += float((rows - known[closest]).norm(dim=1).double().sum())
    return total / len(restored)


def ood_real(activations: Float[Tensor, "known p"], some: Int[Tensor, " rows"]) -> float | None:
    """Return the mean distance of the rows ``some`` of A to the nearest other: what ``ood`` means.

    The same measure of rows that really occur, each left out of the rows it is compared with;
    a row that occurs twice has distance 0. Taken of the originals of Â it compares with
    ``ood(A, Â)``, which finds the original of each reconstruction among the known: one row more.
    None for a single row, which has no other. The reference is ours.
    """
    if len(activations) < 2:
        return None
    total = 0.0
    known = torch.nn.functional.normalize(activations)
    for own in torch.split(some, BLOCK):
        rows = known[own]
        closest = _nearest(rows, known, own)
        total += float((rows - known[closest]).norm(dim=1).double().sum())
    return total / len(some)


def logit_r2(y: Float[np.ndarray, " n"], y_hat: Float[np.ndarray, " n"]) -> float | None:
    """r² of y and ŷ over the images, from 0 to 1, higher is better; r is Pearson's.

    It tells whether the concepts know which images the class is surer of, whatever the level
    of the logit. Our choice: 0 where r < 0, None where y or ŷ does not vary, and for one or two
    images, which any line joins.
    """
    if len(y) < 3 or min(np.ptp(y), np.ptp(y_hat)) <= 1e-6 * float(np.abs(y).max()):
        return None
    r = np.corrcoef(y.astype(np.float64), y_hat.astype(np.float64))[0, 1]
    return float(max(0.0, r) ** 2)


def smallest_k(reached: Mapping[int, float], *, gain: float) -> int:
    """Smallest k after which the next larger k reaches less than ``gain`` more; else the largest.

    ``reached`` maps each k tried to its ``logit_r2``.
    """
    tried = sorted(reached)
    if not tried:
        raise StageError("k auto: no k was tried; give at least one")
    for k, following in pairwise(tried):
        if reached[following] - reached[k] < gain:
            return k
    return tried[-1]


def _nearest(rows: Tensor, known: Tensor, own: Tensor | None = None) -> Tensor:
    """Index of the nearest of ``known`` for each of ``rows``, other than its ``own``."""
    best = rows.new_full((len(rows),), math.inf)
    place = torch.zeros(len(rows), dtype=torch.int64, device=rows.device)
    start = 0
    for block in torch.split(known, BLOCK):
        distances = block.square().sum(dim=1) - 2 * (rows @ block.T)
        if own is not None:
            here = ((own >= start) & (own < start + len(block))).nonzero()[:, 0]
            distances[here, own[here] - start] = math.inf
        distance, index = distances.min(dim=1)
        closer = distance < best
        best = torch.where(closer, distance, best)
        place = torch.where(closer, index + start, place)
        start += len(block)
    return place


def _loud(codes: Tensor) -> Tensor:
    size = codes.abs()
    return size > SILENT * size.max() if codes.numel() else size > 0


def _blocks(one: Tensor, other: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(torch.split(one, BLOCK), torch.split(other, BLOCK), strict=True)


def _squared_distance(one: Tensor, other: Tensor) -> float:
    return sum(squared_norm(a - b) for a, b in _blocks(one, other))


def _sorted(columns: Tensor) -> Tensor:
    """Each column in rising order; NumPy takes a sixth of torch's time for it on a CPU."""
    if columns.device.type == "cpu":
        return torch.from_numpy(np.sort(columns.detach().numpy(), axis=0))
    return columns.sort(dim=0).values


def _moments(rows: Tensor, basis: Tensor | None) -> tuple[Tensor, float, Tensor]:
    """Mean (p), trace of Σ, and QᵀΣQ, or Σ without a basis; in double, from centered blocks."""
    mean = rows.mean(dim=0, dtype=torch.float64)
    side = rows.shape[1] if basis is None else basis.shape[1]
    scatter = torch.zeros(side, side, dtype=torch.float64, device=rows.device)
    spread = 0.0
    for block in torch.split(rows, BLOCK):
        centered = block - mean.to(rows.dtype)
        spread += squared_norm(centered)
        inside = (centered if basis is None else centered @ basis).double()
        scatter += inside.T @ inside
    freedom = max(1, len(rows) - 1)
    return mean, spread / freedom, scatter / freedom
