"""The search index: what a visitor may look for, one script that is loaded at the first search.

Four kinds of things are found: classes, by name, synonym, index, WordNet id and all that they
are a kind of; levels of the tree; concepts, by the classes of their handles; and the user's own
pages, by their titles and headings. ``static/find.js`` reads it. Names stand once and are referred
to by position, so that a thousand classes of ten concepts fit into 400 kB.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lens_site import tree
from lens_site.results.schema import Alignment, ClassName, ClassResult, ExtraPage
from lens_site.site import branches, handles, markdown
from lens_site.site.badges import is_present
from lens_site.site.branches import Branch
from lens_site.site.publish import write as files

ADDRESS = "assets/search-index.js"

Handle = tuple[Alignment, ...]


@dataclass(frozen=True)
class Entry:
    """A class that has a page, and the handles of its concepts by their numbers."""

    name: ClassName
    concepts: tuple[tuple[int, Handle], ...]


def entry(result: ClassResult) -> Entry:
    """Return what is found of one class; a concept without a handle cannot be looked for."""
    shown = ((c.number, handles.handle(c, result)) for c in result.concepts if is_present(c))
    return Entry(result.name, tuple((number, handle) for number, handle in shown if handle))


def write(
    folder: Path, entries: Sequence[Entry], root: Branch | None, pages: Sequence[ExtraPage] = ()
) -> None:
    """Write the index into the folder of a site: classes, the tree above them, the user's pages."""
    index = {
        "tree": branches.ADDRESS,
        "concept": handles.CONCEPT,
        **_classes(entries, levels := _levels(entries)),
        "levels": _named(levels, root),
        "pages": [row for page in pages for row in _of_page(page)],
    }
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    files.text(folder / ADDRESS, f"globalThis.lensIndex = {text};\n")


def _levels(entries: Iterable[Entry]) -> list[str]:
    """Return the ids of all that the classes are kinds of, but for what says nothing."""
    above = (tree.ancestors(e.name.wordnet) for e in entries)
    return sorted(frozenset().union(*above) - branches.GENERAL)


def _classes(entries: Sequence[Entry], levels: Sequence[str]) -> dict[str, list[list[object]]]:
    """Return a row a class, then a row for each other class that a handle names."""
    at = {e.name.index: position for position, e in enumerate(entries)}
    named: dict[int, str] = {}
    for e in entries:
        for _, handle in e.concepts:
            named |= {a.index: a.name for a in handle if a.index not in at}
    others = sorted(named)
    at |= {index: len(entries) + position for position, index in enumerate(others)}
    place = {wordnet: position for position, wordnet in enumerate(levels)}
    rows = [_row(e, at.__getitem__, place) for e in entries]
    return {"classes": rows, "others": [[named[index]] for index in others]}


def _row(e: Entry, position: Callable[[int], int], place: Mapping[str, int]) -> list[object]:
    name = e.name
    above = sorted(place[w] for w in tree.ancestors(name.wordnet) if w in place)
    concepts = [[number, *(position(a.index) for a in handle)] for number, handle in e.concepts]
    also = ", ".join(s for s in name.synonyms if s != name.name)
    return [name.index, name.slug, name.name, also, name.wordnet, above, concepts]


def _named(levels: Sequence[str], root: Branch | None) -> list[list[object]]:
    """Return a row a level: words, and where the tree has it its anchor and number of classes."""
    branch = {m: b for b in branches.levels(root) for m in b.members} if root else {}
    synsets = tree.synsets()
    return [
        [", ".join(synsets[w].words), *((branch[w].anchor, branch[w].count) if w in branch else ())]
        for w in levels
    ]


def _of_page(page: ExtraPage) -> Iterator[list[str]]:
    """Yield a row for a page and one for each heading: its words, where it stands, its address."""
    yield [page.title, page.group, page.path]
    for heading in markdown.headings(page.text):
        yield [heading.text, page.title, f"{page.path}#{heading.id}"]
