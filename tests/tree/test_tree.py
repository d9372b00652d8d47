"""The table of hypernyms: whole, a tree, and what WordNet says; the script that writes it."""

from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from lens_site import tree
from lens_site.classifier.labels import imagenet_labels
from lens_site.tree.make import make

CLASSES = imagenet_labels().names

DATA = """\
  1 This is a license,
  2 numbered by line.
00001740 03 n 01 entity 0 000 | all there is
00002000 05 n 02 animal 0 Beast 1 001 @ 00001740 n 0000 | it lives
00003000 05 n 02 guide_dog 0 dog 3 003 ~ 00009000 n 0000 @ 00002000 n 0000 @i 00001740 n 0000 | woof
00009000 05 n 01 pup 0 001 @ 00003000 n 0000 | small
"""
COUNTS = "animal%1:05:00:: 1 7\nbeast%1:05:01:: 2 3\ndog%1:05:00:: 1 99\ndog%1:05:03:: 4 2\n"


def under(wordnet: str) -> set[int]:
    """Indices of the classes that the tree has below a synset."""
    paths = {c.index: {s.wordnet for s in tree.path(c.wordnet)} for c in CLASSES}
    return {index for index, path in paths.items() if wordnet in path}


def test_every_class_hangs_from_the_one_root() -> None:
    assert len(CLASSES) == 1000
    for name in CLASSES:
        path = tree.path(name.wordnet)
        assert path[0].name == "entity"
        assert path[-1].words[0] == name.name
        assert len({s.wordnet for s in path}) == len(path), "no cycle"


def test_it_holds_what_is_above_the_classes_and_nothing_else() -> None:
    above = {w for c in CLASSES for w in tree.ancestors(c.wordnet)}
    own = {c.wordnet for c in CLASSES}
    assert above | own == set(tree.synsets())
    assert len(tree.synsets()) == 1860
    assert [s.wordnet for s in tree.synsets().values() if not s.parents] == ["n00001740"]
    assert own & above == set(), "no class is a kind of another"


def test_dogs_are_dogs() -> None:
    (dog,) = (s for s in tree.synsets().values() if s.words[:2] == ("dog", "domestic dog"))
    assert under(dog.wordnet) == set(range(151, 269))
    assert [tree.synsets()[p].name for p in dog.parents] == ["canine", "domestic animal"]
    assert dog.parents[1] not in {s.wordnet for s in tree.path(CLASSES[151].wordnet)}
    assert set(dog.parents) < tree.ancestors(CLASSES[151].wordnet)


def test_espresso_is_a_coffee_is_a_drink() -> None:
    names = [s.name for s in tree.path("n07920052")]
    assert names[-4:] == ["food", "beverage", "coffee", "espresso"]
    assert tree.synsets()["n07881800"].uses > tree.synsets()["n07920052"].uses == 0


@pytest.mark.parametrize("unknown", ["", "n00000001", "espresso"])
def test_an_id_that_is_not_there_has_nothing_above_it(unknown: str) -> None:
    assert tree.path(unknown) == ()
    assert tree.ancestors(unknown) == frozenset()


def test_the_license_travels_with_the_table() -> None:
    assert "WordNet 3.0 Copyright 2006 by Princeton University." in tree.license()
    assert "n00001740" not in tree.license()
    table = resources.files(tree).joinpath(tree.TABLE).read_bytes()
    assert b"Princeton University" in table.splitlines()[0]
    assert len(table) < 90_000


def test_the_script_writes_the_table_from_the_files_of_wordnet(tmp_path: Path) -> None:
    (tmp_path / "data.noun").write_text(DATA)
    (tmp_path / "cntlist.rev").write_text(COUNTS)
    (tmp_path / "classes.txt").write_text("n00003000\n")
    make(tmp_path, tmp_path / "classes.txt", tmp_path)
    head, rows = (tmp_path / tree.TABLE).read_text().split("words.\n")
    assert head.startswith("# Hypernyms")
    assert rows == (
        "n00001740\t\t0\tentity\n"
        "n00002000\tn00001740\t10\tanimal, Beast\n"
        "n00003000\tn00002000\t2\tguide dog, dog\n"
    )
    assert (tmp_path / tree.LICENSE).read_text() == "This is a license,\nnumbered by line.\n"


def test_a_few_branches_hold_the_classes() -> None:
    counts = Counter(tree.branch(c.wordnet) for c in CLASSES)
    assert counts["dog"] == 118
    assert max(counts.values()) <= 1000 / 5
    assert counts[""] < 70
    assert tree.branch("n00000000") == ""
