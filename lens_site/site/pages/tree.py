"""The tree: the classes by what they are a kind of; absent where no class has a WordNet id."""

from collections.abc import Iterator
from dataclasses import dataclass

from lens_site.site.branches import ADDRESS, Branch, root
from lens_site.site.language import later
from lens_site.site.records import MenuEntry, Page, Site, View


@dataclass(frozen=True)
class Tree:
    """What the page shows."""

    root: Branch


def tree(site: Site) -> Iterator[View]:
    """Return the page."""
    whole = site.once(root)
    if whole is not None:
        yield View(ADDRESS, Tree(whole))


def _is_known(site: Site) -> bool:
    return site.once(root) is not None


PAGE = Page(place=15, of_site=tree, there=_is_known, menu=MenuEntry(later("Tree"), ADDRESS))
