"""What each metric is, said once: the schema, the class page and the benches read it here.

A new metric is a new entry, a field of ``Metrics`` where a class holds it, and the code that
measures it. Nothing here needs torch.
"""

from dataclasses import dataclass
from typing import Literal

from lens_site.results.words import later


@dataclass(frozen=True)
class Measure:
    """One metric: its key, its name for people, its formula, plain words, and what is good."""

    key: str
    name: str
    formula: str
    words: str
    better: Literal["higher", "lower"]
    ideal: str = ""
    """What the best value would mean; empty where there is none."""
    unknown: str = ""
    """Why it can be unknown."""

    @property
    def description(self) -> str:
        """One line for the schema."""
        return f"{self.formula}; None where {self.unknown}" if self.unknown else self.formula

    @property
    def sentence(self) -> str:
        """Plain words, and what is good."""
        ideal = f", {self.ideal}" if self.ideal else ""
        return f"{self.words} {self.better.capitalize()} is better{ideal}."


EXTRACTION = (
    Measure(
        "explained_logit",
        later("explained logit"),
        "1 − Σ|y − ŷ| / Σ|y|; can be negative",
        later("How much of the score the concepts account for."),
        "higher",
        later("1 is all of it"),
    ),
    Measure(
        "logit_r2",
        later("logit R²"),
        "squared correlation of y and ŷ over the images, 0 where the correlation is negative",
        later("How well the concepts tell which image gets the higher score."),
        "higher",
        later("1 is perfect"),
        later("the score never varies, or there are fewer than three images"),
    ),
    Measure(
        "relative_l2",
        later("reconstruction error"),
        "‖A − UV‖ / ‖A‖",
        later("What the concepts lose of the patches, as relative ℓ2 distance."),
        "lower",
        later("0 is nothing"),
    ),
    Measure(
        "r2",
        later("R²"),
        "1 − ‖A − UV‖² / ‖A − mean row of A‖²",
        later("How much of what makes patches differ the concepts keep."),
        "higher",
        later("1 is all of it"),
    ),
    Measure(
        "sparsity",
        later("sparsity"),
        "share of the codes that are zero",
        later(
            "Which part of the concepts is absent from a patch, on average; a sparse code is "
            "easier to read."
        ),
        "higher",
    ),
    Measure(
        "dead_concepts",
        later("dead concepts"),
        "concepts whose codes are all zero",
        later("Concepts that no patch holds."),
        "lower",
        later("0 is best"),
    ),
    Measure(
        "instability",
        later("instability"),
        "1 − mean cosine of matched concepts of four disjoint folds of the images",
        later("How much the concepts change when learned from other images of the class."),
        "lower",
        later("0 is not at all"),
    ),
    Measure(
        "wasserstein_1",
        later("Wasserstein distance"),
        "mean over channels of the 1-D Wasserstein distance between A and UV",
        later("How far apart patches and their reconstructions are spread, one channel at a time."),
        "lower",
    ),
    Measure(
        "frechet_distance",
        later("Fréchet distance"),
        "Fréchet distance between Gaussians fitted to A and UV",
        later("The same between two bell curves fitted to them."),
        "lower",
    ),
    Measure(
        "ood",
        later("out of distribution"),
        "mean distance from a reconstruction to the nearest patch, both of unit length",
        later(
            "How far a reconstruction lies from the nearest patch that really occurs, from 0 to 2."
        ),
        "lower",
    ),
)
"""Metrics of step one, in the order of the class page (methods.md §2)."""

IMPORTANCE = (
    Measure(
        "deletion",
        later("C-Deletion"),
        "area under the logit while concepts are taken out",
        later("The area under the score while concepts are taken out, the most important first."),
        "lower",
    ),
    Measure(
        "insertion",
        later("C-Insertion"),
        "area under the logit while concepts are put in",
        later("The area under the score while concepts are put in, the most important first."),
        "higher",
    ),
    Measure(
        "mu_fidelity",
        later("C-µFidelity"),
        "correlation, over sets of concepts, of their claims with what taking them out does",
        later(
            "The correlation between what a method claims for several concepts at once and what "
            "taking them out does to the score."
        ),
        "higher",
        later("1 is perfect"),
    ),
)
"""Metrics of step two (methods.md §3)."""

MEASURES = {measure.key: measure for measure in (*EXTRACTION, *IMPORTANCE)}
