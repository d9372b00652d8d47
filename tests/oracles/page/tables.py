"""The two tables of a class page, written anew cell by cell."""

import re
from collections.abc import Sequence
from statistics import median
from typing import Any

from oracles.page.agreement import Agreement
from oracles.page.written import NUMBER, brief, fixed, plain

MEASURES = {
    "explained_logit": "explained logit",
    "logit_r2": "logit R²",
    "relative_l2": "reconstruction error",
    "r2": "R²",
    "sparsity": "sparsity",
    "dead_concepts": "dead concepts",
    "wasserstein_1": "Wasserstein distance",
    "frechet_distance": "Fréchet distance",
    "ood": "out of distribution",
}


def check_tables(
    agreement: Agreement, page: str, data: dict[str, Any], site: list[dict[str, Any]]
) -> str:
    """Compare them, and return the page without what is compared."""
    for name, mine in (("numbers", _numbers(data)), ("measures", _measures(data, site))):
        body = _body(page, name)
        rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
        cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]
        cells = [row[1:] for row in cells] if name == "measures" else cells
        told = [[plain(cell).strip() for cell in row] for row in cells]
        agreement.compare(told, mine, f"table of the {name}")
        agreement.compared += sum(len(NUMBER.findall(cell)) for row in mine for cell in row)
        if name == "numbers":
            page = page.replace(body, "", 1)
        else:  # what a metric has to be held against stands in its name's cell
            values = re.findall(r"<td\b.*?</td>", body, re.DOTALL)
            for value in values:
                page = page.replace(value, "", 1)
    return page


def _body(page: str, name: str) -> str:
    section = page[page.index(f'class="{name}"') :]
    return section[section.index("<tbody") : section.index("</tbody>")]


def _numbers(data: dict[str, Any]) -> list[list[str]]:
    def span(pair: Sequence[float]) -> str:
        return f"{fixed(pair[0])} … {fixed(pair[1])}"

    rows = []
    tried = any(c["covering"] for c in data["concepts"])
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
                *([" / ".join(falls)] if tried else []),
            ]
        )
    rest = ["everything else", fixed(data["kept"]["everything_else"])]
    return [*rows, rest + [""] * (7 + tried)]


def _measures(data: dict[str, Any], site: list[dict[str, Any]]) -> list[list[str]]:
    """This class, the median of all, and where it stands among them in words."""
    rows = []
    for key, name in MEASURES.items():
        mine = data["metrics"][key]
        known = [one["metrics"][key] for one in site if one["metrics"][key] is not None]
        row = [brief(mine)]
        if len(site) > 1:
            row.append(brief(median(known)) if known else "–")
            told = f"{name}: from {brief(min(known))} to {brief(max(known))} over {len(known)} "
            told += "classes"
            if mine is not None:
                told += f"; this class is above {sum(v < mine for v in known)} of them"
            alike = min(known) == max(known)
            row.append("all alike" if alike else f"{told} {told}")  # as label and as title
        rows.append(row)
    return rows
