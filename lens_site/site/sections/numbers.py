"""The numbers of a class: the concepts as a table, what the words mean, the data, how to cite."""

from dataclasses import dataclass

from lens_site.results.measures import MEASURES
from lens_site.results.schema import ClassName, ClassResult, Concept, Extraction
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.numbers import brief, by, count, exact
from lens_site.site.records import Section, Site


@dataclass(frozen=True)
class NumberRow:
    """One concept, exactly."""

    badge: Badge
    share: str
    interval: str
    null: str
    prevalence: str
    images: str
    reliability: str


@dataclass(frozen=True)
class Fit:
    """How the concepts were found, and how many were tried, each with the logit R² it reached."""

    method: str
    concepts: str
    rows: str
    crops: bool
    grid: str
    chosen: str
    tried: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Numbers:
    """What the section shows."""

    name: ClassName
    rows: tuple[NumberRow, ...]
    fit: Fit
    method: str
    fidelity: str
    """The figure, its name before it and its meaning after it."""
    labeled: bool


def numbers(site: Site, result: ClassResult) -> Numbers:
    """Return what the section shows."""
    badges = badges_of(result)
    return Numbers(
        name=result.name,
        rows=tuple(_row(c, badges[c.number]) for c in result.concepts if is_present(c)),
        fit=_fit(result),
        method=result.importance_method,
        fidelity=_fidelity(result.faithfulness.mu_fidelity),
        labeled=any(image.label is not None for image in result.images),
    )


def _row(concept: Concept, badge: Badge) -> NumberRow:
    low, high = concept.interval
    return NumberRow(
        badge=badge,
        share=exact(concept.share),
        interval=f"{exact(low)} … {exact(high)}",
        null=exact(concept.null_share),
        prevalence=exact(concept.prevalence),
        images=f"{concept.dominates:,}",
        reliability="unknown" if concept.reliability is None else exact(concept.reliability),
    )


def _fidelity(value: float | None) -> str:
    measure = MEASURES["mu_fidelity"]
    written = "undefined" if value is None else exact(value, 2)
    return f"{measure.name} {written}. {measure.sentence} 0 is chance."


def _fit(result: ClassResult) -> Fit:
    fit = result.extraction
    return Fit(
        method=fit.method,
        concepts=count(fit.concepts, "concept"),
        rows=count(fit.rows, "patch", "patches"),
        crops=fit.patches == "crops",
        grid=by(result.grid),
        chosen=_chosen(fit),
        tried=tuple((t.concepts, brief(t.logit_r2)) for t in fit.tried),
    )


def _chosen(fit: Extraction) -> str:
    """Say why so many concepts and not more; empty where the number was given."""
    reached = {t.concepts: t.logit_r2 for t in fit.tried}
    if fit.concepts not in reached:
        return ""
    more = min((k for k in reached if k > fit.concepts), default=None)
    if more is None:
        return f"{fit.concepts} is the largest number tried."
    gain = reached[more] - reached[fit.concepts]
    told = f"would add only {brief(gain)} to the logit R²" if gain > 0 else "would not tell more"
    return f"{fit.concepts} are enough: {more}, the next number tried, {told}."


SECTION = Section(place=70, context=numbers)
