"""Which images are worth a larger picture."""

from tiny_results import make_class

from lens_site.classes.worth import worth_seeing
from lens_site.prototypes import Tile
from lens_site.results.schema import Strategy


def group(
    prototypes: tuple[int, ...], outliers: tuple[int, ...], mistaken: tuple[int, ...]
) -> Strategy:
    update = {"prototypes": prototypes, "outliers": outliers, "mistaken": mistaken}
    return make_class()[0].groups[0].model_copy(update=update)


def tiles(*images: int) -> list[Tile]:
    return [Tile(i, 0, 0, (0.0, 0.0, 1.0, 1.0), 1.0) for i in images]


def test_what_is_shown_by_name_comes_first_each_group_in_its_turn() -> None:
    groups = [group((0, 1, 2, 3), (4, 5, 6), (9,)), group((7,), (8, 4), ())]
    larger = worth_seeing(groups, [9, 10], [tiles(3, 11), tiles(6, 0)], 12)
    assert larger.order == (0, 7, 1, 2, 4, 8, 5, 9, 10, 3, 6, 11)
    assert larger.named == 8, "a fourth typical image and a third unusual one have no name"


def test_every_image_is_there_once() -> None:
    assert sorted(worth_seeing([], [], [tiles(2), []], 5).order) == list(range(5))
