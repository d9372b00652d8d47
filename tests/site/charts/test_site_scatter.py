"""The scatter of the images, and the concepts around it."""

import pytest
from tiny_results import make_class

from lens_site.site.charts.nodes import concept_nodes
from lens_site.site.charts.scatter import REACH, scatter


def test_dots_stand_where_the_layout_says_with_y_upwards() -> None:
    result, _ = make_class()
    dots = scatter(result).dots
    assert len(dots) == len(result.images)
    for dot, image in zip(dots, result.images, strict=True):
        assert float(dot.x) == pytest.approx(50 + 50 * image.x / REACH, abs=0.01)
        assert float(dot.y) == pytest.approx(50 - 50 * image.y / REACH, abs=0.01)
    assert [d.wrong for d in dots] == [i.label == 968 for i in result.images]


def test_concept_nodes_stand_apart_inside_the_frame() -> None:
    result, _ = make_class(concepts=8)
    nodes = list(concept_nodes(result).values())
    assert len(nodes) >= 2
    assert all(abs(v) < REACH for node in nodes for v in node)
    assert len(set(nodes)) == len(nodes)
