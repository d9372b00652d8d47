"""The map: every concept in two dimensions, near each other when their directions are.

Source: t-SNE (van der Maaten and Hinton 2008) by openTSNE (Poličar et al. 2019) over exact nearest
neighbors by cosine, begun from the two principal axes, with one thread and a fixed seed, so that
the same concepts give the same map.
"""

import numpy as np
from jaxtyping import Float, Int

from lens_site.model.concepts import Concepts
from lens_site.model.similar import BLOCK

SMALLEST = 30
"""Fewer concepts are laid out by their two principal axes: t-SNE has nothing to add."""

PERPLEXITY = 30
EARLY, LATE = 150, 350
"""Iterations with exaggeration 12, then without."""

MANY = 2_000
"""From here on forces are interpolated on a grid (FIt-SNE), which takes a tenth of the time."""


def layout(concepts: Concepts, *, seed: int) -> Float[np.ndarray, "N 2"]:
    """Place all concepts in [−1, 1]²."""
    # a third of a second of imports that a build with nothing new to compute does without
    from openTSNE import TSNEEmbedding, affinity, initialization, nearest_neighbors

    rows, n = concepts.rows, len(concepts.rows)
    if n < 2:
        return np.zeros((n, 2))
    if n < SMALLEST:
        return _fit(_principal_axes(rows))
    perplexity = min(PERPLEXITY, (n - 1) / 3)
    neighbors, distances = _neighbors(
        rows, min(n - 1, round(3 * perplexity)), absolute=concepts.signed
    )
    index = nearest_neighbors.PrecomputedNeighbors(neighbors, distances)
    near = affinity.PerplexityBasedNN(
        perplexity=perplexity, knn_index=index, n_jobs=1, random_state=seed
    )
    axes = _principal_axes(rows)
    grain = np.random.default_rng(seed).normal(scale=1e-6, size=axes.shape)
    start = initialization.rescale(axes + grain)  # t-SNE cannot part what begins at one place
    forces = "fft" if n >= MANY else "bh"
    embedding = TSNEEmbedding(
        start, near, negative_gradient_method=forces, n_jobs=1, random_state=seed
    )
    embedding = embedding.optimize(EARLY, exaggeration=12, momentum=0.5, learning_rate="auto")
    embedding = embedding.optimize(LATE, momentum=0.8, learning_rate="auto")
    return _fit(np.asarray(embedding))


def _neighbors(
    rows: Float[np.ndarray, "N p"], k: int, *, absolute: bool
) -> tuple[Int[np.ndarray, "N k"], Float[np.ndarray, "N k"]]:
    """Return the k nearest rows of each and their chord lengths √(2 − 2 cos), nearest first."""
    found, lengths = [], []
    for begin in range(0, len(rows), BLOCK):
        c = rows[begin : begin + BLOCK] @ rows.T
        if absolute:
            np.abs(c, out=c)
        c[np.arange(len(c)), begin + np.arange(len(c))] = -2  # not its own neighbor
        part = np.sort(np.argpartition(-c, k - 1, axis=1)[:, :k], axis=1)
        cosines = np.take_along_axis(c, part, axis=1)
        order = np.argsort(-cosines, axis=1, kind="stable")
        found.append(np.take_along_axis(part, order, axis=1))
        chord = np.maximum(2 - 2 * np.take_along_axis(cosines, order, axis=1), 1e-12)
        lengths.append(np.sqrt(chord.astype(np.float64)))
    return np.concatenate(found), np.concatenate(lengths)


def _principal_axes(points: Float[np.ndarray, "N p"]) -> Float[np.ndarray, "N 2"]:
    """Return the two principal components, their signs by a sum of loadings far from 0."""
    centered = points - points.mean(axis=0)
    narrow = len(points) < points.shape[1]
    gram = centered @ centered.T if narrow else centered.T @ centered
    values, vectors = np.linalg.eigh(gram.astype(np.float64))
    if narrow:
        vectors = centered.T @ vectors
    axes = np.zeros((len(points), 2))
    weights = 1 / np.sqrt(np.arange(points.shape[1]) + np.sqrt(2))
    for i in range(min(2, int((values > 1e-5).sum()))):
        loadings = vectors[:, -1 - i] / np.linalg.norm(vectors[:, -1 - i])
        axes[:, i] = centered @ loadings * (-1 if loadings @ weights < 0 else 1)
    return axes


def _fit(points: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "N 2"]:
    """Center the layout and scale it, both axes alike, to [−1, 1]."""
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    reach = float(np.abs(points - middle).max())
    return (points - middle) / reach if reach > 1e-12 else np.zeros_like(points)
