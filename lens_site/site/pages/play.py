"""Guess first: eight images of the site, what the network said of them, and which place decided.

Whether people can predict a model is what studies of explanations measure (Colin et al. 2022,
arXiv 2112.04417; Kim et al. 2022, HIVE, arXiv 2112.03184). Here it is a game of one minute.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from lens_site.results.schema import ClassResult, ImageEntry
from lens_site.site.badges import is_wrong, tones
from lens_site.site.language import later
from lens_site.site.numbers import percent
from lens_site.site.pictures import picture
from lens_site.site.places import Place, places
from lens_site.site.records import MenuEntry, Page, Site, View

ROUNDS, ANSWERS = 8, 4
CLASSES, EACH = 32, 4
"""Classes that are asked about at most, and images of each."""

FILE = "questions.js"


@dataclass(frozen=True)
class Reason:
    """A concept that speaks for the answer, with its share in this image."""

    number: int
    tone: str
    share: str
    tile: str
    tiles: int


@dataclass(frozen=True)
class Spot:
    """A place that may have decided: edges in percent of the picture, and what it adds in words."""

    left: float
    top: float
    width: float
    height: float
    share: str


@dataclass(frozen=True)
class Question:
    """An image; ``wrong`` are answers that the network did not give, likely ones first."""

    slug: str
    image: int
    answer: str
    probability: str
    label: str
    """Another class that its label names; empty where the network is right or nothing is known."""
    wrong: tuple[str, ...]
    file: str
    cell: tuple[int, int, int, int]
    """Column and row, columns and rows."""
    reasons: tuple[Reason, ...]
    spots: tuple[Spot, ...]
    """The place that adds most to the answer, then others that add clearly less; or none."""


@dataclass(frozen=True)
class Play:
    """What the page shows before the game."""

    rounds: int
    chance: int
    """Right answers that blind guessing gets."""


def play(site: Site) -> Iterator[View]:
    """Return the page and its questions."""
    asked = [asdict(question) for question in site.once(questions)]
    text = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
    files = {FILE: f"globalThis.lensQuestions = {text};\n".encode()}
    yield View("play/index.html", Play(ROUNDS, ROUNDS // ANSWERS), files=files)


def questions(site: Site) -> tuple[Question, ...]:
    """Return what may be asked: of classes from all over the site, mistakes included."""
    step = max(1, len(site.built) // CLASSES)
    some = site.built[::step][:CLASSES]
    names = tuple(status.name for status in some)
    found = (
        question
        for status in some
        for question in _of_class(site, site.result(status.slug, verify=False), names)
    )
    return tuple(question for question in found if len(question.wrong) >= ANSWERS - 1)


def _of_class(site: Site, result: ClassResult, names: tuple[str, ...]) -> Iterator[Question]:
    """Ask about a mistake or two, and about typical images."""
    index = result.name.index
    mistakes = [i for i, image in enumerate(result.images) if is_wrong(image, index)]
    typical = [i for g in (*result.strategies, *result.groups) for i in g.prototypes[:1]]
    chosen = dict.fromkeys((*mistakes[: EACH // 2], *typical, *range(len(result.images))))
    for i in list(chosen)[:EACH]:
        yield _question(site, result, i, names)


def _question(site: Site, result: ClassResult, position: int, names: tuple[str, ...]) -> Question:
    image, answer = result.images[position], result.name.name
    label = (image.label_name or "") if is_wrong(image, result.name.index) else ""
    likely = (label, *(rival.name for rival in result.rivals), *names)
    cell = picture(result, position, "")
    return Question(
        slug=result.name.slug,
        image=position + 1,
        answer=answer,
        probability=percent(image.probability),
        label=label,
        wrong=tuple(n for n in dict.fromkeys(likely) if n and n != answer)[: 2 * ANSWERS],
        file=cell.file,
        cell=(cell.column, cell.row, cell.columns, cell.rows),
        reasons=_reasons(result, image),
        spots=tuple(_spot(place) for place in places(site, result, position, ANSWERS)),
    )


def _spot(place: Place) -> Spot:
    edges = (place.left, place.top, place.width, place.height)
    left, top, width, height = (round(100 * edge, 2) for edge in edges)
    return Spot(left, top, width, height, percent(place.share))


def _reasons(result: ClassResult, image: ImageEntry) -> tuple[Reason, ...]:
    """Return the three concepts that add most to the answer."""
    whole = sum(map(abs, image.importance)) or 1.0
    first = sorted(zip(result.concepts, image.importance, strict=True), key=lambda c: -c[1])[:3]
    colors = tones(result)
    return tuple(
        Reason(
            concept.number,
            colors[concept.number],
            percent(adds / whole),
            concept.tiles_file if concept.tiles else "",
            len(concept.tiles),
        )
        for concept, adds in first
        if adds > 0
    )


def _there(site: Site) -> bool:
    return site.run.pictures != "none" and len(site.once(questions)) >= ROUNDS


PAGE = Page(place=24, of_site=play, there=_there, menu=MenuEntry(later("Play"), "play/index.html"))
