"""Two runs of the same images: in what they differ, how often they agree, and class by class."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.results.schema import ClassPair, ClassResult, RunResult
from lens_site.site.labels import differing, labels
from lens_site.site.language import many, say
from lens_site.site.numbers import percent
from lens_site.site.records import Other, Page, Site, View

EXTREMES = 5
"""Classes named as the most and the least alike."""

MANY = 12
"""Classes from which on some are named so."""


@dataclass(frozen=True)
class Fact:
    """What a run is made of, beside that of the other."""

    name: str
    first: str
    second: str


@dataclass(frozen=True)
class Row:
    """One class in both."""

    name: str
    slug: str
    both: str
    """Concepts that both use; empty where they were not compared."""
    first: str
    """Evidence of the first that these carry."""
    second: str
    same: str
    """Images of either that both give the class."""
    alike: float
    """Evidence that these carry in the one where they carry less."""


@dataclass(frozen=True)
class CompareRuns:
    """What the page shows."""

    first: str
    second: str
    facts: tuple[Fact, ...]
    agreement: str
    rows: tuple[Row, ...]
    most: tuple[Row, ...]
    least: tuple[Row, ...]
    first_alone: tuple[tuple[str, str], ...]
    """Address and name of classes that the first run alone explains."""
    second_alone: tuple[tuple[str, str], ...]
    file: str


def compare_runs(site: Site) -> Iterator[View]:
    """Return a page for each other run that comes after this one."""
    for other in site.others:
        if other.first:
            page = _page(site, other)
            file = {page.file: site.run_dir / f"compare-{other.site.run.run}.json"}
            yield View(f"{other.pages}index.html", page, files=file)


def _page(site: Site, other: Other) -> CompareRuns:
    runs, pair = (site.run, other.site.run), other.pair
    names = labels(runs)
    rows = sorted(
        (_row(site, other, one) for one in pair.classes), key=lambda r: (r.name.lower(), r.slug)
    )
    ranked = sorted((r for r in rows if r.both), key=lambda r: (-r.alike, r.slug))
    most = EXTREMES if len(ranked) >= MANY else 0
    return CompareRuns(
        first=names[runs[0].run],
        second=names[runs[1].run],
        facts=_facts(*runs),
        agreement=_agreement(pair.images, pair.agree),
        rows=tuple(rows),
        most=tuple(ranked[:most]),
        least=tuple(ranked[::-1][:most]),
        first_alone=_alone(site, other.site, ""),
        second_alone=_alone(other.site, site, other.root),
        file="pair.json",
    )


def _facts(first: RunResult, second: RunResult) -> tuple[Fact, ...]:
    runs = (first, second)
    facts = [
        (say("run"), *(run.run for run in runs)),
        (say("network"), *(run.classifier.name for run in runs)),
        (say("source"), *(run.classifier.source for run in runs)),
        (say("weights, SHA-256"), *(run.classifier.weights_sha256[:12] for run in runs)),
        (say("layer"), *(" × ".join(map(str, run.classifier.feature_shape)) for run in runs)),
        (say("predicted as labeled"), *(_percent(run.accuracy) for run in runs)),
        *((name.replace("_", " "), *(str(run.config.get(name)) for run in runs))
          for name in differing(runs)),
    ]  # fmt: skip
    return tuple(Fact(*fact) for fact in facts if fact[1] or fact[2])


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share)


def _agreement(images: int, agree: int) -> str:
    return many(
        "Both explain {n} image, and give {share} of them the same class.",
        "Both explain {n} images, and give {share} of them the same class.",
        images,
        share=percent(agree / images),
    )


def _row(site: Site, other: Other, pair: ClassPair) -> Row:
    results = (
        site.result(pair.slug, verify=False), other.site.result(pair.slug, verify=False)
    )  # fmt: skip
    shared = ([m.first for m in pair.matches], [m.second for m in pair.matches])
    evidence = [_evidence(r, numbers) for r, numbers in zip(results, shared, strict=True)]
    either = pair.first_said.images + pair.second_said.images - pair.first_said.same
    most = max(len(r.concepts) for r in results)
    return Row(
        name=results[0].name.name,
        slug=pair.slug,
        both="" if pair.reason else say("{number} of {all}", number=len(pair.matches), all=most),
        first=percent(evidence[0]),
        second=percent(evidence[1]),
        same=percent(pair.first_said.same / either) if either else "",
        alike=min(evidence),
    )


def _evidence(result: ClassResult, numbers: list[int]) -> float:
    return sum((result.concepts[number - 1].share for number in numbers), 0.0)


def _alone(site: Site, other: Site, root: str) -> tuple[tuple[str, str], ...]:
    theirs = {c.slug for c in other.built}
    return tuple(
        (f"{root}classes/{c.slug}/index.html", c.name) for c in site.built if c.slug not in theirs
    )


PAGE = Page(place=45, of_site=compare_runs, there=lambda site: bool(site.others))
