"""The data of the graph inside a page: every number of it, from ``class.json``."""

import json
import re
from typing import Any

from oracles.page.agreement import Agreement, Between, Near
from oracles.page.written import percent

ROOM = 1.1e-4


def check_graph(agreement: Agreement, whole: str, data: dict[str, Any]) -> None:
    """Compare all of it; where concepts stand is a drawing, looked at loosely."""
    found = re.search(r'<script type="application/json">(.*?)</script>', whole, re.DOTALL)
    assert found, "the page holds no data of its graph"
    graph = json.loads(found[1])
    graph["images"] = [dict(zip(graph["columns"], row, strict=True)) for row in graph["images"]]
    agreement.compare(graph, _graph(graph, data), "graph")


def _graph(told: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    apart = bool(data["strategies"])
    hubs = data["strategies"] or data["groups"]
    across, up = _axis(data, "x"), _axis(data, "y")
    sprite, sharp, rows = data["sprite"], data["sharp"], -(-len(data["images"]) // 20)
    return {
        "across": [Near(v, ROOM) for v in across],
        "up": [Near(v, ROOM) for v in up],
        "labels": _labels(data),
        "sprite": {**sprite, "rows": rows},
        "sharp": sharp
        and {
            "files": sharp["files"],
            "columns": 5,
            "rows": sheet_rows(sharp),
            "full": 20,
            "size": 224,
            "images": sharp["images"],
        },
        "images": [_image(x, data) for x in data["images"]],
        "concepts": [
            {
                "number": c["number"],
                "share": _thin(percent(c["share"])),
                "tiles": len(c["tiles"]),
                "node": one["node"] and [Between(*across), Between(*up)],
            }
            for c, one in zip(data["concepts"], told["concepts"], strict=True)
        ],
        "small": 4,
        "strategies": [
            {
                "name": chr(64 + h["number"]) if apart else str(h["dominant"]),
                "number": h["number"],
                "size": h["size"],
                "prevalence": _thin(percent(h["prevalence"])),
                "share": Near(h["prevalence"], ROOM),
                "reliability": None if h["reliability"] is None else Near(h["reliability"], ROOM),
                "dominant": h["dominant"],
                "typical": h["prototypes"][0],
                "x": Near(h["x"], 5.1e-4),
                "y": Near(h["y"], 5.1e-4),
                "top": _top(h["profile"])[:3],
            }
            for h in hubs
        ],
        "edges": [
            [h["number"], i, Near(v, 5.1e-4)]
            for h in hubs
            for i, v in enumerate(h["profile"], start=1)
            if abs(v) >= 0.08
        ],
    }


def sheet_rows(sharp: dict[str, Any]) -> list[int]:
    """Rows of each sheet of larger pictures."""
    count = len(sharp["images"])
    return [-(-min(20, count - start) // 5) for start in range(0, count, 20)]


def _thin(text: str) -> str:
    return text.replace(" ", "\N{NARROW NO-BREAK SPACE}")


def _axis(data: dict[str, Any], name: str) -> tuple[float, float]:
    """The range of the images, at least 0.2, and nine percent of it left free on either side."""
    values = [x[name] for x in data["images"]]
    middle, half = (min(values) + max(values)) / 2, max(max(values) - min(values), 0.2) * 0.59
    return middle - half, middle + half


def _labels(data: dict[str, Any]) -> list[str]:
    return sorted({x["label_name"] for x in data["images"] if x["label_name"]})


def _image(image: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    strategy, right = image["strategy"] or 0, image["label"] == data["name"]["index"]
    unlabeled = image["label"] is None
    return {
        "x": Near(image["x"], 5.1e-4),
        "y": Near(image["y"], 5.1e-4),
        "label": -1 if unlabeled else _labels(data).index(image["label_name"]),
        "probability": Near(image["probability"], ROOM),
        "strategy": strategy,
        "belongs": Near(image["membership"][strategy - 1] if strategy else 0, ROOM),
        "dominant": image["dominant"],
        "right": -1 if unlabeled else int(right),
        "key": image["key"],
        "top": _top(image["importance"]),
        "rest": Near(image["everything_else"] / sum(map(abs, image["importance"])), ROOM),
    }


def _top(parts: list[float]) -> list[list[Any]]:
    """Shares by size; after the third, those below one percent are left out."""
    total = sum(map(abs, parts))
    order = sorted(range(len(parts)), key=lambda i: (-abs(parts[i]), i))
    return [
        [i + 1, Near(parts[i] / total, ROOM)]
        for rank, i in enumerate(order)
        if parts[i] and (rank < 3 or abs(parts[i]) >= 0.01 * total)
    ]
