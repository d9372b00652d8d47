"""How concepts are called."""

from kinds import DISK_BRAKE, ESPRESSO, SCOOTER, make_kind

from lens_site.site import handles


def test_a_handle_names_the_nearest_other_classes() -> None:
    result, _ = make_kind(SCOOTER)
    named = handles.handle(result.concepts[0], result)
    assert [a.name for a in named] == ["disk brake", "cup"]
    assert named[0].index == DISK_BRAKE


def test_without_another_class_there_is_none() -> None:
    result, _ = make_kind(ESPRESSO)
    assert handles.handle(result.concepts[0], result) == ()


def test_the_address_is_on_the_page_of_the_class() -> None:
    assert handles.address("0967-espresso", 3) == "classes/0967-espresso/index.html#concept-3"
