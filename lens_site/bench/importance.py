"""Step two measured: every importance method on the codes of the same classes.

The dictionary of a class is fitted once; all methods explain the same codes and scores.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site import extraction, importance
from lens_site.bench.machine import machine
from lens_site.bench.subject import BenchClass, Report, Subject
from lens_site.classes.scores import acting_codes, class_score
from lens_site.importance import AnyScore, metrics
from lens_site.importance.masks import ENUMERABLE
from lens_site.results.comparison import Comparison, ComparisonRow
from lens_site.results.measures import IMPORTANCE
from lens_site.results.numbers import rounded

CHANCE, BEST = "random order", "best order"
"""Rows that are no methods: what chance reaches, and what no order can beat."""

THEOREM = (
    "With average pooling and a linear layer after the concepts, gradient-input, "
    "integrated-gradients, occlusion, shap and exact rise reach the best order by a theorem. "
    "Saliency, smoothgrad, squaregrad, vargrad and tcav do not know how much of a concept an "
    "image holds; sobol and hsic do not know the sign."
)
NO_THEOREM = (
    "The rest of the network after this layer is not linear: no method is sure of the best "
    "order here, and the figures say which comes near."
)

REST = (
    "random order is what chance reaches; best order, where there are few enough concepts, was "
    "found by trying all orders.",
    "seconds: the importance of all images of the class, the dictionary being given; by its "
    "closed form where the head is linear and there is one.",
)


@dataclass(frozen=True)
class Codes:
    """What all methods explain: codes of one class and their score."""

    slug: str
    score: AnyScore
    codes: Float[Tensor, "n s k"]


def compare(
    subject: Subject,
    methods: Sequence[str],
    *,
    extractor: str,
    concepts: int,
    seed: int,
    report: Report,
) -> Comparison:
    """Measure methods × classes × metrics (methods.md §3); largest classes first."""
    rows: list[ComparisonRow] = []
    cells = [*methods, CHANCE, *([BEST] if concepts <= ENUMERABLE else [])]
    total = len(cells) * len(subject.classes)
    for one in subject.classes:
        generator = torch.Generator(one.device).manual_seed(seed)
        given = _codes(subject, one, extractor, concepts, generator)
        for cell in cells:
            report(len(rows), total, f"{cell}, {one.slug}")
            measure = {CHANCE: _chance, BEST: _best}.get(cell)
            rows.append(measure(given, generator) if measure else _method(cell, given, generator))
    report(total, total, "")
    return Comparison(
        title="Importance methods compared",
        paragraphs=(
            f"{subject.in_words()} Concepts by {extractor}.",
            *(f"{m.name}: {m.sentence}" for m in IMPORTANCE),
            THEOREM if subject.classifier.linear else NO_THEOREM,
            *REST,
        ),
        rows=tuple(rows),
        machine=machine(),
    )


def _codes(
    subject: Subject, one: BenchClass, word: str, k: int, generator: torch.Generator
) -> Codes:
    extractor = extraction.method(word)(k).fit(one.rows, generator=generator)
    codes = rearrange(extractor.encode(one.rows), "(n s) k -> n s k", n=len(one.positions))
    score = class_score(subject.classifier, extractor, one.index, one.activations)
    return Codes(one.slug, score, acting_codes(score, codes))


def _method(name: str, given: Codes, generator: torch.Generator) -> ComparisonRow:
    begun = time.perf_counter()
    phi = importance.method(name)().attribute(given.score, given.codes, generator=generator)
    seconds = time.perf_counter() - begun
    with torch.no_grad():
        removed = metrics.deletion(given.score, given.codes, phi)
        restored = metrics.insertion(given.score, given.codes, phi)
        fidelity = metrics.mu_fidelity(given.score, given.codes, phi, generator=generator)
    return _row(name, given, removed, restored, fidelity.value, seconds)


@torch.no_grad()
def _chance(given: Codes, generator: torch.Generator) -> ComparisonRow:
    curves = metrics.random_order(given.score, given.codes, generator=generator)
    return _row(CHANCE, given, *curves, None, None)


@torch.no_grad()
def _best(given: Codes, generator: torch.Generator) -> ComparisonRow:
    return _row(BEST, given, *metrics.optimum(given.score, given.codes), None, None)


def _row(
    method: str,
    given: Codes,
    removed: metrics.Curve,
    restored: metrics.Curve,
    fidelity: float | None,
    seconds: float | None,
) -> ComparisonRow:
    values = {"deletion": removed.auc, "insertion": restored.auc, "mu_fidelity": fidelity}
    curves = {"deletion": removed.values, "insertion": restored.values}
    return ComparisonRow(
        method=method,
        class_=given.slug,
        concepts=given.codes.shape[2],
        metrics={name: None if v is None else rounded(v) for name, v in values.items()},
        curves={
            name: tuple(rounded(v) for v in values) for name, values in curves.items() if values
        },
        seconds=None if seconds is None else rounded(seconds),
        note=removed.note,
    )
