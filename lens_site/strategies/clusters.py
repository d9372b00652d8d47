"""Images classified for the same reason: groups of their importance profiles, described.

Notation: importance Φ (n, k); profiles P (n, k), its rows scaled to unit ℓ1 norm, sign kept.
Leading groups are images by their dominant concept; strategies are groups that the data support.
Source: methods of this project, §4. The ways to look for strategies are in ``methods``.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from lens_site.errors import StageError
from lens_site.strategies.grouping import Found
from lens_site.strategies.grouping import method as grouping_method

DIGITS = 9
"""Decimals of a profile that count: images equal to that many are the same."""

SHOWN = 8
"""Prototypes and outliers of a strategy."""


@dataclass(frozen=True)
class Strategy:
    """A group of images and what they share; ``members`` are image positions.

    ``profile`` is the mean profile, ``apart`` that minus the mean profile of the images that are
    no members (0 without any), ``dominant`` the concept (from 0) with its largest share; ``right``
    of its ``labeled`` members are labeled as the class, ``mistakes`` are the other labels with
    their counts, most frequent first.
    """

    members: tuple[int, ...]
    profile: tuple[float, ...]
    apart: tuple[float, ...]
    dominant: int
    center: tuple[float, float]
    prototypes: tuple[int, ...]
    outliers: tuple[int, ...]
    labeled: int
    right: int
    mistakes: tuple[tuple[int, int], ...]


def profiles(phi: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n k"]:
    """Φ with rows of unit ℓ1 norm, sign kept; a row of zeros stays zero.

    Raises
    ------
    StageError
        When there is no image, no concept, or a value that is not finite.
    """
    if phi.size == 0:
        raise StageError(
            f"strategies: importance has shape {phi.shape}, wanted an image and a concept at "
            "least; leave out classes without images"
        )
    bad = np.flatnonzero(~np.isfinite(phi).all(axis=1))
    if len(bad):
        raise StageError(
            f"strategies: importance of image {bad[0]} is not finite ({len(bad)} of {len(phi)} "
            "images), wanted numbers; look for NaN in the activations and logits"
        )
    phi = phi.astype(np.float64)
    largest = np.abs(phi).max(axis=1, keepdims=True)  # first, so that no sum overflows
    phi = np.divide(phi, largest, out=np.zeros_like(phi), where=largest > 0)
    total = np.abs(phi).sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(phi, total, out=np.zeros_like(phi), where=total > 0)
    return shares


def leading(points: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " n"]:
    """Leading group of every image, from 1: images by their dominant concept, largest first.

    Ties of a profile go to its first concept, ties of size to the group of the first concept.
    """
    dominant = points.argmax(axis=1)
    number = np.empty(points.shape[1], dtype=np.int64)
    size = np.bincount(dominant, minlength=points.shape[1])
    number[np.argsort(-size, kind="stable")] = np.arange(1, points.shape[1] + 1)
    numbers: np.ndarray = number[dominant]
    return numbers


def find(phi: Float[np.ndarray, "n k"], *, method: str, seed: int) -> Found:
    """Strategies of the images, the largest first; ties by the profiles.

    Methods see the profiles sorted: the order of the images changes nothing, and images with
    the same profile share a strategy.

    Raises
    ------
    StageError
        When Φ is empty or not finite.
    ConfigError
        When the method is unknown.
    """
    distinct, place, count = np.unique(
        profiles(phi).round(DIGITS) + 0.0,  # + 0.0: there is no −0.0
        axis=0,
        return_inverse=True,
        return_counts=True,
    )
    grouping = grouping_method(method)()
    found = grouping.group(np.repeat(distinct, count, axis=0), seed=seed)
    membership = found.membership[np.cumsum(count) - count]
    if membership.shape[1]:
        membership = membership[:, _by_size(assigned(membership), count)]
    return replace(found, membership=membership[place.reshape(-1)])


def assigned(membership: Float[np.ndarray, "n g"]) -> Int[np.ndarray, " n"]:
    """Group of every image, from 0: the one it belongs to most."""
    group: np.ndarray = membership.argmax(axis=1)
    return group


def _by_size(
    groups: Int[np.ndarray, " distinct"], count: Int[np.ndarray, " distinct"]
) -> Int[np.ndarray, " g"]:
    """Return the groups that occur, the largest first; a profile occurs ``count`` times."""
    held, first, group = np.unique(groups, return_index=True, return_inverse=True)
    ordered: np.ndarray = held[np.lexsort((first, -np.bincount(group, weights=count)))]
    return ordered


def describe(
    points: Float[np.ndarray, "n k"],
    assignment: Int[np.ndarray, " n"],
    layout: Float[np.ndarray, "n 2"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
) -> tuple[Strategy, ...]:
    """Describe every group, numbered from 1; a label of −1 means unlabeled."""
    return tuple(
        _describe(np.flatnonzero(assignment == number), points, layout, labels, class_index)
        for number in range(1, int(assignment.max()) + 1)
    )


def _describe(
    members: Int[np.ndarray, " m"],
    points: Float[np.ndarray, "n k"],
    layout: Float[np.ndarray, "n 2"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
) -> Strategy:
    mean = points[members].mean(axis=0)
    far = np.linalg.norm(points[members] - mean, axis=1).round(12)
    nearest = members[np.argsort(far, kind="stable")]
    known = labels[members][labels[members] >= 0]
    wrong = Counter(known[known != class_index].tolist())
    rest = np.delete(points, members, axis=0)
    center = np.median(layout[members], axis=0)
    return Strategy(
        members=tuple(members.tolist()),
        profile=tuple(mean.tolist()),
        apart=tuple((mean - rest.mean(axis=0) if len(rest) else np.zeros_like(mean)).tolist()),
        dominant=int(mean.argmax()),
        center=(float(center[0]), float(center[1])),
        prototypes=tuple(nearest[:SHOWN].tolist()),
        outliers=tuple(nearest[::-1][:SHOWN].tolist()),
        labeled=len(known),
        right=int((known == class_index).sum()),
        mistakes=tuple(sorted(wrong.items(), key=lambda item: (-item[1], item[0]))),
    )
