"""What if a concept were not there, or twice as strong: answers move as the visitor's hand does."""

from dataclasses import dataclass

from lens_site.results.schema import ClassResult
from lens_site.site.headers import header_of
from lens_site.site.language import say
from lens_site.site.records import Section, Site

TABLE, ATOMS = "table.safetensors", "atoms.safetensors"
"""What the section computes with; the second only where the head has to be run."""

REST, LINEAR = "rest", "gamma"
"""Arrays of the table: what concepts leave out, where codes give logits; a linear head's table."""


@dataclass(frozen=True)
class WhatIf:
    """What the section shows before it is asked; ``loads`` is what asking loads, about."""

    slug: str
    index: int
    loads: str
    linear: bool


def what_if(site: Site, result: ClassResult) -> WhatIf | None:
    """Return what the section shows; None where codes do not give the answer."""
    network = site.run.browser
    if network is None or not network.file or TABLE not in result.files:
        return None
    arrays = header_of(site.folder(result) / TABLE).arrays
    if REST not in arrays:
        return None
    needed = [site.folder(result) / TABLE]
    if LINEAR not in arrays:
        needed += [site.folder(result) / ATOMS, site.run_dir / network.file]
    size = 4 / 3 * sum(path.stat().st_size for path in needed) + ENGINE
    loads = (
        say("{number} kB", number=round(size / 10e3) * 10)
        if size < 1e6
        else say("{number} MB, once", number=f"{size / 1e6:.0f}")
    )
    return WhatIf(result.name.slug, result.name.index, loads, LINEAR in arrays)


ENGINE = 65_000
"""Bytes of the scripts beside the table: ``browser.js`` and ``names.js``."""

SECTION = Section(place=47, context=what_if)
