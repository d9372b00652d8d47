"""The files beside a class page: arrays, graph, code maps, and whether they are what is sealed."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from oracles.page.agreement import Agreement, Near
from oracles.page.pictures import check_pictures
from oracles.page.subject import ROOM, Subject
from PIL import Image

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def check_files(it: Subject, folder: Path) -> Agreement:
    """Hold all files of a class but ``result.json`` against what they are made of."""
    agreement = Agreement()
    for name, digest in it.stored["files"].items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        agreement.compare(found, digest, f"SHA-256 of {name}")
    _arrays(agreement, it)
    _graph(agreement, it, folder)
    _maps(agreement, it, folder)
    sprite = it.stored["sprite"]
    rows = -(-len(it.keys) // sprite["columns"])
    with Image.open(folder / sprite["file"]) as picture:
        side = sprite["size"]
        agreement.compare(list(picture.size), [sprite["columns"] * side, rows * side], "sprite")
    agreement.add(check_pictures(it))
    return agreement


def _arrays(agreement: Agreement, it: Subject) -> None:
    order = np.argsort(-np.abs(it.phi.sum(axis=0)), kind="stable")
    largest = np.abs(it.phi).max()
    wanted = {
        "codes": (it.codes, 6e-4 * it.codes + ROOM * it.codes.max()),  # in half precision
        "importance": (it.phi, np.full(it.phi.shape, ROOM * largest)),
        "dictionary": (it.arrays["extractor.dictionary"][it.arrays["order"]], 0.0),
        "order": (it.arrays["order"][order], 0.0),
    }
    for name, (mine, room) in wanted.items():
        apart = np.abs(it.arrays[name] - mine) > room
        agreement.compared += apart.size
        agreement.differ += [f"arrays: {name}{at.tolist()}" for at in np.argwhere(apart)[:20]]


def _graph(agreement: Agreement, it: Subject, folder: Path) -> None:
    """Images and groups stand where ``class.json`` has them, and so do the weights."""
    told = json.loads(gzip.decompress((folder / "graph.json.gz").read_bytes()))
    hubs = it.stored["strategies"] or it.stored["groups"]
    kind = "strategy" if it.stored["strategies"] else "group"
    points = np.array([[x["x"], x["y"]] for x in it.stored["images"]])
    shares = np.abs(it.phi / np.abs(it.phi).sum(axis=1, keepdims=True))
    nodes = {f"image-{i}": (*xy, None) for i, xy in enumerate(points)}
    nodes |= {f"{kind}-{h['number']}": (h["x"], h["y"], h["size"]) for h in hubs}
    for i in {edge["concept"] for edge in it.stored["edges"]}:
        nodes[f"concept-{i}"] = (*np.average(points, axis=0, weights=shares[:, i - 1]), None)
    agreement.compare(sorted(n["id"] for n in told["nodes"]), sorted(nodes), "graph.json.gz")
    for node in told["nodes"]:
        x, y, size = nodes[node["id"]]
        mine: dict[str, Any] = {"x": Near(x, 6e-4), "y": Near(y, 6e-4)}
        mine |= {"id": node["id"], "kind": node["id"].split("-")[0], "size": size}
        mine["number"] = int(node["id"].split("-")[1])
        agreement.compare(node, {k: v for k, v in mine.items() if v is not None}, node["id"])
    weights = {
        (f"{kind}-{e['strategy']}", f"concept-{e['concept']}"): e["weight"]
        for e in it.stored["edges"]
    }
    links = {(e["source"], e["target"]): e["weight"] for e in told["edges"]}
    between = {
        ends: v for ends, v in links.items() if ends[0] in dict.fromkeys(h for h, _ in weights)
    }
    for ends, weight in weights.items():
        found = between.get(ends, links.get(ends[::-1]))
        agreement.compare(found, Near(weight, 6e-5), " – ".join(ends))
    xml = gzip.decompress((folder / "graph.graphml.gz").read_bytes()).decode()
    agreement.compare(len(re.findall("<node ", xml)), len(nodes), "nodes of the GraphML")
    agreement.compare(len(re.findall("<edge ", xml)), len(links), "edges of the GraphML")


def _maps(agreement: Agreement, it: Subject, folder: Path) -> None:
    """Three concepts of largest |φ| an image, a digit of 64 a place (grids of at most 8 × 8)."""
    size, *lines = (folder / it.stored["maps_file"]).read_text(encoding="utf-8").split("\n")
    n, h, w, _ = it.codes.shape
    agreement.compare([int(v) for v in size.split()], [h, w], "maps: grid")
    full = it.codes.max(axis=(0, 1, 2))
    for x in range(n):
        for i, one in zip(
            np.argsort(-np.abs(it.phi[x]), kind="stable"), lines[x].split(), strict=False
        ):
            number, _, digits = one.partition(":")
            agreement.compare(int(number), int(i) + 1, f"maps[{x}]")
            mine = (63 * it.codes[x, :, :, i] / full[i]).ravel()
            for place, digit in enumerate(digits):
                at = f"maps[{x}] of concept {number}, place {place}"
                agreement.compare(DIGITS.index(digit), Near(mine[place], 0.51), at)
