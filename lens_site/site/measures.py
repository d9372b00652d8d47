"""How well the concepts describe a class, each figure beside the median of the site's classes."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lens_site.results.schema import Metrics
from lens_site.site.numbers import brief, count

Site = Mapping[str, Sequence[float]]
"""Each metric's known values over the classes of a site, in rising order."""


@dataclass(frozen=True)
class Meaning:
    """A metric in plain words, and why it can be unknown."""

    key: str
    name: str
    words: str
    unknown: str = ""


MEANINGS = (
    Meaning(
        "explained_logit", "explained logit",
        "How much of the class score the concepts account for. Higher is better, 1 is all of it.",
    ),
    Meaning(
        "logit_r2", "logit R²",
        "How well the concepts tell which image gets the higher score. Higher is better, 1 is "
        "perfect.",
        "the score never varies, or there are fewer than three images",
    ),
    Meaning(
        "relative_l2", "reconstruction error",
        "What the concepts lose of the patches, as relative ℓ2 distance. Lower is better, 0 is "
        "nothing.",
    ),
    Meaning(
        "r2", "R²",
        "How much of what makes patches differ the concepts keep. Higher is better, 1 is all of "
        "it.",
    ),
    Meaning(
        "sparsity", "sparsity",
        "Which part of the concepts is absent from a patch, on average. Higher is easier to read.",
    ),
    Meaning("dead_concepts", "dead concepts", "Concepts that no patch holds. 0 is best."),
    Meaning(
        "stability", "stability",
        "How much the concepts change when learned from other images of the class. Lower is "
        "better, 0 is not at all.",
        "too few images",
    ),
    Meaning(
        "wasserstein_1", "Wasserstein distance",
        "How far apart patches and their reconstructions are spread, one channel at a time. "
        "Lower is better.",
    ),
    Meaning(
        "frechet_distance", "Fréchet distance",
        "The same between two bell curves fitted to them. Lower is better.",
    ),
    Meaning(
        "ood", "out of distribution",
        "How far a reconstruction lies from the nearest patch that really occurs, from 0 to 2. "
        "Lower is better.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Strip:
    """Where a class lies between the lowest and the highest; positions in percent."""

    here: str | None
    median: str
    told: str


@dataclass(frozen=True)
class Measure:
    """One row: the metric, this class, the median, and a mark of where the class lies."""

    name: str
    words: str
    value: str
    known: bool
    median: str
    strip: Strip | None


@dataclass(frozen=True)
class Measures:
    """The table of a class page; no medians on a site of one class."""

    rows: tuple[Measure, ...]
    classes: int
    taken: str

    @property
    def beside(self) -> bool:
        """Whether there are other classes to stand beside."""
        return self.classes > 1


def site_of(metrics: Sequence[Metrics]) -> Site:
    """Gather what the classes of a site reach; what is unknown is left out."""
    columns = {m.key: [_of(one, m) for one in metrics] for m in MEANINGS}
    return {key: sorted(v for v in values if v is not None) for key, values in columns.items()}


def measures(metrics: Metrics, site: Site) -> Measures:
    """Return the rows of one class; the class itself is among those of ``site``."""
    return Measures(
        rows=tuple(_measure(m, _of(metrics, m), _why(metrics, m), site[m.key]) for m in MEANINGS),
        classes=len(site["explained_logit"]),
        taken=_taken(metrics),
    )


def _taken(metrics: Metrics) -> str:
    """Say what the figures are taken on."""
    patches = count(metrics.sample, "patch", "patches")
    folds = count(metrics.stability_images, "image")
    if metrics.stability is None:
        return f"The last three are measured on a sample of {patches}, the others on all."
    return (
        f"Stability is measured on {folds}, the three distances after it on a sample of {patches}, "
        "the others on all."
    )


def _of(metrics: Metrics, meaning: Meaning) -> float | None:
    value = getattr(metrics, meaning.key)
    return None if value is None else float(value)


def _why(metrics: Metrics, meaning: Meaning) -> str:
    """Say why a metric is unknown, if it is."""
    if meaning.key == "stability" and not metrics.stability_images:
        return "this method takes too long to fit four times"
    return meaning.unknown


def _measure(
    meaning: Meaning, value: float | None, unknown: str, others: Sequence[float]
) -> Measure:
    return Measure(
        name=meaning.name,
        words=meaning.words + (f" Unknown here: {unknown}." if value is None else ""),
        value="unknown" if value is None else brief(value),
        known=value is not None,
        median=brief(median(others)) if others else "–",
        strip=_strip(meaning.name, value, others),
    )


def _strip(name: str, value: float | None, others: Sequence[float]) -> Strip | None:
    """Draw the range of all classes; None where they are all alike."""
    if not others or others[0] == others[-1]:
        return None
    low, middle, high = others[0], median(others), others[-1]

    def at(number: float) -> str:
        return f"{100 * (number - low) / (high - low):.1f}"

    told = f"{name}: from {brief(low)} to {brief(high)} over {len(others)} classes"
    if value is not None:
        told += f"; this class is above {bisect_left(others, value)} of them"
    return Strip(None if value is None else at(value), at(middle), told)
