import numpy as np
import pytest

from lens_site.strategies import build, edges


def test_strategic_cluster_graph() -> None:
    points = np.array([[0.7, 0.3, 0.0], [0.9, 0.1, 0.0], [0.02, -0.4, 0.58]])
    layout = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, -1.0]])
    graph = build(points, np.array([1, 1, 2]), layout)
    assert graph.nodes["strategy", 1] == {"x": 0.5, "y": 0.5, "size": 2}
    assert graph.nodes["image", 2] == {"x": -1.0, "y": -1.0}
    assert graph.has_edge(("image", 0), ("strategy", 1))
    assert [(s, c, pytest.approx(w)) for s, c, w in edges(graph)] == [
        (1, 1, 0.8),
        (1, 2, 0.2),
        (2, 2, -0.4),
        (2, 3, 0.58),
    ]


def test_a_strategy_always_keeps_its_strongest_concept() -> None:
    graph = build(np.zeros((2, 3)), np.array([1, 1]), np.zeros((2, 2)))
    assert edges(graph) == [(1, 1, 0.0)]
