"""Every number that a class page shows, held against the ``class.json`` beside it.

The tables are written anew, cell by cell. Elsewhere each number of a card, row or sentence has to
be a rounding of one of the few that its record in ``class.json`` holds, and the main ones have to
be there.
"""

import html
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from oracles.page.agreement import Agreement, Near, numbers

NUMBER = re.compile(r"([−+<>]?)\s?(\d[\d,]*(?:\.\d+)?)(\s?%)?")
MEASURES = (
    "explained_logit", "logit_r2", "relative_l2", "r2", "sparsity", "dead_concepts",
    "wasserstein_1", "frechet_distance", "ood",
)  # fmt: skip


def check_page(folder: Path) -> Agreement:
    """Hold the page of a built site against its data."""
    data = json.loads((folder / "class.json").read_text(encoding="utf-8"))
    whole = (folder / "index.html").read_text(encoding="utf-8")
    agreement = Agreement()
    graph = re.search(r'<script type="application/json">(.*?)</script>', whole, re.DOTALL)
    assert graph, "the page holds no data of its graph"
    agreement.compare(_rows(json.loads(graph[1])), [_row(x, data) for x in data["images"]], "graph")
    page = re.sub(r"<(script|style|svg).*?</\1>", "", whole, flags=re.DOTALL)
    siblings = [
        json.loads(p.read_text(encoding="utf-8")) for p in folder.parent.glob("*/class.json")
    ]
    for name, mine in (("numbers", _numbers(data)), ("measures", _measures(data, siblings))):
        agreement.compare(_table(page, name), mine, f"table of the {name}")
        agreement.compared += sum(len(NUMBER.findall(cell)) for row in mine for cell in row)
    places = list(_places(page, data))
    for place, markup, pool, wanted in places:
        _look(agreement, place, markup, pool, wanted)
    for kind, held in (("card of concept", data["concepts"]), ("strategy-", data["strategies"])):
        found = sum(place.startswith(kind) for place, *_ in places)
        agreement.compare(found, len(held), f"places called {kind}")
    return agreement


def _look(
    agreement: Agreement, place: str, markup: str, pool: Iterable[float], wanted: Sequence[str]
) -> None:
    """Find every number of some markup in the pool, and what is wanted in the markup."""
    text, pool = plain(markup), list(pool)
    text = re.sub(r"\((\d+)–(\d+)\)", r"(\1 % \2 %)", text)
    for sign, digits, percent in NUMBER.findall(text):
        agreement.compared += 1
        if not any(_is_rounding(sign, digits, bool(percent), value) for value in pool):
            agreement.differ.append(f"{place}: {sign}{digits}{percent} is not in class.json")
    for told in wanted:
        if told not in text:
            agreement.differ.append(f"{place}: does not say {told}")


def _is_rounding(sign: str, digits: str, percent: bool, value: float) -> bool:
    size, scaled = float(digits.replace(",", "")), 100 * value if percent else value
    if sign == "<":
        return 0 < scaled < size
    if sign == ">":
        return size < scaled < 100
    if (sign == "−" and value > 0) or (sign in ("", "+") and value < 0 and scaled < -0.5):
        return False
    decimals = len(digits.partition(".")[2])
    return abs(abs(scaled) - size) <= 0.5 * 10**-decimals + 1e-9 or (
        percent and size == 99 < abs(scaled) < 100
    )


