"""What if a concept were not there, or twice as strong: answers move as the visitor's hand does."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult
from lens_site.site.records import Section, Site

TABLE = "table.safetensors"
"""What the section computes with; a class has it where the head is linear."""


@dataclass(frozen=True)
class WhatIf:
    """What the section shows before it is asked."""

    slug: str
    index: int
    kilobytes: int
    """What asking loads, about."""


def what_if(site: Site, result: ClassResult) -> WhatIf | None:
    """Return what the section shows; None where codes alone do not give the answer."""
    network = site.run.browser
    if network is None or not network.file or TABLE not in result.files:
        return None
    table = (site.folder(result) / TABLE).stat().st_size
    return WhatIf(result.name.slug, result.name.index, round((4 / 3 * table + ENGINE) / 10e3) * 10)


ENGINE = 65_000
"""Bytes of the scripts beside the table: ``browser.js`` and ``names.js``."""

SECTION = Section(place=47, context=what_if)
