"""The numbers of a class: the concepts as a table, what the words mean, the data, how to cite."""

from dataclasses import dataclass

from lens_site.results.measures import MEASURES
from lens_site.results.schema import ClassName, ClassResult, Concept, Extraction
from lens_site.site.badges import Badge, badges_of, is_present
from lens_site.site.language import many, many_as, say
from lens_site.site.numbers import brief, by, exact, whole
from lens_site.site.records import Section, Site
from lens_site.site.retold import sentence


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
    refits: str
    found: str
    covering: str


@dataclass(frozen=True)
class RestRow:
    """Evidence that belongs to no concept."""

    name: str
    share: str


@dataclass(frozen=True)
class Fit:
    """How the concepts were found, and how many were tried, each with the logit R² it reached."""

    told: str
    crops: bool
    grid: str
    chosen: str
    tried: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Numbers:
    """What the section shows."""

    name: ClassName
    rows: tuple[NumberRow, ...]
    rests: tuple[RestRow, ...]
    refitted: bool
    covered: bool
    fit: Fit
    method: str
    lead: bool
    """Whether the importance is of the lead over the runner-up."""
    fidelity: str
    """The figure, its name before it and its meaning after it."""
    labeled: bool
    graph: tuple[str, ...]
    """Files of the strategic cluster graph, beside the page."""


def numbers(site: Site, result: ClassResult) -> Numbers:
    """Return what the section shows."""
    badges = badges_of(result)
    return Numbers(
        name=result.name,
        rows=tuple(_row(c, badges[c.number]) for c in result.concepts if is_present(c)),
        rests=_rests(result),
        refitted=any(c.found_again is not None for c in result.concepts),
        covered=any(c.covering for c in result.concepts),
        fit=_fit(result),
        method=result.importance_method,
        lead=result.score == "margin",
        fidelity=_fidelity(result.faithfulness.mu_fidelity),
        labeled=any(image.label is not None for image in result.images),
        graph=result.graph_files,
    )


def _row(concept: Concept, badge: Badge) -> NumberRow:
    covering = concept.covering
    random = covering.fall_at_random if covering else 0.0
    return NumberRow(
        badge=badge,
        share=exact(concept.share),
        interval=_range(*concept.interval),
        null=exact(concept.null_share),
        prevalence=exact(concept.prevalence),
        images=whole(concept.dominates),
        reliability=_reliability(concept),
        refits="–" if concept.share_range is None else _range(*concept.share_range),
        found="–" if concept.found_again is None else exact(concept.found_again),
        covering="–" if covering is None else f"{exact(covering.fall)} / {exact(random)}",
    )


def _range(low: float, high: float) -> str:
    return f"{exact(low)} … {exact(high)}"


def _reliability(concept: Concept) -> str:
    if concept.reliability is None:
        return say("unknown")
    around = concept.reliability_interval
    return exact(concept.reliability) + (f" ({_range(*around)})" if around else "")


def _rests(result: ClassResult) -> tuple[RestRow, ...]:
    """Return what the concepts leave out, in the unit of the shares."""
    if result.kept is None:
        return ()
    return (RestRow(say("everything else"), exact(result.kept.everything_else)),)


def _fidelity(value: float | None) -> str:
    measure = MEASURES["mu_fidelity"]
    written = say("undefined") if value is None else exact(value, 2)
    chance = say("0 is chance.")
    return f"{say(measure.name)} {written}. {sentence(measure)} {chance}"


def _fit(result: ClassResult) -> Fit:
    fit = result.extraction
    return Fit(
        told=many(
            "{n} concept by {method}, learned from {patches}",
            "{n} concepts by {method}, learned from {patches}",
            fit.concepts,
            method=fit.method,
            patches=many_as("from so many", "{n} patch", "{n} patches", fit.rows),
        ),
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
        return say("{number} is the largest number tried.", number=fit.concepts)
    gain = reached[more] - reached[fit.concepts]
    if gain > 0:
        return say(
            "{number} are enough: {more}, the next number tried, would add only {gain} to the "
            "logit R².",
            number=fit.concepts,
            more=more,
            gain=brief(gain),
        )
    return say(
        "{number} are enough: {more}, the next number tried, would not tell more.",
        number=fit.concepts,
        more=more,
    )


SECTION = Section(place=70, context=numbers)
