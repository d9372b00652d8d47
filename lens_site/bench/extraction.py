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
from lens_site.bench.subject import BenchClass, Report, Subject, chosen
from lens_site.classifier import Classifier
from lens_site.errors import StageError
from lens_site.explanation import class_score, rebuilt
from lens_site.extraction import METHODS, Extractor
from lens_site.extraction import metrics as quality
from lens_site.extraction.extractor import sample_rows
from lens_site.importance.summary import explained_logit
from lens_site.results.comparison import Comparison, ComparisonRow
from lens_site.results.numbers import rounded

CURVE = (1, 2, 3, 5, 8, 10, 15, 20, 30)
"""Numbers of concepts on the curve."""

OOD_ROWS = 2_048
"""Reconstructed rows of which the nearest neighbor is looked for among all rows."""

PARAGRAPHS = {
    "relative_l2": "relative_l2: how much of the activations is lost, ‖A − Â‖ / ‖A‖, lower is "
    "better; r2: the share of their variance that is kept, higher is better.",
    "sparsity": "sparsity: the share of codes that are zero; a sparse code is easier to read. "
    "dead_concepts: concepts that no row uses.",
    "stability": "stability: 1 − mean cosine between the matched concepts of dictionaries fitted "
    "on four disjoint quarters of the images. Lower is better: other images, same concepts.",
    "wasserstein_1": "wasserstein_1, frechet_distance: how far the distribution of the "
    "reconstructions is from that of the activations, by two estimators. Lower is better.",
    "ood": "ood: mean distance from a reconstruction to the nearest activation, both of unit "
    "length. Its time grows with the square of the rows, so it is taken on at most "
    f"{OOD_ROWS:,} reconstructions drawn by the seed, against all activations. Lower is better.",
    "explained_logit": "explained_logit: the share of the class logit that the concepts carry, "
    "1 − Σ|y − ŷ| / Σ|y|. Higher is better. One concept can carry most of it where all images "
    "of the class score alike.",
    "logit_r2": "logit_r2: whether the concepts tell which images the network is surer of: the "
    "squared correlation, over the images of the class, of the logit with the logit that the "
    "concepts give. 1 is perfect; 0 is no better than chance. Higher is better.",
    "memory_mib": "memory_mib: how much memory grew at the peak of fitting and encoding.",
}
"""What the metrics mean, each under the first that it speaks of."""

SECONDS = "seconds: fitting the dictionary and encoding every row."


@dataclass(frozen=True)
class Fit:
    """A dictionary fitted on one class, with the codes and reconstructions of its rows."""

    extractor: Extractor
    one: BenchClass
    classifier: Classifier
    codes: Float[Tensor, "rows k"]
    restored: Float[Tensor, "rows p"]


Metrics = Callable[[Fit, torch.Generator], dict[str, float | None]]


def compare(
    subject: Subject, methods: Sequence[str], *, concepts: int, seed: int, report: Report
) -> Comparison:
    """Measure methods × classes × metrics (methods.md §2); largest classes first.

    A method that refuses a class (negative activations, too few rows) gets a row that says why.
    """
    return _table(
        subject,
        "Extraction methods compared",
        [(method, concepts) for method in methods],
        _all_metrics,
        seed=seed,
        report=report,
    )


def curve(
    subject: Subject, method: str, *, seed: int, report: Report, tried: Sequence[int] = CURVE
) -> Comparison:
    """Measure reconstruction, stability and explained logit against the number of concepts."""
    return _table(
        subject,
        f"{method} against the number of concepts",
        [(method, k) for k in tried],
        _curve_metrics,
        seed=seed,
        report=report,
    )


def parse_methods(text: str) -> tuple[str, ...]:
    """Methods from ``nmf,pca`` or ``all``.

    Raises
    ------
    ConfigError
        For a word that is no method.
    """
    return chosen(text, METHODS)


def _table(
    subject: Subject,
    title: str,
    cells: Sequence[tuple[str, int]],
    metrics: Metrics,
    *,
    seed: int,
    report: Report,
) -> Comparison:
    rows, total = [], len(cells) * len(subject.classes)
    for i, one in enumerate(subject.classes):
        for j, (method, k) in enumerate(cells):
            report(i * len(cells) + j, total, f"{method}, k = {k}, {one.slug}")
            rows.append(_row(METHODS[method](k), one, subject.classifier, metrics, seed=seed))
    report(total, total, "")
    known = {name for row in rows for name in row.metrics}
    meaning = [text for name, text in PARAGRAPHS.items() if name in known]
    return Comparison(
        title=title,
        paragraphs=(subject.in_words(), *meaning, SECONDS),
        rows=tuple(rows),
        machine=machine(),
    )


def _row(
    extractor: Extractor, one: BenchClass, classifier: Classifier, metrics: Metrics, *, seed: int
) -> ComparisonRow:
    method, slug, k = extractor.name, one.slug, extractor.k
    generator = torch.Generator(one.device).manual_seed(seed)

    def encoded() -> Tensor:
        return extractor.fit(one.rows, generator=generator).encode(one.rows)

    try:
        codes, cost = measured(encoded, one.device)
        found = metrics(Fit(extractor, one, classifier, codes, extractor.decode(codes)), generator)
    except StageError as error:
        return ComparisonRow(
            method=method, class_=slug, concepts=k, metrics={}, seconds=None, note=str(error)
        )
    values = {name: None if v is None else rounded(v) for name, v in found.items()}
    if cost.memory_bytes is not None:
        values["memory_mib"] = rounded(cost.memory_bytes / 2**20)
    return ComparisonRow(
        method=method, class_=slug, concepts=k, metrics=values, seconds=rounded(cost.seconds)
    )


def _curve_metrics(fit: Fit, generator: torch.Generator) -> dict[str, float | None]:
    again = partial(type(fit.extractor), fit.extractor.k)
    rows, images = fit.one.rows, fit.one.images_of_rows
    return {
        "relative_l2": quality.relative_l2(rows, fit.restored),
        "r2": quality.r2(rows, fit.restored),
        "stability": quality.stability(again, rows, images, generator=generator),
        **_logit_metrics(fit),
    }


def _all_metrics(fit: Fit, generator: torch.Generator) -> dict[str, float | None]:
    rows, restored = fit.one.rows, fit.restored
    drawn = sample_rows(restored, OOD_ROWS, generator=generator)
    return {
        **_curve_metrics(fit, generator),
        "sparsity": quality.sparsity(fit.codes),
        "dead_concepts": float(quality.dead_concepts(fit.codes)),
        "wasserstein_1": quality.wasserstein_1(rows, restored),
        "frechet_distance": quality.frechet_distance(rows, restored, span=fit.extractor.dictionary),
        "ood": quality.ood(rows, drawn),
    }


def _logit_metrics(fit: Fit) -> dict[str, float | None]:
    score = class_score(fit.classifier, fit.extractor, fit.one.index, fit.one.found)
    codes = rearrange(fit.codes, "(n s) k -> n s k", n=len(fit.one.positions))
    y, y_hat = fit.one.logits.numpy(), rebuilt(score, codes)
    return {
        "explained_logit": explained_logit(y, y_hat),
        "logit_r2": quality.logit_r2(y, y_hat),
    }
