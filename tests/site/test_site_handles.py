"""Handles of concepts: the nearest other classes, and none where nothing is known."""

from tiny_results import make_class

from lens_site.results.schema import Alignment
from lens_site.site.badges import badges_of
from lens_site.site.handles import as_in, handle, others


def test_a_handle_names_the_two_nearest_other_classes() -> None:
    concept = make_class()[0].concepts[0]
    named = [(967, "espresso", 0.4), (1, "cup", 0.3), (2, "mug", 0.2), (3, "pot", 0.1)]
    aligned = tuple(Alignment(index=i, name=n, cosine=c) for i, n, c in named)
    found = concept.model_copy(update={"aligned": aligned})
    assert handle(found, 967) == "as in cup, mug"
    assert handle(found, 1) == "as in espresso, mug"
    assert [a.name for a in others(found, 967)] == ["cup", "mug", "pot"]


def test_a_class_it_speaks_against_is_no_handle() -> None:
    concept = make_class()[0].concepts[0]
    against = (Alignment(index=1, name="cup", cosine=-0.1),)
    assert handle(concept.model_copy(update={"aligned": against}), 967) == ""


def test_a_head_that_is_not_linear_gives_no_handle() -> None:
    concept = make_class()[0].concepts[0]
    assert handle(concept.model_copy(update={"aligned": ()}), 967) == ""
    assert as_in([]) == ""


def test_a_badge_carries_the_handle_and_the_address_of_its_page() -> None:
    badge = badges_of(make_class(concepts=12)[0])[11]
    assert (badge.handle, badge.page) == ("as in cup", "concepts/11/index.html")
