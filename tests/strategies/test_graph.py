import gzip
import io
import json

import networkx as nx
import numpy as np
import pytest

from lens_site.strategies import build, edges, graphml, node_link

POINTS = np.array([[0.7, 0.3, 0.0], [0.9, 0.1, 0.0], [0.02, -0.4, 0.58]])
LAYOUT = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, -1.0]])


def made(hubs: str = "strategy") -> nx.Graph:
    return build(POINTS, np.array([1, 1, 2]), LAYOUT, hubs=hubs)


def test_strategic_cluster_graph() -> None:
    graph = made()
    assert graph.nodes["strategy-1"] == {
        "kind": "strategy", "number": 1, "x": 0.5, "y": 0.5, "size": 2,
    }  # fmt: skip
    assert graph.nodes["image-2"] == {"kind": "image", "number": 2, "x": -1.0, "y": -1.0}
    assert graph.has_edge("image-0", "strategy-1")
    assert [(s, c, pytest.approx(w)) for s, c, w in edges(graph)] == [
        (1, 1, 0.8),
        (1, 2, 0.2),
        (2, 2, -0.4),
        (2, 3, 0.58),
    ]


def test_a_concept_stands_where_its_images_are() -> None:
    nodes = made().nodes
    assert (nodes["concept-3"]["x"], nodes["concept-3"]["y"]) == (-1, -1)
    assert nodes["concept-2"]["x"] == pytest.approx((0.1 - 0.4) / 0.8)


def test_a_hub_always_keeps_its_strongest_concept() -> None:
    graph = build(np.zeros((2, 3)), np.array([1, 1]), np.zeros((2, 2)))
    assert edges(graph) == [(1, 1, 0.0)]


@pytest.mark.parametrize("hubs", ["strategy", "group"])
def test_the_files_hold_the_same_graph(hubs: str) -> None:
    graph = made(hubs)
    read = (
        nx.node_link_graph(json.loads(gzip.decompress(node_link(graph))), edges="edges"),
        nx.read_graphml(io.BytesIO(gzip.decompress(graphml(graph)))),
    )
    for other in read:
        assert set(other) == set(graph)
        for node, facts in graph.nodes(data=True):
            assert other.nodes[node] == pytest.approx(facts, abs=1e-3)
        assert len(other.edges) == len(graph.edges)
        for a, b, weight in graph.edges(data="weight"):
            assert other.edges[a, b]["weight"] == pytest.approx(weight, abs=1e-3)
    assert f'"id":"{hubs}-1"' in gzip.decompress(node_link(graph)).decode()


def test_the_files_are_the_same_bytes_again() -> None:
    assert (node_link(made()), graphml(made())) == (node_link(made()), graphml(made()))
