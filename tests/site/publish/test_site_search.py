"""The index that the search reads: what it holds, its size, and the library beside it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kinds import CHIHUAHUA, CUP, EGGNOG, ESPRESSO, LABELS, SCOOTER, make_kind, write_kinds
from tiny_results import make_class

from lens_site.results import store
from lens_site.results.schema import Alignment, ExtraPage
from lens_site.site import Site, branches, minisearch
from lens_site.site.publish import search
from lens_site.site.publish.search import Entry


def read(site: Path) -> dict[str, Any]:
    text = (site / search.ADDRESS).read_text()
    assert text.startswith("globalThis.lensIndex = ")
    index: dict[str, Any] = json.loads(text.removeprefix("globalThis.lensIndex = ").rstrip(";\n"))
    return index


@pytest.fixture
def index(tmp_path: Path) -> dict[str, Any]:
    """Of a dog, a motor scooter, and an espresso."""
    run = write_kinds(tmp_path / "run", (CHIHUAHUA, SCOOTER, ESPRESSO))
    site = Site(run, store.read_run(run))
    search.write(tmp_path / "site", [*map(search.entry, site.results())], branches.root(site))
    return read(tmp_path / "site")


def test_a_class_is_known_by_all_its_words(index: dict[str, Any]) -> None:
    number, slug, name, also, wordnet, above, concepts = index["classes"][0]
    assert (number, slug, name) == (151, "0151-chihuahua", "Chihuahua")
    assert (also, wordnet, concepts) == ("", "n02085620", [])
    kinds = [index["levels"][level][0] for level in above]
    assert "dog, domestic dog, Canis familiaris" in kinds
    assert "domestic animal, domesticated animal" in kinds, "not of the tree, yet true"
    assert not {"entity", "whole, unit"} & set(kinds)


def test_concepts_refer_to_the_classes_of_their_handles(index: dict[str, Any]) -> None:
    names = [row[2] for row in index["classes"]] + [name for (name,) in index["others"]]
    (scooter,) = (row for row in index["classes"] if row[0] == SCOOTER)
    assert [[n, *map(names.__getitem__, at)] for n, *at in scooter[6]] == [
        [1, "disk brake", "cup"], [2, "disk brake", "cup"],
    ]  # fmt: skip
    assert index["concept"].format(slug=scooter[1], number=2, two="02") == (
        "classes/0670-motor-scooter/concepts/02/index.html"
    )


def test_levels_of_the_tree_have_an_anchor(tmp_path: Path) -> None:
    run = write_kinds(tmp_path / "run", (CHIHUAHUA, CUP, EGGNOG, ESPRESSO))
    site = Site(run, store.read_run(run))
    root = branches.root(site)
    assert root is not None
    search.write(tmp_path / "site", [*map(search.entry, site.results())], root)
    levels = {words: at for words, *at in read(tmp_path / "site")["levels"]}
    (drinks,) = (b for b in root.branches if b.name == "beverage")
    assert levels["food, nutrient"] == levels[", ".join(drinks.synset.words)]
    assert levels["food, nutrient"] == [drinks.anchor, 3]
    assert levels["dog, domestic dog, Canis familiaris"] == []


def test_own_classes_are_found_without_a_tree(tmp_path: Path) -> None:
    result, _ = make_class(0, "left", images=4, concepts=2, synonyms=("sinister",))
    search.write(tmp_path, [search.entry(result)], None)
    index = read(tmp_path)
    assert index["classes"] == [
        [0, "0000-left", "left", "sinister", "n00000001", [], [[1, 1], [2, 1]]]
    ]
    assert (index["levels"], index["others"]) == ([], [["cup"]])


def test_pages_of_the_user_are_found_by_title_and_heading(tmp_path: Path) -> None:
    text = "Words.\n\n## In `code`\n\n### Deeper\n"
    page = ExtraPage(title="Guide", address="docs/guide", group="Docs", text=text)
    search.write(tmp_path, [], None, [page])
    assert read(tmp_path)["pages"] == [
        ["Guide", "Docs", "docs/guide/index.html"],
        ["In code", "Guide", "docs/guide/index.html#in-code"],
        ["Deeper", "Guide", "docs/guide/index.html#deeper"],
    ]


def every_class(concepts: int) -> Iterator[Entry]:
    """All classes of ImageNet, each concept with a handle of its own."""
    for i, name in enumerate(LABELS):
        others = [[(i + 7 * c + 1) % 1000, (i + 91 * c + 5) % 1000] for c in range(concepts)]
        yield Entry(
            name,
            tuple(
                (c, tuple(Alignment(index=j, name=LABELS[j].name, cosine=0.1) for j in pair))
                for c, pair in enumerate(others, start=1)
            ),
        )


def test_a_thousand_classes_of_ten_concepts_are_small(tmp_path: Path) -> None:
    search.write(tmp_path, [*every_class(10)], None)
    assert len(read(tmp_path)["classes"]) == 1000
    assert (tmp_path / search.ADDRESS).stat().st_size < 400_000


def test_a_concept_that_never_fires_is_not_looked_for() -> None:
    result, _ = make_kind(SCOOTER)
    dead = result.concepts[1].model_copy(update={"tiles": (), "share": 0.0})
    left = result.model_copy(update={"concepts": (result.concepts[0], dead)})
    assert [number for number, _ in search.entry(left).concepts] == [1]


def test_the_library_is_what_its_package_held() -> None:
    sums = minisearch.script().with_name("SHA256SUMS").read_text().split()
    held = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (minisearch.script(), minisearch.license())}  # fmt: skip
    assert dict(zip(sums[1::2], sums[::2], strict=True)) == held
    makefile = (Path(__file__).parents[3] / "Makefile").read_text()
    assert f"minisearch@{minisearch.VERSION}" in makefile
