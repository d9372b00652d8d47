"""What a class's groups, their graph and its files say, on planted importance."""

import gzip
import io
import json

import networkx as nx
import numpy as np
import pytest

from lens_site.bench.strategies import cloud, patterns
from lens_site.classes.concepts import ClassConcepts
from lens_site.classes.grouping import Grouping, group_images
from lens_site.classes.inputs import ClassImages, Settings
from lens_site.classifier.labels import Labels
from lens_site.importance.summary import wilson
from lens_site.results.schema import ClassName

SETTINGS = Settings(
    extraction="nmf", concepts=10, crops=False, score="logit", importance="gradient-input",
    strategies="copula", seed=0,
)  # fmt: skip
LABELS = Labels([ClassName(index=i, slug=f"{i:04d}-{n}", name=n) for i, n in enumerate("abc")])


def grouped(phi: np.ndarray) -> Grouping:
    n = len(phi)
    labels = np.where(np.arange(n) % 4 == 0, 2, 1)
    labels[:10] = -1
    images = ClassImages(
        index=1, key="", predicted=n, names=tuple(map(str, range(n))), labels=labels,
        probabilities=(0.5,) * n, logits=(1.0,) * n,
    )  # fmt: skip
    concepts = object.__new__(ClassConcepts)
    object.__setattr__(concepts, "phi", phi)
    return group_images(images, concepts, SETTINGS, LABELS)


@pytest.fixture(scope="module")
def apart() -> Grouping:
    return grouped(patterns(90, 3, "very strong", seed=0)[0])


@pytest.fixture(scope="module")
def blended() -> Grouping:
    return grouped(cloud("flat Dirichlet", 70, 0))


def test_images_that_separate_get_strategies(apart: Grouping) -> None:
    assert apart.separation.groups == len(apart.strategies) == 3
    assert apart.separation.p_value == 0.01
    assert apart.separation.method == "copula"
    assert set(apart.assignment) == {1, 2, 3}
    for number, row in zip(apart.assignment, apart.memberships, strict=True):
        assert number == 1 + int(np.argmax(row))
        assert sum(row) == pytest.approx(1, abs=1e-5)
    assert {edge.strategy for edge in apart.edges} == {1, 2, 3}


def test_groups_and_strategies_are_described(apart: Grouping) -> None:
    for groups in (apart.groups, apart.strategies):
        assert [group.number for group in groups] == list(range(1, len(groups) + 1))
        assert sum(group.size for group in groups) == 90
        assert sum(group.prevalence for group in groups) == pytest.approx(1, abs=1e-4)
    assert len({group.dominant for group in apart.groups}) == len(apart.groups)
    first = apart.strategies[0]
    members = [i for i, number in enumerate(apart.assignment) if number == 1]
    known = [i for i in members if i >= 10]
    right = sum(i % 4 != 0 for i in known)
    assert first.reliability == pytest.approx(right / len(known), abs=1e-5)
    assert first.reliability_interval == pytest.approx(wilson(right, len(known)), abs=1e-5)
    assert [(m.name, m.count) for m in first.mistakes] == [("c", len(known) - right)]
    assert sum(first.apart) == pytest.approx(0, abs=1e-4)  # shares that one has, others lack
    assert first.apart[first.dominant - 1] == max(first.apart)


def test_images_that_blend_get_none_and_leading_groups_are_the_hubs(blended: Grouping) -> None:
    assert blended.strategies == ()
    assert blended.assignment == (None,) * 70
    assert blended.memberships == ((),) * 70
    assert blended.separation.groups == 0
    assert "one continuous cloud" in blended.separation.reason
    assert {edge.strategy for edge in blended.edges} == {g.number for g in blended.groups}
    assert b'"kind":"group"' in _json(blended)
    assert b"strategy" not in _json(blended)


def _json(grouping: Grouping) -> bytes:
    return gzip.decompress(grouping.files["graph.json.gz"])


def test_the_graph_is_in_both_files(apart: Grouping) -> None:
    graph = nx.node_link_graph(json.loads(_json(apart)), edges="edges")
    other = nx.read_graphml(io.BytesIO(gzip.decompress(apart.files["graph.graphml.gz"])))
    assert set(graph) == set(other)
    assert sum(node.startswith("image-") for node in graph) == 90
    for edge in apart.edges:
        ends = f"strategy-{edge.strategy}", f"concept-{edge.concept}"
        assert graph.edges[ends]["weight"] == other.edges[ends]["weight"]
        assert graph.edges[ends]["weight"] == pytest.approx(edge.weight, abs=1e-4)
    np.testing.assert_allclose(graph.nodes["image-7"]["x"], apart.layout[7, 0], atol=1e-4)


def test_few_unlabeled_images_are_grouped_too() -> None:
    few = grouped(np.eye(10)[[0, 0, 1]])
    assert [group.reliability for group in few.groups] == [None, None]
    assert [group.reliability_interval for group in few.groups] == [None, None]
    assert few.separation.p_value is None
    assert few.separation.reason.startswith("3 images are too few")


def test_the_same_bytes_again(blended: Grouping) -> None:
    again = grouped(cloud("flat Dirichlet", 70, 0))
    assert again.files == blended.files
    assert again.layout.tobytes() == blended.layout.tobytes()
