"""Every number that a class page shows, held against the ``class.json`` beside it.

Tables, bars, and the cells that pictures are in are written anew. Elsewhere each number of a card,
row or sentence, and of what a picture or drawing says of itself, has to be a rounding of one of
the few that its record holds; the main ones have to be there. What is left of the page after all
these places may hold no number but those of its fixed sentences.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oracles.page.agreement import Agreement
from oracles.page.charts import (
    bar_says,
    check_bars,
    check_profile,
    core,
    core_says,
    covered,
    verdict,
)
from oracles.page.examples import FEWER, tiles_of
from oracles.page.graph import check_graph, sheet_rows
from oracles.page.tables import check_tables
from oracles.page.written import (
    between,
    brief,
    description,
    fixed,
    images,
    look,
    percent,
    pool_of,
    readable,
    signed,
    span,
)

Place = tuple[str, str, list[float], list[str]]
"""Name, markup, numbers that it may show, and texts that it has to."""

SMALL = 4
"""Leading groups of fewer images have no card, but for the first."""


def check_page(folder: Path) -> Agreement:
    """Hold the page of a built site against its data."""
    data = json.loads((folder / "class.json").read_text(encoding="utf-8"))
    whole = (folder / "index.html").read_text(encoding="utf-8")
    siblings = [
        json.loads(p.read_text(encoding="utf-8")) for p in folder.parent.glob("*/class.json")
    ]
    agreement = Agreement()
    check_graph(agreement, whole, data)
    shares = [c["share"] for c in data["concepts"]]
    pool = [len(data["images"]), 1, 2, 3, *(sum(shares[:many]) for many in (1, 2, 3))]
    look(agreement, "description", description(whole), pool, [images(len(data["images"]))])
    page = readable(whole)
    check_bars(agreement, page, data["concepts"], [data["kept"]["everything_else"]])
    rest = check_tables(agreement, page, data, siblings)
    places = list(_places(page, data))
    for name, markup, pool, wanted in places:
        look(agreement, name, markup, pool, wanted)
        if markup not in rest:
            agreement.differ.append(f"{name}: overlaps with another place")
        rest = rest.replace(markup, " ", 1)
    few = [g for g in data["groups"][1:] if g["size"] < SMALL]
    held = {
        "card of concept": len(data["concepts"]),
        "strategy-": len(data["strategies"]),
        "led-by-": len(data["groups"]) - len(few),
        "few": bool(few),
    }
    for kind, count in held.items():
        found = sum(name.startswith(kind) for name, *_ in places)
        agreement.compare(found, count, f"places called {kind}")
    for number, markup in _cards(page):
        concept = data["concepts"][number - 1]
        shown = tiles_of(data["concepts"]) if concept["important"] else FEWER
        check_pairs(agreement, f"card of concept {number}", markup, concept, [shown])
    for kind, group, markup in _groups(page, data):
        check_profile(agreement, kind, markup, group["profile"])
        agreement.compare(_cells(markup), _pictures(group, data), f"{kind}: pictures")
    tried = [c["covering"]["images"] for c in data["concepts"] if c["covering"]]
    wanted = [f"in the {images(max(tried))} with most of it"] if tried else []
    pool = [0.95, 0, 1, 2, len(siblings), *map(max, [tried] if tried else [])]
    table = folder / "table.js"
    if table.is_file():  # about what "what if" loads: it, and the scripts beside it
        pool += [round((table.stat().st_size + 65_000 - d) / 1e4) * 10 for d in (0, 200)]
    look(agreement, "the rest of the page", rest, pool, wanted)
    return agreement


def _places(page: str, data: dict[str, Any]) -> Iterator[Place]:
    known, k, kept = data["concepts"], len(data["concepts"]), data["kept"]
    for number, markup in _cards(page):
        concept = known[number - 1]
        yield f"card of concept {number}", markup, _of_card(concept, known), _told(concept, data)
    for name, group, markup in _groups(page, data):
        pool = [*pool_of(group), *range(1, k + 1), sum(m["count"] for m in group["mistakes"][4:])]
        total = sum(map(abs, group["profile"]))
        pool += [v / total for v in group["profile"]]
        wanted = [percent(group["prevalence"]), images(group["size"])]
        if group["reliability"] is not None:
            around = span(group["reliability_interval"])
            wanted.append(f"{percent(group['reliability'])} ({around}) right")
        yield name, markup, pool, wanted
    few = [g for g in data["groups"][1:] if g["size"] < SMALL]
    if few:
        markup = page[page.rindex('<ul class="strategies">') :]
        markup = markup[markup.index('<p class="prose">') : markup.index("</section>")]
        pool = [*(g["size"] for g in few), *range(1, k + 1)]
        yield "few", markup, pool, [images(g["size"]) for g in few]
    found = re.findall(r'class="rather-than__rival">(.*?)</table>', page, re.DOTALL)
    for rival, markup in zip(data["rivals"], found, strict=True):
        total = sum(map(abs, rival["differences"]))
        small = sum(v for v in rival["differences"] if abs(v) < 0.02 * total)
        pool = [*pool_of(rival), small, *range(1, k + 1)]
        yield f"rather than {rival['name']}", markup, pool, [signed(rival["margin"])]
    name = data["name"]
    title = between(page, 'class="title__id"', "</p>")
    yield "title", title, [name["index"], int(name["wordnet"][1:] or 0)], [str(name["index"])]
    top = between(page, 'class="title__summary"', '<section class="concepts"')
    yield "summary", top, _of_summary(data), [percent(known[0]["share"])]
    rest = between(page, 'class="concept concept--rest', "</article>")
    yield "card of the rest", rest, [kept["everything_else"]], [percent(kept["everything_else"])]
    legend = between(page, 'id="graph-title"', 'id="strategies-title"')
    counts = [c["dominates"] for c in known if c["dominates"]]
    pool = [*counts, *range(1, k + 1), len(data["images"])]
    yield "graph", legend, pool, [str(count) for count in counts]
    verdict = between(page, 'id="strategies-title"', '<ul class="strategies"')
    pool = [*pool_of(data["separation"]), *range(1, k + 1), len(data["images"]), 60, 1]
    yield "verdict on strategies", verdict, pool, []
    fit = between(page, "<dt>concepts</dt>", "</dd>")
    rows = data["extraction"]["rows"]
    yield "fit", fit, [*pool_of(data["extraction"]), *data["grid"]], [f"{rows:,}"]
    fidelity = between(page, "<dt>importance</dt>", "</dd>")
    value = data["faithfulness"]["mu_fidelity"]
    yield "importance", fidelity, [value, 0, 1], [fixed(value, 2)]
    real, sample = data["metrics"]["ood_real"], data["metrics"]["sample"]
    yield "real patch", between(page, "A real patch lies", "</small>"), [real], [brief(real)]
    yield "sample", between(page, "sample of", "</p>"), [sample], [f"{sample:,}"]
    trust = between(page, 'class="trust"', 'class="measures"')
    wanted = [percent(kept["same_class"]), fixed(kept["probability"], 2)]
    yield "trust", trust, _of_trust(data), wanted


def _of_card(concept: dict[str, Any], known: list[dict[str, Any]]) -> list[float]:
    apart = {"mean_map": [], "tiles": [], "typical": [], "weak": [], "histogram": None}
    shown = min(len(concept["tiles"]), tiles_of(known) if concept["important"] else FEWER)
    pool = [*pool_of({**concept, **apart}), *(-v for v in pool_of(concept["covering"] or {}))]
    drawn = concept["visualization"] or {}
    pool += [drawn[kind]["rank"] - 1 for kind in ("drawn", "accentuated") if drawn]
    interval = [95] if not concept["share_range"] else []
    return [*pool, shown, *interval, *(core(concept["mean_map"]) or ())]


def _told(concept: dict[str, Any], data: dict[str, Any]) -> list[str]:
    """What a card has to say."""
    handle = [a["name"] for a in toward(concept, data)][:2]
    wanted = [percent(concept["share"]), bar_says(concept), core_says(concept["mean_map"])]
    if concept["dominates"]:
        wanted.append(f"leads in {percent(concept['prevalence'])} of images")
        if concept["reliability"] is not None:
            around = span(concept["reliability_interval"])
            wanted.append(f"right in {percent(concept['reliability'])} ({around})")
    if concept["found_again"] is not None:
        wanted.append(fixed(concept["found_again"], 2))
    if concept["covering"]:
        wanted.append("covering it: {}, random places {}".format(*covered(concept)))
    if concept["visualization"]:
        drawn = concept["visualization"]
        wanted += [verdict(drawn[kind]) for kind in ("drawn", "accentuated")]
        like = [drawn["drawn"]["likeness"], drawn["accentuated"]["likeness"]]
        like += [drawn["likeness_of_tiles"], drawn["likeness_of_others"]]
        wanted += [fixed(values[0], 2) for values in like if values]
    return [*wanted, f"as in {', '.join(handle)}" if handle else ""]


def _cards(page: str) -> list[tuple[int, str]]:
    found = re.findall(r'id="concept-(\d+)">(.*?)</article>', page, re.DOTALL)
    return [(int(number), markup) for number, markup in found]


def check_pairs(
    agreement: Agreement, name: str, markup: str, concept: dict[str, Any], most: list[int]
) -> None:
    """Strips of tiles and lit images: how many in a row, which concept, which images."""
    found = re.findall(
        r'class="pairs[^"]*" style="([^"]*)" data-concept="(\d+)" data-images="([^"]*)"', markup
    )
    told = [
        [
            *(int(v) for v in re.findall(r"--(?:n|start):(\d+)", style)),
            int(number),
            [int(x) for x in of.split()],
        ]
        for style, number, of in found
    ]
    of, rows, start = [tile["image"] for tile in concept["tiles"]], [], 0
    for shown in most:
        here = min(shown, len(of) - start)
        if here > 0:
            rows.append([here, *([start] if start else []), concept["number"], of])
        start += shown
    agreement.compare(told, rows, f"{name}: strips")


def toward(concept: dict[str, Any], data: dict[str, Any]) -> list[dict[str, Any]]:
    """Other classes that a concept also counts toward."""
    own = data["name"]["index"]
    return [a for a in concept["aligned"] if a["index"] != own and a["cosine"] > 0]


def _groups(page: str, data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, record and markup of each card of a strategy or leading group."""
    for name, markup in re.findall(
        r'<li id="((?:strategy|led-by)-\w+)">(.*?)</li>', page, re.DOTALL
    ):
        last = name.rpartition("-")[2]
        if name.startswith("strategy"):
            yield name, data["strategies"][ord(last) - 97], markup
        else:
            yield name, next(g for g in data["groups"] if g["dominant"] == int(last)), markup


