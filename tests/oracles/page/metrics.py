"""How far to trust the explanation: errors of the reconstruction, distances to real patches."""

from typing import Any

import numpy as np
from oracles.page.agreement import Between, Near
from oracles.page.subject import Subject, unit
from scipy.stats import wasserstein_distance

LOOSE = 0.1
"""Part that a figure of one sample of patches may differ from that of another."""


def metrics(it: Subject) -> dict[str, Any]:
    """Figures on all patches to rounding, those on a sample of them from another sample."""
    rows = it.rows
    codes = it.codes.reshape(len(rows), -1)
    restored = codes @ it.atoms
    lost = ((rows - restored) ** 2).sum()
    y, kept = it.explained(it.logits), it.explained(it.kept_logits)
    sample = min(2048, len(rows))
    return {
        "explained_logit": Near(1 - np.abs(y - kept).sum() / np.abs(y).sum(), 1e-5),
        "logit_r2": Near(max(0.0, np.corrcoef(y, kept)[0, 1]) ** 2, 1e-4),
        "relative_l2": Near(np.sqrt(lost / (rows**2).sum()), 1e-5),
        "r2": Near(1 - lost / ((rows - rows.mean(axis=0)) ** 2).sum(), 1e-5),
        "sparsity": Near((codes <= 1e-6 * codes.max()).mean(), 1e-4),
        "dead_concepts": int((codes.max(axis=0) <= 1e-6 * codes.max()).sum()),
        **_distances(it, sample),
        "sample": sample,
    }


def _distances(it: Subject, sample: int) -> dict[str, Any]:
    """Distances between patches and reconstructions, of a sample of them drawn here."""
    random, atoms = np.random.default_rng(95), it.atoms
    chosen = random.permutation(len(it.rows))[:sample]
    a, b = it.rows[chosen], it.codes.reshape(-1, len(atoms))[chosen] @ atoms
    columns = range(a.shape[1])
    earth = float(np.mean([wasserstein_distance(a[:, j], b[:, j]) for j in columns]))
    few = random.permutation(sample)[:512]
    near = _apart(b[few], a).min(axis=1)
    others = np.partition(_apart(a[few], a), 1, axis=1)[:, 1]  # the first is the patch itself
    return {
        "wasserstein_1": _loosely(earth),
        "frechet_distance": _loosely(_frechet(a, b, atoms), 1e-6 * a.var(axis=0).sum()),
        "ood": _loosely(float(np.mean(near))),
        "ood_real": _loosely(float(np.mean(others))),
    }


def _apart(some: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Distances of rows of unit length, by the law of cosines."""
    return np.sqrt(np.maximum(0, 2 - 2 * unit(some) @ unit(known).T))


def _frechet(a: np.ndarray, b: np.ndarray, atoms: np.ndarray) -> float:
    """‖μ − μ̂‖² + tr Σ + tr Σ̂ − 2 tr (Σ Σ̂)^½; the root lives in the span of the atoms."""
    basis = np.linalg.qr(atoms.T)[0]
    one, other = (np.atleast_2d(np.cov(x @ basis, rowvar=False)) for x in (a, b))
    cross = np.sqrt(np.maximum(0, np.linalg.eigvals(one @ other).real)).sum()
    shift = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(shift + a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum() - 2 * cross)


def _loosely(value: float, noise: float = 0.0) -> Between:
    """Around a figure; ``noise`` is what rounding to float32 leaves of a difference of nothing."""
    return Between(value * (1 - LOOSE) - noise, value * (1 + LOOSE) + noise)
