"""Whether the concepts of a class are found again, and how far their shares move (methods.md §6).

The dictionary is learned anew on halves of the images and with other seeds; each refit is matched
to it one to one, by the largest sum of cosines. Shapes: n images of s patches with p channels,
k concepts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from lens_site.errors import StageError
from lens_site.extraction import Extractor
from lens_site.importance.summary import global_shares
from lens_site.results.numbers import rounded
from lens_site.results.schema import Refits

SPLITS, SEEDS = 2, 1
"""Splits into two halves, and refits with other seeds: five in all."""

DRAWS = 10
"""Sets of k random patches behind the reference."""

Contributions = Callable[[Extractor, Float[Tensor, "n s k"]], Float[Tensor, "n k"]]
"""Φ: a fitted extractor and its codes of the images of the class to their importance."""


@dataclass(frozen=True)
class RefitFigures:
    """What refits say, concepts in the order of the extractor.

    ``found_again`` is the mean cosine of each with its matches over all refits, ``share_ranges``
    the smallest and the largest share of these matches and of the concept itself.
    """

    found_again: tuple[float, ...]
    share_ranges: tuple[tuple[float, float], ...] | None
    record: Refits


def refit(
    extractor: Extractor,
    activations: Float[Tensor, "n s p"],
    contributions: Contributions | None,
    shares: Float[np.ndarray, " k"],
    *,
    generator: torch.Generator,
) -> RefitFigures | None:
    """Learn the dictionary anew, on halves of the images and with other seeds; compare.

    ``shares`` are those of the extractor's own concepts. Every refit takes whole images, at most
    ``extractor.refit_rows`` patches, and gives the codes and shares of all images. Without
    ``contributions`` there are no ``share_ranges``. None where the method is too slow to refit,
    for a single image, and where a half is too small to fit.
    """
    n, s, _ = activations.shape
    if not extractor.refit_rows or n < 2:
        return None
    most = max(1, extractor.refit_rows // s)
    halves = [part for _ in range(SPLITS) for part in _halves(n, most, generator)]
    whole = [_draw(n, generator)[:most] for _ in range(SEEDS)]
    try:
        made = [_fit_again(extractor, activations, part, generator) for part in halves + whole]
    except StageError:
        return None
    matches = [match(extractor.dictionary, one.dictionary, _free(one)) for one in made]
    ranges = None
    if contributions is not None:
        partners = [partner for _, partner in matches]
        ranges = _share_ranges(shares, made, partners, activations, contributions)
    found = np.mean([cosines for cosines, _ in matches], axis=0)
    record = Refits(
        halves=len(halves),
        seeds=len(whole),
        images=max(map(len, halves + whole)),
        stability=rounded(_agreement(made[: len(halves)])),
        random_patches=rounded(_by_chance(extractor, activations, generator)),
    )
    return RefitFigures(tuple(map(rounded, found)), ranges, record)


def match(
    atoms: Float[Tensor, "k p"], others: Float[Tensor, "k p"], sign_free: bool
) -> tuple[Float[np.ndarray, " k"], Int[np.ndarray, " k"]]:
    """Return for each atom the cosine with its partner, and which of ``others`` that is.

    The one-to-one matching has the largest sum of cosines, of |cosines| where signs are free; a
    dead (zero) atom has cosine 0 with every other. Source: Kuhn 1955 (the Hungarian method).
    """
    unit = torch.nn.functional.normalize
    cosines = (unit(atoms.double()) @ unit(others.double()).T).cpu().numpy()
    cosines = np.abs(cosines) if sign_free else cosines
    own, partner = linear_sum_assignment(cosines, maximize=True)
    return cosines[own, partner], partner


def _free(extractor: Extractor) -> bool:
    return type(extractor).sign_free


def _halves(n: int, most: int, generator: torch.Generator) -> list[Int[Tensor, " images"]]:
    """Two sets of at most ``most`` images that have none in common."""
    order = _draw(n, generator)
    middle = n // 2
    return [order[:middle][:most], order[middle:][:most]]


def _draw(n: int, generator: torch.Generator) -> Int[Tensor, " n"]:
    return torch.randperm(n, generator=generator, device=generator.device)


def _fit_again(
    extractor: Extractor,
    activations: Float[Tensor, "n s p"],
    images: Int[Tensor, " images"],
    generator: torch.Generator,
) -> Extractor:
    """Fit an extractor of the same kind on the patches of some images."""
    rows = activations[images.sort().values.to(activations.device)].flatten(0, 1)
    return type(extractor)(extractor.k).fit(rows, generator=generator)


def _share_ranges(
    own: Float[np.ndarray, " k"],
    made: Sequence[Extractor],
    partners: Sequence[Int[np.ndarray, " k"]],
    activations: Float[Tensor, "n s p"],
    contributions: Contributions,
) -> tuple[tuple[float, float], ...]:
    """Smallest and largest share that a concept and its partners have in all images."""
    n = len(activations)
    shares = [own]
    for one, partner in zip(made, partners, strict=True):
        codes = rearrange(one.encode(activations.flatten(0, 1)), "(n s) k -> n s k", n=n)
        phi = contributions(one, codes).cpu().numpy()
        shares.append(global_shares(phi)[partner])
    low, high = np.min(shares, axis=0), np.max(shares, axis=0)
    return tuple((rounded(a), rounded(b)) for a, b in zip(low, high, strict=True))


def _agreement(halves: Sequence[Extractor]) -> float:
    """Mean matched cosine between the two halves of each split."""
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return float(np.mean([match(a.dictionary, b.dictionary, _free(a))[0].mean() for a, b in pairs]))


def _by_chance(
    extractor: Extractor, activations: Float[Tensor, "n s p"], generator: torch.Generator
) -> float:
    """Mean matched cosine of the dictionary with k random patches.

    Patches are taken from where all codes are 0, which is their mean for a method that centers.
    """
    rows = activations.flatten(0, 1)
    origin = extractor.decode(rows.new_zeros(1, extractor.k))
    drawn = [_draw(len(rows), generator)[: extractor.k].to(rows.device) for _ in range(DRAWS)]
    levels = [
        match(extractor.dictionary, rows[places] - origin, _free(extractor))[0].mean()
        for places in drawn
    ]
    return float(np.mean(levels))
