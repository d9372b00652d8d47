"""Positions, bars and the data of the graph."""

import pytest
from site_run import make_class

from lens_site.site.figures import REACH, bars, graph_data, scatter, thumbnail, tones


def test_dots_stand_where_the_layout_says_with_y_upwards() -> None:
    result, _ = make_class()
    dots = scatter(result)
    assert len(dots) == len(result.images)
    for dot, image in zip(dots, result.images, strict=True):
        assert float(dot.x) == pytest.approx(50 + 50 * image.x / REACH, abs=0.01)
        assert float(dot.y) == pytest.approx(50 - 50 * image.y / REACH, abs=0.01)
    assert [d.wrong for d in dots] == [i.label == 968 for i in result.images]


def test_bars_share_one_axis_and_keep_their_sign() -> None:
    result, _ = make_class()
    drawn = bars(result.concepts)
    zero = float(drawn[0].zero)
    assert {b.zero for b in drawn} == {drawn[0].zero}
    assert zero > 0, "the last concept is negative, so the axis reaches below zero"
    first, last = drawn[0], drawn[-1]
    assert float(first.left) == zero
    assert float(last.left) < zero
    assert float(last.left) + float(last.width) == pytest.approx(zero, abs=0.02)
    ratio = float(first.width) / float(last.width)
    assert ratio == pytest.approx(-result.concepts[0].share / result.concepts[-1].share, rel=0.01)


def test_a_thumbnail_is_found_by_row_and_column() -> None:
    result, _ = make_class(images=12)
    crop = thumbnail(result.sprite, 7, 12, "seven")
    assert (crop.row, crop.column, crop.rows, crop.columns) == (1, 2, 3, 5)


def test_only_important_concepts_carry_a_color() -> None:
    result, _ = make_class()
    assert tones(result) == {1: "c1", 2: "c2", 3: "c0", 4: "c0"}


def test_the_graph_tells_label_mistake_and_concepts_by_size() -> None:
    result, _ = make_class()
    data = graph_data(result)
    assert len(data["images"]) == 40
    first, last = data["images"][0], data["images"][-1]
    assert (data["labels"][first[2]], first[6]) == ("cup", 0)
    assert (data["labels"][last[2]], last[6]) == ("espresso", 1)
    assert [number for number, _ in first[8]] == [2, 1, 3, 4]
    assert [number for number, _ in last[8]] == [1, 2, 3, 4]
    total = sum(abs(v) for v in result.images[-1].importance)
    assert last[8][0][1] == pytest.approx(result.images[-1].importance[0] / total, abs=1e-3)


def test_unlabelled_images_are_neither_right_nor_wrong() -> None:
    result, _ = make_class(wrong=None)
    assert {row[6] for row in graph_data(result)["images"]} == {-1}


def test_concept_nodes_stand_apart_inside_the_frame() -> None:
    result, _ = make_class(concepts=8)
    nodes = [c["node"] for c in graph_data(result)["concepts"] if c["node"]]
    assert len(nodes) >= 2
    assert all(abs(v) < REACH for node in nodes for v in node)
    assert len({tuple(n) for n in nodes}) == len(nodes)
