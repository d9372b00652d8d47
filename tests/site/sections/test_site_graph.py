"""The data of the graph: what its script reads."""

import json

import pytest
from tiny_results import make_class

from lens_site.site.sections.graph import graph_data


def test_the_graph_tells_label_mistake_and_concepts_by_size() -> None:
    result, _ = make_class()
    data = graph_data(result)
    assert len(data["images"]) == 40
    first, last = data["images"][0], data["images"][-1]
    assert (data["labels"][first.label], first.right) == ("cup", 0)
    assert (data["labels"][last.label], last.right) == ("espresso", 1)
    assert [number for number, _ in first.top] == [2, 1, 3, 4]
    assert [number for number, _ in last.top] == [1, 2, 3, 4]
    total = sum(abs(v) for v in result.images[-1].importance)
    assert last.top[0][1] == pytest.approx(result.images[-1].importance[0] / total, abs=1e-3)


def test_unlabeled_images_are_neither_right_nor_wrong() -> None:
    result, _ = make_class(wrong=None)
    assert {row.right for row in graph_data(result)["images"]} == {-1}


def test_the_rows_carry_the_names_of_their_columns() -> None:
    data = json.loads(json.dumps(graph_data(make_class()[0])))
    first = dict(zip(data["columns"], data["images"][0], strict=True))
    assert first["key"] == "folder/0.jpg"
    assert (first["x"], first["strategy"], first["probability"]) == (1.0, 2, 0.9)


@pytest.mark.parametrize(
    ("probability", "kept"), [(0.99999, 0.9999), (1e-7, 0.0001), (1.0, 1.0), (0.0, 0.0)]
)
def test_what_is_not_all_or_nothing_is_not_rounded_to_it(probability: float, kept: float) -> None:
    result, _ = make_class(images=1)
    image = result.images[0].model_copy(update={"probability": probability})
    row, *_ = graph_data(result.model_copy(update={"images": (image,)}))["images"]
    assert row.probability == kept
