"""About and data: the model, the images, all parameters, versions and licenses."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site import tree
from lens_site.results.schema import ClassStatus, RunResult
from lens_site.site import minisearch, plotly
from lens_site.site.language import later
from lens_site.site.numbers import percent
from lens_site.site.records import MenuEntry, Page, Site, View


@dataclass(frozen=True)
class About:
    """What the page shows beside the run itself."""

    accuracy: str
    """How often the label is what the classifier predicts; empty without labels."""
    skipped: tuple[ClassStatus, ...]
    failed: tuple[ClassStatus, ...]
    plotly_version: str
    minisearch_version: str
    wordnet_license: str


def about(site: Site) -> Iterator[View]:
    """Return the page."""
    accuracy = site.run.accuracy
    page = About(
        accuracy="" if accuracy is None else percent(accuracy),
        skipped=_of_status(site.run, "few"),
        failed=_of_status(site.run, "failed"),
        plotly_version=plotly.version(),
        minisearch_version=minisearch.VERSION,
        wordnet_license=tree.license(),
    )
    yield View("about/index.html", page)


def _of_status(run: RunResult, status: str) -> tuple[ClassStatus, ...]:
    return tuple(c for c in run.classes if c.status == status)


PAGE = Page(place=90, of_site=about, menu=MenuEntry(later("About"), "about/index.html"))
