"""The scatter of the images, and the concepts among them."""

import math
from itertools import combinations

import pytest
from tiny_results import make_class

from lens_site.results.schema import ClassResult
from lens_site.site.charts.nodes import concept_nodes
from lens_site.site.charts.scatter import axes, scatter


def moved(result: ClassResult, scale: float) -> ClassResult:
    images = tuple(
        i.model_copy(update={"x": 0.5 + scale * i.x, "y": scale * i.y}) for i in result.images
    )
    return result.model_copy(update={"images": images})


@pytest.mark.parametrize("scale", [1.0, 0.2])
def test_the_box_fits_the_images_with_y_upwards(scale: float) -> None:
    result = moved(make_class()[0], scale)
    dots = scatter(result).dots
    across, up = axes(result)
    for dot, image in zip(dots, result.images, strict=True):
        assert float(dot.x) == pytest.approx(across.place(image.x), abs=0.01)
        assert float(dot.y) == pytest.approx(up.place(image.y), abs=0.01)
    for places in ([float(d.x) for d in dots], [float(d.y) for d in dots]):
        assert min(places) + max(places) == pytest.approx(100, abs=0.02)
        assert 5 < min(places) < 10
    highest = max(range(len(dots)), key=lambda i: result.images[i].y)
    assert float(dots[highest].y) == min(float(d.y) for d in dots)
    assert [d.wrong for d in dots] == [i.label == 968 for i in result.images]


def test_one_image_stands_in_the_middle() -> None:
    (dot,) = scatter(make_class(images=1, concepts=1)[0]).dots
    assert (dot.x, dot.y) == ("50", "50")


@pytest.mark.parametrize("apart", [True, False])
def test_concept_nodes_stand_among_their_images_and_apart(apart: bool) -> None:
    result, _ = make_class(concepts=8, apart=apart)
    nodes = list(concept_nodes(result).values())
    across, up = axes(result)
    places = [(across.place(x), up.place(y)) for x, y in nodes]
    assert len(places) >= 2
    assert all(0 < v < 100 for place in places for v in place)
    assert min(math.dist(a, b) for a, b in combinations(places, 2)) > 8