def plain(markup: str) -> str:
    """Text of some markup, one space where a tag or several spaces were."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup)))


def _places(
    page: str, data: dict[str, Any]
) -> Iterable[tuple[str, str, Iterable[float], list[str]]]:
    """Yield name, markup, numbers that it may show, and texts that it has to."""
    known, k, kept = data["concepts"], len(data["concepts"]), data["kept"]
    for number, markup in re.findall(r'id="concept-(\d+)">(.*?)</article>', page, re.DOTALL):
        concept = known[int(number) - 1]
        shown = {**concept, "mean_map": [], "tiles": []}
        pool = [*_pool(shown), *(-v for v in _pool(concept["covering"] or {}))]
        wanted = [percent(concept["share"])]
        if concept["dominates"]:
            wanted.append(percent(concept["prevalence"]))
        if concept["found_again"] is not None:
            wanted.append(fixed(concept["found_again"], 2))
        yield f"card of concept {number}", markup, pool, wanted
    for name, markup in re.findall(
        r'<li id="((?:strategy|led-by)-\w+)">(.*?)</li>', page, re.DOTALL
    ):
        apart = name.startswith("strategy")
        held = data["strategies" if apart else "groups"]
        last = name.rpartition("-")[2]
        group = (
            held[ord(last) - 97] if apart else next(g for g in held if g["dominant"] == int(last))
        )
        pool = [*_pool(group), *range(1, k + 1), sum(m["count"] for m in group["mistakes"][3:])]
        wanted = [percent(group["prevalence"]), str(group["size"])]
        yield name, markup, pool, wanted
    for rival, markup in zip(
        data["rivals"],
        re.findall(r'class="rather-than__rival">(.*?)</table>', page, re.DOTALL),
        strict=True,
    ):
        total = sum(map(abs, rival["differences"]))
        small = sum(v for v in rival["differences"] if abs(v) < 0.02 * total)
        pool = [*_pool(rival), small, *range(1, k + 1)]
        yield f"rather than {rival['name']}", markup, pool, [signed(rival["margin"])]
    top = _between(page, 'class="title__summary"', 'class="concepts"')
    yield "summary", top, _of_summary(data), [percent(known[0]["share"])]
    rest = _between(page, 'class="concept concept--rest', "</article>")
    yield "card of the rest", rest, [kept["everything_else"]], [percent(kept["everything_else"])]
    legend = _between(page, 'id="graph-title"', 'id="strategies-title"')
    counts = [c["dominates"] for c in known if c["dominates"]]
    pool = [*counts, *range(1, k + 1), len(data["images"])]
    yield "graph", legend, pool, [str(count) for count in counts]
    verdict = _between(page, 'id="strategies-title"', '<ul class="strategies"')
    pool = [*_pool(data["separation"]), *range(1, k + 1), len(data["images"]), 60, 1]
    yield "verdict on strategies", verdict, pool, []
    fit = _between(page, "<dt>concepts</dt>", "</dd>")
    yield (
        "fit",
        fit,
        [*_pool(data["extraction"]), *data["grid"]],
        [f"{data['extraction']['rows']:,}"],
    )
    real, sample = data["metrics"]["ood_real"], data["metrics"]["sample"]
    below = _between(page, "A real patch lies", "</small>") + _between(page, "sample of", "</p>")
    yield "samples", below, [real, sample], [brief(real), f"{sample:,}"]
    trust = _between(page, 'class="trust"', 'class="measures"')
    wanted = [percent(kept["same_class"]), fixed(kept["probability"], 2)]
    yield "trust", trust, _of_trust(data), wanted


def _between(page: str, start: str, end: str) -> str:
    """Markup from the tag or text ``start`` up to the next ``end``."""
    after = page[page.index(start) + len(start) :]
    return (
        after[: after.index(end)].partition(">")[2] if '="' in start else after[: after.index(end)]
    )


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
    counting = [c for c in concepts if c["important"]] or concepts
    costs = sum(
        c["covering"]["fall"] > 1.1 * max(c["covering"]["fall_at_random"], 0)
        for c in counting
        if c["covering"]
    )
    again = sum(c["found_again"] > refits["random_patches"] for c in concepts)
    areas = [f[c]["auc"] for c in ("deletion", "insertion", "random_deletion", "random_insertion")]
    lowest = min(min(f[c]["values"]) for c in ("deletion", "insertion"))
    first = map(abs, _pool(concepts[0]["covering"] or {}))
    told = [*drops, *map(abs, drops), *areas, lowest, f["images"], len(counting), costs, again]
    return [*told, *first, *_pool(data["kept"]), *_pool(refits), len(concepts), 0, 1]


def _pool(record: dict[str, Any]) -> list[float]:
    return [value for _, value in numbers(record, "")]


def _table(page: str, name: str) -> list[list[str]]:
    """Cells of the first table of a section, without its head."""
    section = page[page.index(f'class="{name}"') :]
    body = section[section.index("<tbody") : section.index("</tbody>")]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
    if name == "measures":
        return [[plain(cell).strip() for cell in row[1:3]] for row in cells]
    return [[plain(cell).strip() for cell in row] for row in cells]


def _numbers(data: dict[str, Any]) -> list[list[str]]:
    def span(pair: Sequence[float]) -> str:
        return f"{fixed(pair[0])} … {fixed(pair[1])}"

    rows = []
    for c in data["concepts"]:
        around, covering = c["reliability_interval"], c["covering"]
        right = "unknown" if c["reliability"] is None else fixed(c["reliability"])
        falls = [fixed(covering[f]) for f in ("fall", "fall_at_random")] if covering else ["–"]
        rows.append(
            [
                f"concept {c['number']}",
                fixed(c["share"]),
                span(c["interval"]),
                span(c["share_range"]) if c["share_range"] else "–",
                "–" if c["found_again"] is None else fixed(c["found_again"]),
                fixed(c["null_share"]),
                fixed(c["prevalence"]),
                str(c["dominates"]),
                f"{right} ({span(around)})" if around and c["reliability"] is not None else right,
                " / ".join(falls),
            ]
        )
    rest = ["everything else", fixed(data["kept"]["everything_else"])]
    return [*rows, rest + [""] * 8]


def _measures(data: dict[str, Any], site: list[dict[str, Any]]) -> list[list[str]]:
    def middle(key: str) -> list[str]:
        values = [one["metrics"][key] for one in site if one["metrics"][key] is not None]
        return [brief(median(values))] if len(site) > 1 else []

    return [[brief(data["metrics"][key]), *middle(key)] for key in MEASURES]


def _rows(graph: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(graph["columns"], row, strict=True)) for row in graph["images"]]


def _row(image: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """One image as the graph has it."""
    total = sum(map(abs, image["importance"]))
    shares = [v / total for v in image["importance"]]
    order = sorted(range(len(shares)), key=lambda i: (-abs(shares[i]), i))
    labels = sorted({x["label_name"] for x in data["images"] if x["label_name"]})
    wrong = image["label"] != data["name"]["index"]
    strategy = image["strategy"] or 0
    return {
        "x": Near(image["x"], 5.1e-4),
        "y": Near(image["y"], 5.1e-4),
        "label": -1 if image["label"] is None else labels.index(image["label_name"]),
        "probability": Near(image["probability"], 1.1e-4),
        "strategy": strategy,
        "belongs": Near(image["membership"][strategy - 1] if strategy else 0, 1.1e-4),
        "dominant": image["dominant"],
        "right": -1 if image["label"] is None else int(not wrong),
        "key": image["key"],
        "top": [
            [i + 1, Near(shares[i], 1.1e-4)]
            for rank, i in enumerate(order)
            if rank < 3 or abs(shares[i]) >= 0.01
        ],
        "rest": Near(image["everything_else"] / total, 1.1e-4),
    }


def fixed(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float) -> str:
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}".replace("-", "−")


def percent(share: float) -> str:
    size = round(100 * abs(share))
    if size == 0:
        return "< 1 %" if share > 0 else "0 %"
    if size == 100 and abs(share) < 1:
        return "> 99 %" if share > 0 else "−99 %"
    return f"{'−' * (share < 0)}{size} %"


def brief(value: float | None) -> str:
    """Three figures, or a whole number."""
    if value is None:
        return "unknown"
    whole = value == int(value) or abs(value) >= 100
    return (f"{value:,.0f}" if whole else f"{value:#.3g}").replace("-", "−")
