"""What the check of a site finds: each kind of damage, and too much weight."""

from pathlib import Path

import pytest
from tiny_results import make_class, write_run

from lens_site.errors import UsageError
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


def build(folder: Path, *indices: int) -> Path:
    """A site of classes with one image and one concept."""
    classes = [make_class(index, images=1, concepts=1) for index in indices]
    render(write_run(folder / "run", *classes), folder / "site")
    return folder / "site"


BREAK = {
    "dead link": ("method/index.html", '<a href="nowhere.html">x</a>'),
    "dead anchor": ("method/index.html", '<a href="../index.html#nowhere">x</a>'),
    "no alternative text": ("index.html", '<img src="assets/favicon.svg">'),
    "external request": ("index.html", '<script src="//cdn.example.org/x.js"></script>'),
}


@pytest.mark.parametrize("kind", BREAK)
def test_each_kind_of_damage_is_found(kind: str, tmp_path: Path) -> None:
    site = build(tmp_path, 967)
    page, damage = BREAK[kind]
    with (site / page).open("a") as file:
        file.write(damage)
    assert [(p.page, p.kind) for p in check(site)] == [(page, kind)]


def test_weight_and_style_sheets_are_watched(tmp_path: Path) -> None:
    site = build(tmp_path, 967)
    (site / "classes/0967-espresso/big.webp").write_bytes(bytes(900_001))
    with (site / "assets/site.css").open("a") as file:
        file.write("@import 'https://fonts.example.org/x.css'; p{background:url(no.webp)}")
    assert {(p.kind, p.page) for p in check(site)} == {
        ("class too heavy", "classes/0967-espresso"),
        ("external request", "assets/site.css"),
        ("dead link", "assets/site.css"),
    }


def test_a_heavy_class_among_light_ones_is_no_problem(tmp_path: Path) -> None:
    site = build(tmp_path, 1, 2)
    first, second = sorted((site / "classes").glob("*/"))
    (first / "big.webp").write_bytes(bytes(900_001))
    assert check(site) == ()
    (second / "big.webp").write_bytes(bytes(900_001))
    assert [p.kind for p in check(site)] == ["class too heavy"] * 2


def test_a_folder_without_a_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no index"):
        check(tmp_path)
