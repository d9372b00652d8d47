"""Step one measured: every extraction method on the same classes, or one against k."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from lens_site.bench.cost import measured
from lens_site.bench.machine import machine
from lens_site.bench.subject import BenchClass, Report, Subject
from lens_site.classes.scores import class_score, rebuilt
from lens_site.classifier import Classifier
from lens_site.errors import StageError
from lens_site.extraction import Extractor, method, metrics
from lens_site.extraction.extractor import sample_rows
from lens_site.importance.summary import explained_logit
from lens_site.results.comparison import Comparison, ComparisonRow
from lens_site.results.measures import EXTRACTION
from lens_site.results.numbers import rounded

CURVE = (1, 2, 3, 5, 8, 10, 15, 20, 30)
"""Numbers of concepts on the curve."""

OOD_ROWS = 2_048
"""Reconstructed rows of which the nearest neighbor is looked for among all rows."""

COSTS = (
    "memory_mib: how much memory grew at the peak of fitting and encoding.",
    "seconds: fitting the dictionary and encoding every row.",
)


@dataclass(frozen=True)
class Fit:
    """A dictionary fitted on one class, with the codes and reconstructions of its rows."""

    extractor: Extractor
    one: BenchClass
    classifier: Classifier
    codes: Float[Tensor, "rows k"]
    restored: Float[Tensor, "rows p"]


Measuring = Callable[[Fit, torch.Generator], dict[str, float | None]]


def compare(
    subject: Subject, methods: Sequence[str], *, concepts: int, seed: int, report: Report
) -> Comparison:
    """Measure methods × classes × metrics (methods.md §2); largest classes first.

    A method that refuses a class (negative activations, too few rows) gets a row that says why.
    """
    return _table(
        subject,
        "Extraction methods compared",
        [(word, concepts) for word in methods],
        _all_metrics,
        seed=seed,
        report=report,
    )


def curve(
    subject: Subject, word: str, *, seed: int, report: Report, tried: Sequence[int] = CURVE
) -> Comparison:
    """Measure reconstruction, instability and explained logit against the number of concepts."""
    return _table(
        subject,
        f"{word} against the number of concepts",
        [(word, k) for k in tried],
        _curve_metrics,
        seed=seed,
        report=report,
    )


def _table(
    subject: Subject,
    title: str,
    cells: Sequence[tuple[str, int]],
    measuring: Measuring,
    *,
    seed: int,
    report: Report,
) -> Comparison:
    rows, total = [], len(cells) * len(subject.classes)
    for i, one in enumerate(subject.classes):
        for j, (word, k) in enumerate(cells):
            report(i * len(cells) + j, total, f"{word}, k = {k}, {one.slug}")
            rows.append(_row(method(word)(k), one, subject.classifier, measuring, seed=seed))
    report(total, total, "")
    known = {name for row in rows for name in row.metrics}
    meaning = [f"{m.name}: {m.sentence}" for m in EXTRACTION if m.key in known]
    return Comparison(
        title=title,
        paragraphs=(subject.in_words(), *meaning, *COSTS),
        rows=tuple(rows),
        machine=machine(),
    )


def _row(
    extractor: Extractor,
    one: BenchClass,
    classifier: Classifier,
    measuring: Measuring,
    *,
    seed: int,
) -> ComparisonRow:
    generator = torch.Generator(one.device).manual_seed(seed)

    def encoded() -> Tensor:
        return extractor.fit(one.rows, generator=generator).encode(one.rows)

    try:
        codes, cost = measured(encoded, one.device)
        fit = Fit(extractor, one, classifier, codes, extractor.decode(codes))
        measured_values = measuring(fit, generator)
    except StageError as error:
        return ComparisonRow(
            method=extractor.name, class_=one.slug, concepts=extractor.k, metrics={},
            seconds=None, note=str(error),
        )  # fmt: skip
    values = {name: None if v is None else rounded(v) for name, v in measured_values.items()}
    if cost.memory_bytes is not None:
        values["memory_mib"] = rounded(cost.memory_bytes / 2**20)
    return ComparisonRow(
        method=extractor.name, class_=one.slug, concepts=extractor.k, metrics=values,
        seconds=rounded(cost.seconds),
    )  # fmt: skip


def _curve_metrics(fit: Fit, generator: torch.Generator) -> dict[str, float | None]:
    again = partial(type(fit.extractor), fit.extractor.k)
    rows, images = fit.one.rows, fit.one.images_of_rows
    return {
        "relative_l2": metrics.relative_l2(rows, fit.restored),
        "r2": metrics.r2(rows, fit.restored),
        "instability": metrics.instability(again, rows, images, generator=generator),
        **_logit_metrics(fit),
    }


def _all_metrics(fit: Fit, generator: torch.Generator) -> dict[str, float | None]:
    rows, restored = fit.one.rows, fit.restored
    sample = sample_rows(restored, OOD_ROWS, generator=generator)
    return {
        **_curve_metrics(fit, generator),
        "sparsity": metrics.sparsity(fit.codes),
        "dead_concepts": float(metrics.dead_concepts(fit.codes)),
        "wasserstein_1": metrics.wasserstein_1(rows, restored),
        "frechet_distance": metrics.frechet_distance(rows, restored, span=fit.extractor.dictionary),
        "ood": metrics.ood(rows, sample),
    }


def _logit_metrics(fit: Fit) -> dict[str, float | None]:
    score = class_score(fit.classifier, fit.extractor, fit.one.index, fit.one.activations)
    codes = rearrange(fit.codes, "(n s) k -> n s k", n=len(fit.one.positions))
    y, y_hat = fit.one.logits.numpy(), rebuilt(score, codes)
    return {
        "explained_logit": explained_logit(y, y_hat),
        "logit_r2": metrics.logit_r2(y, y_hat),
    }
