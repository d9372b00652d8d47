"""The page of one concept: every number on it, from ``class.json`` and ``model.json``."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from oracles.page.agreement import Agreement, Between, Near
from oracles.page.charts import (
    check_bars,
    check_histogram,
    core,
    core_says,
    covered,
    histogram_says,
    verdict,
)
from oracles.page.shown import check_pairs, toward
from oracles.page.subject import unit
from oracles.page.written import (
    description,
    fixed,
    images,
    look,
    percent,
    plain,
    pool_of,
    readable,
    short,
    span,
)
from safetensors.numpy import load_file

APART = ("tiles", "typical", "weak", "parts")
"""What says where pictures are cut from; it stands in ``class.json`` alone."""


def check_concept_page(folder: Path, number: int, run: Path) -> Agreement:
    """Hold the page and the numbers beside it against those of its class and run."""
    data = json.loads((folder / "class.json").read_text(encoding="utf-8"))
    model = json.loads((run / "model.json").read_text(encoding="utf-8"))
    here = folder / "concepts" / f"{number:02d}"
    beside = json.loads((here / "concept.json").read_text(encoding="utf-8"))
    whole = (here / "index.html").read_text(encoding="utf-8")
    concept, agreement = data["concepts"][number - 1], Agreement()
    point = {(p["index"], p["concept"]): p for p in model["points"]}.get(
        (data["name"]["index"], number), {"neighbors": []}
    )
    sizes = {group["number"]: len(group["members"]) for group in model["groups"]}
    shared_by = sizes.get(point.get("group"), 0)
    agreement.compare(
        beside,
        {
            "run": run.name,
            "class": data["name"],
            "concept": {k: v for k, v in concept.items() if k not in APART},
            "name": None,
            "images": len(data["images"]),
            "random_patches": data["refits"] and data["refits"]["random_patches"],
            "mistakes": _mistakes(concept, data),
            "similar": point["neighbors"],
            "shared_by": shared_by,
            "random_pairs": model["reference"] and model["reference"]["random_high"],
        },
        "concept.json",
    )
    page = readable(whole)
    check_bars(agreement, page, [concept], [])
    check_histogram(agreement, whole, concept["histogram"])
    check_pairs(agreement, f"concept {number}", page, concept, [10, 10])
    for kind in ("typical", "weak"):
        found = re.search(rf"<h3>{kind.title()}</h3>.*?</ul>", page, re.DOTALL)
        frames = _frames(found[0]) if found else []
        agreement.compare(frames, [_frame(t, data) for t in concept[kind]], f"{kind} images")
    names = {json.loads(p.read_text())["name"]["index"]: p.parent.name for p in _classes(folder)}
    _alike(agreement, page, point["neighbors"], model["reference"], names)
    parts = [page.partition("<section")[0], *re.findall(r"<section.*?</section>", page, re.DOTALL)]
    found = [re.search(r"<h[123][^>]*>(.*?)</h[123]>", part, re.DOTALL) for part in parts]
    headings = [plain(one[1]).strip() if one else "" for one in found]
    agreement.compare(headings, _headings(concept, data, point), "headings")
    head = _of(headings[0], concept, data, point, model["reference"], shared_by)
    look(agreement, f"concept {number}, description", description(whole), head[0], head[1][:2])
    for heading, part in zip(headings, parts, strict=True):
        pool, wanted = _of(heading, concept, data, point, model["reference"], shared_by)
        look(agreement, f"concept {number}, {heading}", part, pool, wanted)
        page = page.replace(part, "", 1)
    look(agreement, f"concept {number}, the rest", page, [], [])
    return agreement


def _headings(concept: dict[str, Any], data: dict[str, Any], point: dict[str, Any]) -> list[str]:
    number, named = concept["number"], data["name"]["name"]
    examples = "Typical" if concept["typical"] else "Weak" if concept["weak"] else ""
    elsewhere = "Elsewhere in the model" if toward(concept, data) or point["neighbors"] else ""
    parts = [f"{number} Concept {number} of {named}", "Where it is strongest", examples]
    parts += ["How much it counts", "Where it leads, and misleads", elsewhere]
    return [part for part in parts if part]


def _of(
    heading: str,
    concept: dict[str, Any],
    data: dict[str, Any],
    point: dict[str, Any],
    reference: dict[str, Any] | None,
    shared_by: int,
) -> tuple[list[float], list[str]]:
    """Numbers that a part of the page may show, and texts that it has to."""
    number, n, share = concept["number"], len(data["images"]), percent(concept["share"])
    leads = percent(concept["prevalence"]) if concept["dominates"] else ""
    shared = [concept["share"], concept["prevalence"], n, number]
    if "Concept" in heading:
        drawn = concept["visualization"]
        pool = [*shared, number - 1, number + 1, *(core(concept["mean_map"]) or ())]
        wanted = [share, f"{leads} of {images(n)}" if leads else "", core_says(concept["mean_map"])]
        for kind in ("drawn", "accentuated") if drawn else ():
            wanted.append(verdict(drawn[kind]))
            pool += [drawn[kind]["rank"] - 1, drawn[kind]["ratio"]]
        return pool, wanted
    if "strongest" in heading:
        tiles = len(concept["tiles"])
        return [number, min(10, tiles), tiles - 10], []
    if "Typical" in heading or "Weak" in heading:
        return [t["image"] + 1 for kind in ("typical", "weak") for t in concept[kind]], []
    if "counts" in heading:
        return _of_counts(concept, data)
    if "misleads" in heading:
        return _of_mistakes(concept, data)
    others = toward(concept, data)
    told = [f"{a['name']} {fixed(a['cosine'], 2)}" for a in others]
    pool = [a["cosine"] for a in others]
    if reference:
        pool += [reference["random_high"], 0.99]
        above = [p for p in point["neighbors"] if p["cosine"] > reference["random_high"]][:4]
        pool.append(shared_by)
        pool += [v for p in above for v in (p["concept"], p["cosine"])]
        told += [fixed(p["cosine"], 2) for p in above] + [fixed(reference["random_high"], 2)]
    return pool, told


def _of_counts(concept: dict[str, Any], data: dict[str, Any]) -> tuple[list[float], list[str]]:
    covering, again, drawn = concept["covering"], concept["found_again"], concept["histogram"]
    low, high = map(percent, concept["interval"])
    wanted = [f"{percent(concept['share'])} {low} to {high} when images are drawn again"]
    if concept["null_share"] > 0:
        wanted.append(f"directions drawn by chance reach {percent(concept['null_share'])}")
    if concept["share_range"]:
        low, high = map(percent, concept["share_range"])
        wanted.append(
            f"over all fits {low} to {high} share of it, and of its match when learned again"
        )
    if again is not None:
        random = fixed(data["refits"]["random_patches"], 2)
        beside = f"likeness to that match; random patches reach {random}"
        wanted.append(f"found again {fixed(again, 2)} {beside}")
    if covering:
        fall, random = covered(concept)
        many = images(covering["images"])
        wanted.append(f"covering it {fall} change of the score in {many}; at random {random}")
    pool = [concept["share"], *concept["interval"], concept["null_share"], again or 0]
    pool += [*(concept["share_range"] or ()), data["refits"]["random_patches"]]
    pool += [*pool_of(covering or {}), *(-v for v in pool_of(covering or {}))]
    if drawn:
        width = (drawn["high"] - drawn["low"]) / len(drawn["counts"])
        pool += [len(data["images"]), drawn["low"], drawn["high"], drawn["low"] + width]
        pool += [
            drawn["counts"][0],
            max(drawn["counts"]),
            *([] if concept["share_range"] else [95]),
        ]
        wanted += [histogram_says(drawn), f"{max(drawn['counts']):,} {short(drawn['low'])} "]
    return pool, wanted


def _of_mistakes(concept: dict[str, Any], data: dict[str, Any]) -> tuple[list[float], list[str]]:
    labels = _mistakes(concept, data)
    wanted = [f"{label['name']} {label['count']}" for label in labels]
    pool = [concept["dominates"], len(data["images"]), *(label["count"] for label in labels)]
    if concept["dominates"]:
        wanted.append(f"{concept['dominates']:,} of {images(len(data['images']))}")
    if concept["reliability"] is not None:
        around = span(concept["reliability_interval"])
        wanted.append(f"right in {percent(concept['reliability'])} of those with a label")
        wanted.append(f"(95% interval {around})")
        pool += [concept["reliability"], *concept["reliability_interval"], 0.95]
    return [*pool, *(x + 1 for x in _wrong(concept, data)[:4])], wanted


def _wrong(concept: dict[str, Any], data: dict[str, Any]) -> list[int]:
    """Images that a concept leads and that carry another label."""
    known = (None, data["name"]["index"])
    led = [x for x, i in enumerate(data["images"]) if i["dominant"] == concept["number"]]
    return [x for x in led if data["images"][x]["label"] not in known]


def _mistakes(concept: dict[str, Any], data: dict[str, Any]) -> list[dict[str, Any]]:
    """Their labels, the most frequent first."""
    labels = Counter(
        (data["images"][x]["label"], data["images"][x]["label_name"]) for x in _wrong(concept, data)
    )
    order = sorted(labels.items(), key=lambda pair: (-pair[1], pair[0][1]))
    return [{"index": index, "name": name, "count": count} for (index, name), count in order]


def _frames(markup: str) -> list[list[int]]:
    """Image, from 1, and column, row, left and top in percent of each frame."""
    found = re.findall(r'#image=(\d+)" style="([^"]*)"', markup)
    names = ("x", "y", "l", "t")
    return [
        [int(image), *(int((re.findall(rf"--{v}:(\d+)", style) or ["0"])[0]) for v in names)]
        for image, style in found
    ]


def _frame(tile: dict[str, Any], data: dict[str, Any]) -> list[Any]:
    row, column = divmod(tile["image"], data["sprite"]["columns"])
    edges = [Near(100 * edge, 0.51) for edge in tile["box"][:2]]
    return [tile["image"] + 1, column, row, *edges]


def _classes(folder: Path) -> list[Path]:
    return sorted(folder.parent.glob("*/class.json"))


def _alike(
    agreement: Agreement,
    page: str,
    neighbors: list[dict[str, Any]],
    reference: dict[str, Any] | None,
    slugs: dict[int, str],
) -> None:
    """The four nearest that are more alike than chance would have it, with their addresses."""
    found = re.findall(
        r'<li><a href="\.\./\.\./\.\./([^/]+)/concepts/(\d+)/index.html">.*?'
        r'<span class="num">([^<]+)</span>( <small>)?',
        page,
        re.DOTALL,
    )
    above = [p for p in neighbors if reference and p["cosine"] > reference["random_high"]][:4]
    wanted = [
        [slugs[p["index"]], f"{p['concept']:02d}", fixed(p["cosine"], 2), bool(p["mutual"])]
        for p in above
    ]
    agreement.compare([[*f[:3], bool(f[3])] for f in found], wanted, "similar concepts")


def check_neighbors(run: Path) -> Agreement:
    """Hold the neighbors of all concepts against the dictionaries of the classes of a run.

    What random pairs reach is drawn by a seed: it is looked at loosely, among all pairs.
    """
    model, agreement = json.loads((run / "model.json").read_text(encoding="utf-8")), Agreement()
    atoms = []
    for path in sorted(run.glob("*/result.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        rows = unit(load_file(path.parent / "arrays.safetensors")["dictionary"].astype(np.float64))
        index = result["name"]["index"]
        atoms += [
            (index, c["number"], row)
            for c, row in zip(result["concepts"], rows, strict=True)
            if c["tiles"]
        ]
    classes = np.array([index for index, _, _ in atoms])
    rows = np.stack([row for _, _, row in atoms])
    cosines = np.where(classes[:, None] == classes, -np.inf, rows @ rows.T)
    if model["reference"] is None:  # of one class
        agreement.compare([p["neighbors"] for p in model["points"]], [[]] * len(atoms), "neighbors")
        return agreement
    threshold = model["reference"]["threshold"]
    for at, (point, (index, number, _)) in enumerate(zip(model["points"], atoms, strict=True)):
        best = {
            c: max(np.flatnonzero(classes == c), key=lambda j: cosines[at, j])
            for c in dict.fromkeys(classes.tolist())
            if c != index
        }
        wanted = [
            {
                "index": atoms[j][0],
                "concept": atoms[j][1],
                "cosine": Near(cosines[at, j], 2e-6),
                "mutual": bool(
                    cosines[at, j] >= threshold
                    and at == max(np.flatnonzero(classes == index), key=lambda i: cosines[j, i])
                ),
            }
            for j in sorted(best.values(), key=lambda j: -cosines[at, j])[:5]
        ]
        told = {name: point[name] for name in ("index", "concept", "neighbors")}
        mine = {"index": index, "concept": number, "neighbors": wanted}
        agreement.compare(told, mine, f"model.json, concept {number} of {index}")
    all_pairs = cosines[np.isfinite(cosines)]
    for name, part in (("random_median", 0.5), ("random_high", 0.99)):
        low, high = np.quantile(all_pairs, [part - 0.003, part + 0.003])
        ends = low - 1e-6, high + 1e-6
        agreement.compare(model["reference"][name], Between(*ends), f"model.json, {name}")
    return agreement
