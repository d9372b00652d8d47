"""The tree of a run: which levels stand, how they are called, and what stands above a class."""

from pathlib import Path

import pytest
from kinds import (
    BICYCLE,
    CHIHUAHUA,
    ESPRESSO,
    GOLDFISH,
    KINDS,
    RETRIEVER,
    SHEPHERD,
    TABBY,
    write_kinds,
)
from tiny_results import make_class, write_run

from lens_site import tree
from lens_site.results import store
from lens_site.site import Site, branches
from lens_site.site.branches import Branch, Crumb

DOG, ANIMAL, FOOD = "n02084071", "n00015388", "n00021265"


def site_of(folder: Path, *indices: int) -> Site:
    run = write_kinds(folder / "run", indices)
    return Site(run, store.read_run(run))


def outline(branch: Branch) -> dict[str, object]:
    """Names inside names; None for a class."""
    return {b.name: outline(b) for b in branch.branches} | {c.name: None for c in branch.cards}


def entries(branch: Branch) -> int:
    return len(branch.branches) + len(branch.cards)


def test_levels_with_one_entry_are_their_entry(tmp_path: Path) -> None:
    root = branches.root(site_of(tmp_path, CHIHUAHUA, RETRIEVER, SHEPHERD, ESPRESSO))
    assert root is not None
    assert outline(root) == {
        "dog": {"Chihuahua": None, "German shepherd": None, "golden retriever": None},
        "espresso": None,
    }
    (dog,) = root.branches
    assert (dog.anchor, dog.count, root.count) == (DOG, 3, 4)
    assert {"n02083346", "n02075296", DOG} <= set(dog.members), "canine and carnivore are dog here"


def test_levels_that_people_speak_of_stand_and_others_are_dissolved(tmp_path: Path) -> None:
    root = branches.root(site_of(tmp_path, CHIHUAHUA, RETRIEVER, TABBY, GOLDFISH, BICYCLE))
    assert root is not None
    assert outline(root) == {
        "vertebrate": {
            # placental and carnivore are words that nobody uses
            "mammal": {"dog": {"Chihuahua": None, "golden retriever": None}, "tabby": None},
            "goldfish": None,
        },
        "mountain bike": None,
    }
    assert [b.name for b in branches.levels(root)] == ["vertebrate", "mammal", "dog"]
    assert {c.name for c in root.shown} == {root.best.name, "mountain bike"}


def test_a_list_that_would_be_long_keeps_its_levels(tmp_path: Path) -> None:
    root = branches.root(site_of(tmp_path, *range(151, 200), TABBY))
    assert root is not None
    unused = 0
    for upper in (root, *branches.levels(root)):
        for lower in (b for b in upper.branches if b.synset.uses == 0):
            assert entries(upper) - 1 + entries(lower) > branches.SHORT
            unused += 1
    assert unused


def test_siblings_of_one_name_are_told_apart(tmp_path: Path) -> None:
    beach_wagon, sports_car, freight_car, passenger_car = 436, 817, 565, 705
    root = branches.root(site_of(tmp_path, beach_wagon, sports_car, freight_car, passenger_car))
    assert root is not None
    (vehicle,) = root.branches
    assert [b.name for b in vehicle.branches] == ["car (auto)", "car (railcar)"]


@pytest.mark.parametrize("every", [True, False])
def test_every_class_stands_once(every: bool, tmp_path: Path) -> None:
    site = site_of(tmp_path, *(range(0, 1000, 9) if every else KINDS))
    root = branches.root(site)
    assert root is not None
    whole = (root, *branches.levels(root))
    found = [c.index for b in whole for c in b.cards]
    assert sorted(found) == sorted(c.index for c in site.built)
    assert root.count == len(found)
    assert all(len(b.branches) + len(b.cards) > 1 for b in whole)
    assert len({b.anchor for b in whole}) == len(whole)


def test_crumbs_are_the_words_that_people_use_linked_where_they_stand(tmp_path: Path) -> None:
    site = site_of(tmp_path, *KINDS)
    crumbs = {r.name.index: branches.crumbs(site, r) for r in site.results()}
    drinks = branches.anchors(site)[FOOD]
    assert tree.synsets()[drinks].name == "beverage"
    assert crumbs[ESPRESSO] == (
        Crumb("food", drinks), Crumb("beverage", drinks), Crumb("coffee", ""),
    )  # fmt: skip
    animals = branches.anchors(site)[ANIMAL]
    assert crumbs[CHIHUAHUA] == (Crumb("animal", animals), Crumb("dog", DOG))
    assert all(len(found) <= branches.CRUMBS for found in crumbs.values())


def test_own_classes_have_no_tree(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class(0, "left"), make_class(1, "right"), absent=())
    site = Site(run, store.read_run(run))
    assert branches.root(site) is None
    assert branches.anchors(site) == {}
    assert branches.crumbs(site, site.result("0000-left")) == ()
