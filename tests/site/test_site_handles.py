"""Handles of concepts: the nearest other classes, and none where nothing is known."""

from tiny_results import make_class

from lens_site.results.schema import Alignment
from lens_site.site.badges import badges_of
from lens_site.site.handles import address, as_in, handle, others, told


def test_a_handle_names_the_two_nearest_other_classes() -> None:
    result = make_class()[0]
    named = [(967, "espresso", 0.4), (1, "cup", 0.3), (2, "mug", 0.2), (3, "pot", 0.1)]
    aligned = tuple(Alignment(index=i, name=n, cosine=c) for i, n, c in named)
    found = result.concepts[0].model_copy(update={"aligned": aligned})
    assert told(found, result) == "as in cup, mug"
    assert [a.name for a in handle(found, result)] == ["cup", "mug"]
    assert [a.name for a in others(found, result)] == ["cup", "mug", "pot"]


def test_a_class_it_speaks_against_is_no_handle() -> None:
    result = make_class()[0]
    against = (Alignment(index=1, name="cup", cosine=-0.1),)
    assert told(result.concepts[0].model_copy(update={"aligned": against}), result) == ""


def test_a_head_that_is_not_linear_gives_no_handle() -> None:
    result = make_class()[0]
    assert told(result.concepts[0].model_copy(update={"aligned": ()}), result) == ""
    assert as_in([]) == ""


def test_a_badge_carries_the_handle_and_the_address_of_its_page() -> None:
    badge = badges_of(make_class(concepts=12)[0])[11]
    assert (badge.handle, badge.page) == ("as in cup", "concepts/11/index.html")
    assert address("0967-espresso", 11) == f"classes/0967-espresso/{badge.page}"
