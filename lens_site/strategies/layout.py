"""Images in two dimensions, near each other when they are classified for the same reason."""

import numpy as np
from jaxtyping import Float

SMALLEST = 8
"""Fewer images are laid out by their two principal axes: t-SNE has nothing to add."""

EARLY, LATE = 100, 250
"""Iterations with exaggeration 12, then without."""


def embed(points: Float[np.ndarray, "n k"], *, seed: int) -> Float[np.ndarray, "n 2"]:
    """t-SNE of the importance profiles, in [−1, 1]; the same bytes for the same seed.

    Source: van der Maaten and Hinton 2008; openTSNE (Poličar et al. 2019) with exact
    neighbors, PCA initialization and one thread, so that nothing depends on scheduling. Each
    axis points where the principal axis does that it began from.
    """
    # a third of a second of imports that a build with nothing new to compute does without
    from openTSNE import TSNEEmbedding, affinity, initialization

    n = len(points)
    if n < SMALLEST:
        return _fit(_principal_axes(points))
    spread = _apart(points, np.random.default_rng(seed))
    perplexity = min(30.0, (n - 1) / 3)
    neighbors = affinity.PerplexityBasedNN(
        spread, perplexity=perplexity, method="exact", n_jobs=1, random_state=seed
    )
    axes = _principal_axes(spread)
    start = initialization.rescale(axes)
    initialization.jitter(start, inplace=True, random_state=seed)
    embedding = TSNEEmbedding(
        start, neighbors, negative_gradient_method="bh", n_jobs=1, random_state=seed
    )
    embedding = embedding.optimize(EARLY, exaggeration=12, momentum=0.5, learning_rate="auto")
    embedding = embedding.optimize(LATE, momentum=0.8, learning_rate="auto")
    layout = np.asarray(embedding)
    return _fit(layout * np.where((layout * axes).sum(axis=0) < 0, -1.0, 1.0))


def _apart(points: Float[np.ndarray, "n k"], generator: np.random.Generator) -> np.ndarray:
    """Move equal profiles a hair apart, for t-SNE cannot place images at distance zero."""
    axes = max(2, points.shape[1])  # one concept alone still needs a plane
    moved = generator.normal(scale=1e-6, size=(len(points), axes))
    moved[:, : points.shape[1]] += points
    return moved


def _principal_axes(points: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n 2"]:
    """Return the two principal components, with a sign that a trace of noise does not turn.

    The largest loading of an axis may have an equal of the other sign, and a trace of noise
    decides between them. A sum of loadings with weights that match no symmetry is far from 0.
    """
    centered = points - points.mean(axis=0)
    _, lengths, loadings = np.linalg.svd(centered, full_matrices=False)
    count = min(2, int((lengths > 1e-12).sum()))
    weights = 1 / np.sqrt(np.arange(points.shape[1]) + np.sqrt(2))
    turned = loadings[:count] * np.where(loadings[:count] @ weights < 0, -1.0, 1.0)[:, None]
    axes = np.zeros((len(points), 2))
    axes[:, :count] = centered @ turned.T
    return axes


def _fit(layout: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n 2"]:
    """Center the layout and scale it, both axes alike, to [−1, 1]."""
    middle = (layout.max(axis=0) + layout.min(axis=0)) / 2
    reach = float(np.abs(layout - middle).max())
    return (layout - middle) / reach if reach > 1e-12 else np.zeros_like(layout)
