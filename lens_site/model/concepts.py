"""The concepts of all classes as rows of one matrix: what every file of this room works on.

Notation: N concepts of C classes, each a row; p channels. Row r is concept ``numbers[r]`` of the
class ``classes[r]``; rows stand by class and number, and concepts that never fire have none.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from safetensors import SafetensorError, safe_open

from lens_site.errors import ResultError, first_line
from lens_site.results import store
from lens_site.results.schema import ClassResult, Concept, ImageEntry, Strategy


@dataclass(frozen=True)
class Labels:
    """How many of some images are labeled, and how many of these with another class."""

    known: int
    wrong: int


@dataclass(frozen=True)
class ClassFacts:
    """What of one class result is kept while all of them are looked at."""

    index: int
    slug: str
    key: str
    kind: tuple[str, int]
    """Method and channels: only classes of the same kind can be compared."""
    images: int
    concepts: tuple[Concept, ...]
    strategies: tuple[Strategy, ...]
    labels: Labels
    led: tuple[Labels, ...]
    """Of the images that each concept leads."""
    grouped: tuple[Labels, ...]
    """Of the images of each strategy."""
    random_patches: float | None
    """What refits give back of random patches; None where there are no refits."""
    outside: tuple[tuple[float, float], ...]
    """Of each concept: share of its codes in the outer ring, and the standard error of it."""
    ring: float
    """Area of the outer ring, as a share of the picture."""
    dictionary: Float[np.ndarray, "k p"]
    signed: bool


@dataclass(frozen=True)
class Concepts:
    """All concepts that fire, of all classes that can be compared; ``rows`` have unit length."""

    facts: Sequence[ClassFacts]
    left_out: tuple[str, ...]
    classes: Int[np.ndarray, " N"]
    numbers: Int[np.ndarray, " N"]
    shares: Float[np.ndarray, " N"]
    rows: Float[np.ndarray, "N p"]
    signed: bool
    """Whether codes take both signs, so that the sign of a direction means nothing."""


def gather(facts: Sequence[ClassFacts]) -> Concepts:
    """Put the concepts of the classes into one matrix; those of an odd kind are left out."""
    kinds = Counter(one.kind for one in facts)
    kind = min(kinds, key=lambda k: (-kinds[k], k)) if kinds else None
    kept = [one for one in facts if one.kind == kind]
    chosen = [(one, c) for one in kept for c in one.concepts if c.tiles]
    width = kind[1] if kind else 0
    rows = np.zeros((len(chosen), width), dtype=np.float32)
    for r, (one, concept) in enumerate(chosen):
        row = one.dictionary[concept.number - 1]
        rows[r] = row / max(float(np.linalg.norm(row)), 1e-12)
    return Concepts(
        facts=kept,
        left_out=tuple(one.slug for one in facts if one.kind != kind),
        classes=np.array([one.index for one, _ in chosen], dtype=np.int64),
        numbers=np.array([c.number for _, c in chosen], dtype=np.int64),
        shares=np.array([c.share for _, c in chosen]),
        rows=rows,
        signed=any(one.signed for one in kept),
    )


def read(run_dir: Path, result: ClassResult) -> ClassFacts:
    """Read what is needed of one class.

    Raises
    ------
    ResultError
        When its arrays are damaged.
    """
    path = run_dir / result.name.slug / store.ARRAYS
    try:
        with safe_open(path, "np") as file:
            dictionary = np.asarray(file.get_tensor("dictionary"), dtype=np.float32)
            codes = np.asarray(file.get_tensor("codes"), dtype=np.float32)
    except (OSError, SafetensorError) as error:
        raise ResultError(f"{path}: is damaged ({first_line(error)}); {store.AGAIN}") from error
    ring = outer_ring(*codes.shape[1:3])
    return ClassFacts(
        index=result.name.index,
        slug=result.name.slug,
        key=result.key,
        kind=(result.extraction.method, dictionary.shape[1]),
        images=len(result.images),
        concepts=result.concepts,
        strategies=result.strategies,
        labels=_labels(result, result.images),
        led=tuple(
            _labels(result, [i for i in result.images if i.dominant == c.number])
            for c in result.concepts
        ),
        grouped=tuple(
            _labels(result, [i for i in result.images if i.strategy == s.number])
            for s in result.strategies
        ),
        random_patches=result.refits.random_patches if result.refits else None,
        outside=tuple(_outside(u, ring) for u in np.moveaxis(np.abs(codes), 3, 0)),
        ring=float(ring.mean()),
        dictionary=dictionary,
        signed=bool((codes < 0).any()),
    )


def _labels(result: ClassResult, images: Sequence[ImageEntry]) -> Labels:
    known = [i.label for i in images if i.label is not None]
    return Labels(len(known), sum(label != result.name.index for label in known))


def outer_ring(height: int, width: int) -> Float[np.ndarray, "h w"]:
    """Mark the places whose center lies outside the middle 5/7 of the picture's sides.

    On 7 × 7 places that is the outermost ring, 24 of 49; on 14 × 14 the two outermost.
    """
    rows, columns = (np.abs(2 * np.arange(n) + 1 - n) / n for n in (height, width))
    return (np.maximum.outer(rows, columns) > 5 / 7).astype(np.float64)


def _outside(
    codes: Float[np.ndarray, "n h w"], ring: Float[np.ndarray, "h w"]
) -> tuple[float, float]:
    """Return the share s of the codes in the ring over all images, and its standard error.

    s = Σ_x b_x / Σ_x t_x, with t_x the codes of image x and b_x those in the ring; the error is
    that of a ratio of sums over independent images (Cochran 1977, Sampling Techniques, 2.11):
    √(n/(n−1) Σ (b_x − s t_x)²) / Σ t_x. Zero codes: (0, 1).
    """
    total, inside = codes.sum(axis=(1, 2), dtype=np.float64), (codes * ring).sum(axis=(1, 2))
    if total.sum() <= 0 or len(codes) < 2:
        return (0.0, 1.0)
    share = float(inside.sum() / total.sum())
    spread = float(np.sqrt(((inside - share * total) ** 2).sum() * len(codes) / (len(codes) - 1)))
    return share, spread / float(total.sum())
