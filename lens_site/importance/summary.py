"""From local importance to the figures of a class: shares, intervals, prevalence, reliability.

Notation: importance Φ (n, k), codes averaged over positions u (n, k), dictionary V (k, p), class
weights W_c (p,); all numpy. Every figure is defined, never NaN, for concepts that never fire,
identical codes, Φ = 0, n = 1, k = 1 and a negative class logit.

Source: Fel et al. 2023 (arXiv 2306.07304), Sec. 3.2 and 4; intervals and null are ours.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import bdtrc

NEGLIGIBLE = 1e-5
"""Shares below this are what rounding leaves of zero."""

LEVEL = 0.95
"""Level of the intervals and of the test of leading, and quantile of the null share."""

Z = 1.959963984540054
"""Normal quantile that leaves 2.5 % above it."""


@dataclass(frozen=True)
class Summary:
    """The figures of every concept of a class, in the order of the dictionary.

    ``shares`` (k,), ``intervals`` (k, 2), ``null_shares`` (k,), ``prevalence`` (k,) are fractions,
    ``null_shares`` 0 for centered codes, which have no null; ``dominant`` (n,) is the concept, from
    0, that dominates each image, ``dominates`` (k,) counts them; ``reliability`` and its interval
    are None where none of them is labeled; ``important`` (k,) is boolean; ``remarks`` are sentences
    on what is defined only by convention.
    """

    shares: Float[np.ndarray, " k"]
    intervals: Float[np.ndarray, "k 2"]
    null_shares: Float[np.ndarray, " k"]
    dominant: Int[np.ndarray, " n"]
    dominates: Int[np.ndarray, " k"]
    prevalence: Float[np.ndarray, " k"]
    reliability: tuple[float | None, ...]
    reliability_intervals: tuple[tuple[float, float] | None, ...]
    important: tuple[bool, ...]
    remarks: tuple[str, ...]


def summarize(
    phi: Float[np.ndarray, "n k"],
    codes: Float[np.ndarray, "n k"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
    *,
    dictionary: Float[np.ndarray, "k p"],
    weights: Float[np.ndarray, " p"],
    generator: np.random.Generator,
    centered: bool = False,
) -> Summary:
    """All figures of a class; a label of −1 means unlabeled.

    ``weights`` is W_c when the head is linear, else ``gradient.effective_weights``. Codes that
    are ``centered`` are deviations from a mean, and cancel over the images whatever the direction:
    no concept is compared with the null.
    """
    n, k = phi.shape
    leading = dominant_concepts(phi)
    counts = np.bincount(leading, minlength=k)
    right, labeled = _right(leading, labels, class_index, concepts=k)
    shares = global_shares(phi)
    intervals = bootstrap_intervals(phi, generator=generator)
    nulls = np.zeros(k)
    if not centered:
        nulls = null_shares(codes, dictionary, weights, generator=generator)
    important = leads_often(counts, n) & (centered | (shares > nulls))
    return Summary(
        shares=shares,
        intervals=intervals,
        null_shares=nulls,
        dominant=leading,
        dominates=counts,
        prevalence=counts / n,
        reliability=reliability(leading, labels, class_index, concepts=k),
        reliability_intervals=tuple(
            wilson(int(r), int(m)) for r, m in zip(right, labeled, strict=True)
        ),
        important=tuple(important.tolist()),
        remarks=remarks(phi, codes),
    )


def by_importance(phi: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " k"]:
    """Concepts by the size of their share, largest first; by Σ|φ| where all shares cancel.

    They cancel over the images for codes that are centered, as those of PCA are.
    """
    shares = global_shares(phi)
    sizes = np.abs(shares) if shares.any() else np.abs(phi).sum(axis=0)
    order: np.ndarray = np.argsort(-sizes, kind="stable")
    return order


def global_shares(phi: Float[np.ndarray, "n k"]) -> Float[np.ndarray, " k"]:
    """Σ_x φ_i(x) / Σ_x Σ_j |φ_j(x)|, in [−1, 1], sign kept; all 0 when Φ is 0 or cancels."""
    phi = phi.astype(np.float64)
    shares = _ratio(phi.sum(axis=0), np.abs(phi).sum())
    return shares if np.abs(shares).max() >= NEGLIGIBLE else np.zeros_like(shares)


def bootstrap_intervals(
    phi: Float[np.ndarray, "n k"], *, generator: np.random.Generator, resamples: int = 1000
) -> Float[np.ndarray, "k 2"]:
    """Percentile interval of every global share over images drawn with replacement.

    Source: Efron 1979. With n = 1 both ends are the share itself: one image says nothing about
    how much images differ.
    """
    n = len(phi)
    phi = phi.astype(np.float64)
    images = generator.integers(n, size=(resamples, n)) + n * np.arange(resamples)[:, None]
    times = np.bincount(images.ravel(), minlength=resamples * n).reshape(resamples, n)
    times = times.astype(np.float64)
    shares = _ratio(times @ phi, (times @ np.abs(phi).sum(axis=1))[:, None])
    tail = (1 - LEVEL) / 2
    ends: np.ndarray = np.quantile(shares, (tail, 1 - tail), axis=0).T
    return ends


def null_shares(
    codes: Float[np.ndarray, "n k"],
    dictionary: Float[np.ndarray, "k p"],
    weights: Float[np.ndarray, " p"],
    *,
    generator: np.random.Generator,
    draws: int = 1000,
) -> Float[np.ndarray, " k"]:
    """Return the |share| that each concept would stay below, 95 times in 100, by chance.

    Chance means that concept i has a random direction v' while all others stay as they are.
    With γ' = v'·W_c its share would be::

        share'_i = |Σ_x u_i(x) γ'| / (Σ_x |u_i(x) γ'| + Σ_x Σ_{j≠i} |u_j(x) γ_j|)

    and the 95th percentile over at least ``draws`` draws is returned; 0 for a concept that
    never fires. What we chose: v' is v_i with its channels shuffled, so it keeps the norm, the
    sparsity and the signs that make v_i a plausible atom (non-negative where v_i is) and loses
    only what it has to do with W_c. Its codes are those of concept i: permuting them over the
    images would change none of the sums.

    The null counts contributions u_i γ_i: right for the methods that equal them when the head
    is linear, a first-order stand-in for the rest.
    """
    atoms, weights = dictionary.astype(np.float64), weights.astype(np.float64)
    gamma = np.abs(_shuffled_products(atoms, weights, draws, generator))
    size = np.abs(codes).sum(axis=0, dtype=np.float64)[:, None]
    net = np.abs(codes.sum(axis=0, dtype=np.float64))[:, None]
    kept = size * np.abs(atoms @ weights)[:, None]
    shares = _ratio(gamma * net, gamma * size + (kept.sum() - kept))
    quantiles: np.ndarray = np.quantile(shares, LEVEL, axis=1)
    return quantiles


def _shuffled_products(
    atoms: Float[np.ndarray, "k p"],
    weights: Float[np.ndarray, " p"],
    draws: int,
    generator: np.random.Generator,
) -> Float[np.ndarray, "k draws"]:
    """v_i·(W_c with its channels shuffled): every rotation of a few shuffles.

    A rotated shuffle is a shuffle, and the products of an atom with all p rotations are one
    circular correlation: a fast Fourier transform gives p draws at the price of one.
    """
    p = len(weights)
    shuffles = generator.permuted(np.tile(weights, (-(-draws // p), 1)), axis=1)
    spectra = np.conj(np.fft.rfft(atoms))[:, None] * np.fft.rfft(shuffles)
    products: np.ndarray = np.fft.irfft(spectra, n=p).reshape(len(atoms), -1)
    return products


def dominant_concepts(phi: Float[np.ndarray, "n k"]) -> Int[np.ndarray, " n"]:
    """argmax_i φ_i(x) of every image, from 0; ties go to the lowest index."""
    leading: np.ndarray = phi.argmax(axis=1)
    return leading


def reliability(
    dominant: Int[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    class_index: int,
    *,
    concepts: int,
) -> tuple[float | None, ...]:
    """Of the labeled images each concept dominates, the fraction labeled as the class."""
    right, labeled = _right(dominant, labels, class_index, concepts=concepts)
    return tuple(float(r / m) if m else None for r, m in zip(right, labeled, strict=True))


def wilson(right: int, n: int) -> tuple[float, float] | None:
    """95 % interval of a fraction of which ``right`` of ``n`` were seen; None for n = 0.

    With p̂ = right/n and z the normal quantile,
    (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n): all fractions from which p̂ lies no more
    than z of their own standard errors. Within [0, 1], and never without width.

    Source: Wilson 1927.
    """
    if n == 0:
        return None
    p, spread = right / n, Z * Z / n
    half = Z * math.sqrt((p * (1 - p) + spread / 4) / n)
    low, high = ((p + spread / 2 + end) / (1 + spread) for end in (-half, half))
    return (0.0 if right == 0 else low), (1.0 if right == n else high)


def leads_often(dominates: Int[np.ndarray, " k"], images: int) -> Bool[np.ndarray, " k"]:
    """Say of each concept whether it leads in more images than chance would have it.

    Binomial test, one-sided, at .05: P(X ≥ count) for n images of which each is led by one of k
    concepts at random. A single concept leads everywhere; there is nothing to test and it passes.
    Our choice, with no correction for k tests: of ten concepts that lead at random, less than half
    a concept passes.
    """
    k = len(dominates)
    if k == 1:
        return dominates > 0
    chance: np.ndarray = bdtrc(dominates - 1.0, images, 1 / k)
    passes: np.ndarray = (dominates > 0) & (chance <= 1 - LEVEL)
    return passes


def remarks(phi: Float[np.ndarray, "n k"], codes: Float[np.ndarray, "n k"]) -> tuple[str, ...]:
    """Return a sentence for every figure that is a convention and not a finding."""
    n, k = phi.shape
    silent, mute = int((~codes.any(axis=0)).sum()), int((~phi.any(axis=1)).sum())
    sentences = {
        f"{silent} of {k} concepts never fire in these images.": silent > 0,
        f"In {mute} of {n} images no concept changes the logit; "
        "they count for the first concept.": mute > 0,
        "Over all images the shares cancel, for the codes are centered; "
        "the order is by the size of what concepts do in single images.": n > 1
        and bool(phi.any())
        and not global_shares(phi).any(),
        "There is one image only, so the intervals have no width.": n == 1,
        "All images have the same codes, so the intervals have no width.": n > 1
        and bool((codes == codes[0]).all()),
    }
    return tuple(sentence for sentence, holds in sentences.items() if holds)


def explained_logit(y: Float[np.ndarray, " n"], y_hat: Float[np.ndarray, " n"]) -> float:
    """1 − Σ_x |y(x) − ŷ(x)| / Σ_x |y(x)|; 1 is all, negative is worse than ŷ = 0.

    0 when every logit is 0: there is nothing to explain.
    """
    y, y_hat = y.astype(np.float64), y_hat.astype(np.float64)
    total = np.abs(y).sum()
    return float(1 - np.abs(y - y_hat).sum() / total) if total > 0 else 0.0


def class_alignment(
    dictionary: Float[np.ndarray, "k p"], weights: Float[np.ndarray, "classes p"], *, top: int
) -> tuple[Int[np.ndarray, "k top"], Float[np.ndarray, "k top"]]:
    """Return the ``top`` classes of largest cosine(v_i, W_c'), best first, and the cosines.

    Ties go to the lowest class; the cosine with a zero vector is 0. With fewer classes than
    ``top`` all are returned.
    """
    lengths = np.outer(_lengths(dictionary), _lengths(weights))
    cosines = _ratio(dictionary @ weights.T, lengths)
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :top]
    return best, np.take_along_axis(cosines, best, axis=1)


def _right(
    dominant: Int[np.ndarray, " n"], labels: Int[np.ndarray, " n"], class_index: int, *,
    concepts: int,
) -> tuple[Int[np.ndarray, " k"], Int[np.ndarray, " k"]]:  # fmt: skip
    """Of the images each concept dominates, how many are labeled as the class, and at all."""
    labeled = np.bincount(dominant[labels >= 0], minlength=concepts)
    return np.bincount(dominant[labels == class_index], minlength=concepts), labeled


def _lengths(rows: Float[np.ndarray, "rows p"]) -> Float[np.ndarray, " rows"]:
    lengths: np.ndarray = np.sqrt(np.einsum("rp,rp->r", rows, rows))  # no copy of all rows
    return lengths


def _ratio(numerator: np.ndarray, denominator: np.ndarray | np.floating) -> np.ndarray:
    """Numerator / denominator, and 0 where the denominator is 0."""
    shape = np.broadcast_shapes(numerator.shape, np.shape(denominator))
    ratio: np.ndarray = np.divide(
        numerator, denominator, out=np.zeros(shape), where=np.asarray(denominator) != 0
    )
    return ratio
