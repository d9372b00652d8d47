"""The strategic cluster graph: images, the groups they are in, the concepts these rest on."""

import gzip
import json

import networkx as nx
import numpy as np
from jaxtyping import Float, Int
from networkx.readwrite.graphml import GraphMLWriter

WEAK = 0.05
"""Mean share under which a concept is not part of a group."""


def build(
    points: Float[np.ndarray, "n k"],
    assignment: Int[np.ndarray, " n"],
    layout: Float[np.ndarray, "n 2"],
    *,
    hubs: str = "strategy",
) -> nx.Graph:
    """Nodes ``image-i`` from 0, hubs ``strategy-s`` and ``concept-c`` from 1.

    Image nodes carry their place in the layout, hubs the median place and the number of their
    images, concepts the mean place of the images, weighted by their shares. An edge hub–concept
    weighs the concept's mean share in the hub, sign kept (methods of this project, §4); weak ones
    are left out, but never a hub's strongest. An edge image–hub weighs 1.
    """
    graph = nx.Graph()
    for i, (x, y) in enumerate(layout.tolist()):
        graph.add_node(f"image-{i}", kind="image", number=i, x=x, y=y)
    for number in range(1, int(assignment.max()) + 1):
        members = np.flatnonzero(assignment == number)
        x, y = np.median(layout[members], axis=0).tolist()
        hub = f"{hubs}-{number}"
        graph.add_node(hub, kind=hubs, number=number, x=x, y=y, size=len(members))
        graph.add_edges_from(((f"image-{i}", hub) for i in members), weight=1.0)
        mean = points[members].mean(axis=0)
        strongest = int(np.abs(mean).argmax())
        for concept, weight in enumerate(mean.tolist()):
            if abs(weight) >= WEAK or concept == strongest:
                x, y = _place(points[:, concept], layout)
                graph.add_node(
                    f"concept-{concept + 1}", kind="concept", number=concept + 1, x=x, y=y
                )
                graph.add_edge(hub, f"concept-{concept + 1}", weight=weight)
    return graph


def _place(
    shares: Float[np.ndarray, " n"], layout: Float[np.ndarray, "n 2"]
) -> tuple[float, float]:
    """Where the images of a concept are: their mean place, weighted by the size of its share."""
    weights = np.abs(shares)
    x, y = np.average(layout, axis=0, weights=weights if weights.any() else None)
    return float(x), float(y)


def edges(graph: nx.Graph) -> list[tuple[int, int, float]]:
    """Hub, concept and weight of every edge between them, in order."""
    found = []
    for a, b, weight in graph.edges(data="weight"):
        number = {
            graph.nodes[end]["kind"] == "concept": graph.nodes[end]["number"] for end in (a, b)
        }
        if True in number:
            found.append((number[False], number[True], weight))
    return sorted(found)


def node_link(graph: nx.Graph) -> bytes:
    """JSON, compressed, as ``networkx.node_link_graph`` and d3 read it; floats to four digits."""
    nodes = [{"id": node, **_short(facts)} for node, facts in graph.nodes(data=True)]
    links = [{"source": a, "target": b, **_short(facts)} for a, b, facts in graph.edges(data=True)]
    table = {"directed": False, "multigraph": False, "graph": {}, "nodes": nodes, "edges": links}
    return _compressed(json.dumps(table, separators=(",", ":")) + "\n")


def graphml(graph: nx.Graph) -> bytes:
    """GraphML, compressed, as networkx and Gephi open it; without lxml: equal bytes."""
    short = nx.Graph()
    short.add_nodes_from((node, _short(facts)) for node, facts in graph.nodes(data=True))
    short.add_edges_from((a, b, _short(facts)) for a, b, facts in graph.edges(data=True))
    return _compressed(str(GraphMLWriter(graph=short, encoding="utf-8")))


def _compressed(text: str) -> bytes:
    """Gzip a text without the time: equal bytes."""
    return gzip.compress(text.encode(), mtime=0)


def _short(facts: dict[str, str | int | float]) -> dict[str, str | int | float]:
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in facts.items()
    }