def _cells(markup: str) -> list[list[Any]]:
    """Pictures of a group: image, file, and the cell of the sheet that is shown."""
    found = re.findall(
        r'<figure data-image="(\d+)"><span class="crop[^"]*" style="([^"]*)"><img src="([^"]*)"',
        markup,
    )
    return [
        [int(image), file, *(int(v) for v in re.findall(r"--[xywhs]:(\d+)", style))]
        for image, style, file in found
    ]


def _pictures(group: dict[str, Any], data: dict[str, Any]) -> list[list[Any]]:
    """Three typical images, and two that are unusual, or one of them and a mistake."""
    typical = group["prototypes"][:3]
    mistaken = [x for x in group["mistaken"] if x not in typical]
    unusual = [x for x in group["outliers"] if x not in (*typical, *mistaken)]
    return [[x, *cell_of(x, data)] for x in (*typical, *unusual[: 2 - len(mistaken)], *mistaken)]


def cell_of(image: int, data: dict[str, Any]) -> list[Any]:
    """File, column, row, columns, rows and side of an image, as sharp as there is."""
    sharp, sprite = data["sharp"], data["sprite"]
    if sharp is None or image not in sharp["images"]:
        rows = -(-len(data["images"]) // 20)
        return [sprite["file"], image % 20, image // 20, 20, rows, sprite["size"]]
    sheet, cell = divmod(sharp["images"].index(image), 20)
    return [sharp["files"][sheet], cell % 5, cell // 5, 5, sheet_rows(sharp)[sheet], 224]


def _of_summary(data: dict[str, Any]) -> list[float]:
    shares = [c["share"] for c in data["concepts"]]
    wrong = [x["label"] for x in data["images"] if x["label"] not in (None, data["name"]["index"])]
    labeled = sum(x["label"] is not None for x in data["images"])
    important = sum(c["important"] for c in data["concepts"])
    counts = [len(data["images"]), len(shares), important, len(data["strategies"]), len(wrong)]
    sums = [sum(shares[:2]), sum(shares[:3])]
    kept = [data["kept"]["same_class"], data["kept"]["everything_else"]]
    numbers_of = range(1, len(shares) + 1)
    return [*shares, *sums, *kept, *counts, labeled, data["predicted"], *numbers_of, 60]


def _of_trust(data: dict[str, Any]) -> list[float]:
    f, refits, concepts = data["faithfulness"], data["refits"], data["concepts"]
    drops = [f[c]["values"][0] - f[c]["values"][1] for c in ("deletion", "random_deletion")]
    tried = [c for c in concepts if c["covering"]]
    counting = [c for c in tried if c["important"]] or tried
    costs = sum(
        c["covering"]["fall"] > 1.1 * max(c["covering"]["fall_at_random"], 0) for c in counting
    )
    again = sum(c["found_again"] > refits["random_patches"] for c in concepts)
    curves = ("deletion", "insertion", "random_deletion", "random_insertion")
    areas = [f[c]["auc"] for c in curves]
    halfway = (len(concepts) + 1) // 2
    ends = [f[c]["values"][at] for c in curves for at in (0, halfway, -1)]
    lowest = min(min(f[c]["values"]) for c in curves)
    first = map(abs, pool_of(tried[0]["covering"]) if tried else ())
    told = [*drops, *map(abs, drops), *areas, *ends, lowest, f["images"], len(counting), costs]
    numbers_of = [tried[0]["number"]] if tried else []
    return [
        *told, again, *first, *pool_of(data["kept"]), *pool_of(refits), len(concepts), 0, 1,
        *numbers_of,
    ]  # fmt: skip
