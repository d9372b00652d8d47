"""Dictionaries learned again by scikit-learn, and how far the stored one is found in them."""

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from oracles.page.agreement import Between
from oracles.page.subject import ROOM, Subject, unit
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

MOST = 4_096
"""Patches behind a refit."""

UNDER, OVER = 0.35, 0.1
"""Room of a cosine below the least and above the largest of ours. From the same images another
algorithm may end in another of many minima: we look from two starts, one the stored dictionary."""


@dataclass(frozen=True)
class Again:
    """Figures of refits: another algorithm, so all of them loosely."""

    cosines: list[Between]
    ranges: list[list[Between]]
    record: dict[str, Any]


@lru_cache(maxsize=1)
def again(it: Subject) -> Again:
    """Learn halves of the images and all of them anew, and match the atoms.

    Halves are those that a build draws, by torch's generator at the next seed. The range of a share
    is that of its matches and the concept's own, so it holds the own one at least.
    """
    seeded = torch.Generator().manual_seed(it.seed + 1)
    n, h, w, k = it.codes.shape
    most = max(1, MOST // (h * w))

    def order() -> np.ndarray:
        return torch.randperm(n, generator=seeded).numpy()

    parts = [part[:most] for _ in range(2) for part in _halves(order())]
    parts.append(order()[:most])
    starts = [[_learn(it, part, start) for part in parts] for start in (None, it.atoms)]
    matches = [[match(it.atoms, one) for one in made] for made in starts]
    cosines = [np.mean([found for found, _ in row], axis=0) for row in matches]
    shares = np.array(
        [_shares(it, one)[at] for one, (_, at) in zip(starts[0], matches[0], strict=True)]
    )
    stability = [np.mean([match(*made[i : i + 2])[0].mean() for i in (0, 2)]) for made in starts]
    random = np.random.default_rng(94)
    chance = [
        match(it.atoms, it.rows[random.permutation(len(it.rows))[:k]])[0].mean() for _ in range(40)
    ]
    return Again(
        cosines=[
            Between(min(v) - UNDER, min(1.0, max(v) + OVER)) for v in zip(*cosines, strict=True)
        ],
        ranges=[_range(*pair) for pair in zip(_own(it), shares.T, strict=True)],
        record={
            "halves": 4,
            "seeds": 1,
            "images": min(n, most),
            "stability": Between(min(stability) - OVER, max(stability) + OVER),
            "random_patches": _around(float(np.mean(chance)), 5 * np.std(chance) / np.sqrt(10)),
        },
    )


def _halves(order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return order[: len(order) // 2], order[len(order) // 2 :]


def match(atoms: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cosine of each atom with its partner in the best one-to-one matching, and which it is."""
    cosines = unit(atoms) @ unit(others).T
    own, partner = linear_sum_assignment(-cosines)
    return cosines[own, partner], partner


def _learn(it: Subject, images: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """Learn a dictionary from some images, from scikit-learn's own start or from this one."""
    rows = it.maps[np.sort(images)].reshape(-1, it.maps.shape[-1])
    fit = NMF(
        it.codes.shape[-1], init="custom" if start is not None else "nndsvda", max_iter=60, tol=1e-3
    )
    given = {}
    if start is not None:
        codes = it.codes[np.sort(images)].reshape(len(rows), -1)
        given = {"W": codes.astype(rows.dtype), "H": start.astype(rows.dtype)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit.fit_transform(rows, **given)
    return unit(fit.components_.astype(np.float64))


def _shares(it: Subject, atoms: np.ndarray) -> np.ndarray:
    """Global shares in all images."""
    phi = it.encode(atoms).mean(axis=(1, 2)) * (it.toward @ atoms.T)
    return phi.sum(axis=0) / np.abs(phi).sum()


def _own(it: Subject) -> np.ndarray:
    return it.phi.sum(axis=0) / np.abs(it.phi).sum()


def _range(own: float, others: np.ndarray, room: float = 0.15) -> list[Between]:
    low, high = min(own, others.min()), max(own, others.max())
    return [Between(low - room, own + ROOM), Between(own - ROOM, high + room)]


def _around(value: float, room: float) -> Between:
    return Between(value - room, value + room)
