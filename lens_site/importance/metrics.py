"""How faithful an importance is: C-Deletion, C-Insertion, C-µFidelity.

Notation: codes u (n, s, k), importance Φ (n, k), class logit y, baseline u = 0. A concept is
changed at every position.

A *curve* follows y while an order of the concepts is worked through, from the most to the least
important (ties: the lowest index first), over the share of concepts changed 0, 1/k, …, 1. The
curve of a class is the mean logit over its images, divided by the size of the mean logit of the
full code::

    curve_j = mean_x y(x, j concepts changed) / |mean_x y(x)|

For one image this is the definition. Dividing sums, not images, keeps one image whose logit is
near 0 from outweighing the rest; dividing by the size keeps "lower is better" true of deletion
for a negative logit, whose curve starts at −1. When the mean logit is 0 to rounding the curve is
undefined: no values, and a note that says so.

Source: Fel et al. 2023 (arXiv 2306.07304), Sec. 3.2 and 4.3, after Petsiuk et al. 2018
(arXiv 1806.07421) and Bhatt et al. 2020 (arXiv 2005.00631).
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from lens_site.errors import StageError
from lens_site.importance.attributor import AnyScore, Codes, Phi
from lens_site.importance.masks import ENUMERABLE, coalitions, each_masked_logits, masked_logits

SUBSETS = 5_000
"""Most subsets of C-µFidelity that are all looked at; of more, ``DRAWS`` random ones are."""

DRAWS = 2_000
BATCH = 64

Order = Int[Tensor, "n k"]
"""Concepts of every image, the first to be changed first."""


@dataclass(frozen=True)
class Curve:
    """k + 1 values, the area under them by the trapezoid rule, and why there are none."""

    values: tuple[float, ...] | None
    auc: float | None
    note: str = ""


@dataclass(frozen=True)
class Fidelity:
    """C-µFidelity, the mean over the images where it is defined; None where there is none."""

    value: float | None
    images: int
    note: str = ""


def deletion(score: AnyScore, codes: Codes, phi: Phi, *, batch: int = BATCH) -> Curve:
    """C-Deletion, lower is better: zero the codes from the most to the least important."""
    return _curve(deletion_logits(score, codes, ranking(phi), batch=batch), full=0)


def insertion(score: AnyScore, codes: Codes, phi: Phi, *, batch: int = BATCH) -> Curve:
    """C-Insertion, higher is better: from u = 0, restore the most important first."""
    return _curve(insertion_logits(score, codes, ranking(phi), batch=batch), full=-1)


def random_order(
    score: AnyScore,
    codes: Codes,
    *,
    generator: Generator,
    orders: int = 16,
    batch: int = BATCH,
) -> tuple[Curve, Curve]:
    """Return deletion and insertion by random orders, ``orders`` of them for every image."""
    removed: list[Tensor] = []
    restored: list[Tensor] = []
    for _ in range(orders):
        chance = torch.rand(codes.shape[::2], generator=generator, device=generator.device)
        order = ranking(chance.to(codes.device))
        removed.append(deletion_logits(score, codes, order, batch=batch))
        restored.append(insertion_logits(score, codes, order, batch=batch))
    return _curve(torch.cat(removed), full=0), _curve(torch.cat(restored), full=-1)


def optimum(score: AnyScore, codes: Codes, *, batch: int = BATCH) -> tuple[Curve, Curve]:
    """Return deletion and insertion by the best order of every image, for k of at most 12.

    All 2^k coalitions are evaluated; the best of the k! orders is then the best path from the
    full code to 0 through the lattice of subsets, found exactly, one subset at a time (Held &
    Karp 1962).

    Raises
    ------
    StageError
        For more than 12 concepts.
    """
    k = codes.shape[2]
    if k > ENUMERABLE:
        raise StageError(
            f"optimum: {k} concepts have too many subsets to try; it needs {ENUMERABLE} or fewer: "
            "compare with random_order alone, or lower k"
        )
    logits = masked_logits(score, codes, coalitions(k, like=codes), batch=batch)
    removed = _lowest_path(logits, k)
    restored = -_lowest_path(-logits, k).flip(1)
    return _curve(removed, full=0), _curve(restored, full=-1)


def mu_fidelity(
    score: AnyScore,
    codes: Codes,
    phi: Phi,
    *,
    generator: Generator,
    batch: int = BATCH,
) -> Fidelity:
    """C-µFidelity, in [−1, 1], higher is better.

    Pearson correlation, over subsets S of round(0.2 k) concepts, at least 1, of Σ_{i∈S} φ_i and
    y(u) − y(u with S zeroed): all subsets when there are at most 5,000, else 2,000 random ones.
    Per image, then the mean. An image is left out when one of the two does not vary.
    """
    chosen = _subsets(phi.shape[1], generator=generator).to(codes)
    masks = torch.cat([torch.ones_like(chosen[:1]), 1 - chosen])
    logits = masked_logits(score, codes, masks, batch=batch)
    drops = logits[:, :1] - logits[:, 1:]
    correlations, defined = _pearson(phi @ chosen.T, drops, logits.abs().amax(1, keepdim=True))
    images = int(defined.sum())
    if images == 0:
        return Fidelity(
            None, 0, "Undefined: the importance or the logit is the same for every subset."
        )
    left_out = len(phi) - images
    note = f"{left_out} of {len(phi)} images left out: nothing varies there." if left_out else ""
    return Fidelity(float(correlations[defined].mean()), images, note)


def ranking(phi: Phi) -> Order:
    """Concepts of each image from the most to the least important, signs kept."""
    return phi.argsort(dim=1, descending=True, stable=True)


def deletion_logits(
    score: AnyScore, codes: Codes, order: Order, *, batch: int = BATCH
) -> Float[Tensor, "n steps"]:
    """Return y after 0, 1 … k concepts were zeroed in the given order: k + 1 logits an image."""
    return _prefix_logits(score, codes, order, batch, restore=False)


def insertion_logits(
    score: AnyScore, codes: Codes, order: Order, *, batch: int = BATCH
) -> Float[Tensor, "n steps"]:
    """Return y after 0, 1 … k concepts were restored in the given order: k + 1 logits an image."""
    return _prefix_logits(score, codes, order, batch, restore=True)


def area(values: Float[Tensor, "*images steps"]) -> Float[Tensor, "*images"]:
    """Area under k + 1 equally spaced values over [0, 1], by the trapezoid rule."""
    return torch.trapezoid(values, dx=1 / (values.shape[-1] - 1), dim=-1)


def _prefix_logits(
    score: AnyScore, codes: Codes, order: Order, batch: int, *, restore: bool
) -> Float[Tensor, "n steps"]:
    steps = torch.arange(order.shape[1] + 1, device=order.device)
    place = order.argsort(dim=1)  # of each concept in the order, from 0
    changed = place[:, None] < steps[:, None]  # (n, k + 1, k)
    return each_masked_logits(score, codes, (changed == restore).to(codes), batch=batch)


def _curve(logits: Float[Tensor, "n steps"], *, full: int) -> Curve:
    """Return the curve of a class; column ``full`` holds the logits of the full code."""
    mean = logits.mean(dim=0)
    scale = mean[full].abs()
    if scale <= 8 * torch.finfo(mean.dtype).eps * logits.abs().max():
        return Curve(None, None, "Undefined: the mean logit of the class is 0.")
    values = mean / scale
    note = "" if mean[full] > 0 else "The mean logit is negative; values are shares of its size."
    return Curve(tuple(values.tolist()), float(area(values)), note)


def _lowest_path(logits: Float[Tensor, "n subsets"], k: int) -> Float[Tensor, "n steps"]:
    """Logits on the way from the full code to 0 whose sum is smallest, one concept a step."""
    n, device = len(logits), logits.device
    held = coalitions(k, like=logits).bool()
    sums, before = logits.clone(), torch.zeros(logits.shape, dtype=torch.long, device=device)
    for size in range(1, k + 1):
        subsets = (held.sum(dim=1) == size).nonzero()[:, 0]
        members = held[subsets].nonzero()[:, 1].view(-1, size)
        smaller = subsets[:, None] - 2**members  # each subset without one of its members
        least, which = sums[:, smaller].min(dim=2)
        sums[:, subsets] += least
        before[:, subsets] = smaller.expand(n, -1, -1).gather(2, which[..., None])[..., 0]
    at = torch.full((n, 1), 2**k - 1, device=device)
    path = [at]
    for _ in range(k):
        at = before.gather(1, at)
        path.append(at)
    return logits.gather(1, torch.cat(path, dim=1))


def _subsets(k: int, *, generator: Generator) -> Float[Tensor, "subsets k"]:
    """Return indicators of the subsets of C-µFidelity."""
    size = max(1, round(0.2 * k))
    if comb(k, size) <= SUBSETS:
        members = torch.tensor(list(combinations(range(k), size)))
        return torch.zeros(len(members), k).scatter(1, members, 1.0)
    chance = torch.rand(DRAWS, k, generator=generator, device=generator.device)
    return (chance.argsort(dim=1) < size).float()


def _pearson(
    claims: Float[Tensor, "n q"], drops: Float[Tensor, "n q"], logits: Float[Tensor, "n 1"]
) -> tuple[Float[Tensor, " n"], Bool[Tensor, " n"]]:
    """Correlation of each row, and where it is defined: both vary by more than rounding."""
    eps = 8 * torch.finfo(drops.dtype).eps
    x = claims - claims.mean(dim=1, keepdim=True)
    y = drops - drops.mean(dim=1, keepdim=True)
    varies = x.abs().amax(dim=1) > eps * claims.abs().amax(dim=1)
    varies &= y.abs().amax(dim=1) > eps * logits[:, 0]
    lengths = torch.linalg.vector_norm(x, dim=1) * torch.linalg.vector_norm(y, dim=1)
    return (x * y).sum(dim=1) / lengths.where(varies, 1), varies
