"""What the check of a site finds: each kind of damage, and too much weight."""

import subprocess
from pathlib import Path

import pytest
from tiny_results import make_class, write_run

from lens_site.errors import UsageError
from lens_site.site.publish import check as room
from lens_site.site.publish import manifest
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
    manifest.write(site)
    assert [(p.page, p.kind) for p in check(site)] == [(page, kind)]


def test_style_sheets_are_watched(tmp_path: Path) -> None:
    site = build(tmp_path, 967)
    with (site / "assets/site.css").open("a") as file:
        file.write("@import 'https://fonts.example.org/x.css'; p{background:url(no.webp)}")
    manifest.write(site)
    assert {(p.kind, p.page) for p in check(site)} == {
        ("external request", "assets/site.css"),
        ("dead link", "assets/site.css"),
    }


def test_a_site_too_heavy_for_its_host_names_its_heaviest_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build(tmp_path, 1, 2, 3, 4)
    folders = sorted((site / "classes").glob("*/"))
    for i, folder in enumerate(folders):
        (folder / "big.webp").write_bytes(bytes(900_000 + i))
    manifest.write(site)
    weight = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    monkeypatch.setattr(room, "SITE_BUDGET", weight)
    assert check(site) == ()
    monkeypatch.setattr(room, "SITE_BUDGET", weight - 1)
    assert [(p.page, p.kind) for p in check(site)] == [
        ("", "site too heavy"),
        *((f"classes/{folder.name}", "among the heaviest classes") for folder in folders[1:]),
    ]


def test_every_file_is_held_to_the_list_of_the_site(tmp_path: Path) -> None:
    site = build(tmp_path, 967)
    assert check(site) == ()
    pictures = sorted(site.glob("classes/*/*.webp"))
    flipped = bytearray(pictures[0].read_bytes())
    flipped[len(flipped) // 2] ^= 1
    pictures[0].write_bytes(flipped)
    (site / "robots.txt").unlink()
    (site / "stranger.txt").write_text("")
    found = {(p.page, p.kind) for p in check(site)}
    assert found == {
        (pictures[0].relative_to(site).as_posix(), "file damaged"),
        ("robots.txt", "file missing"),
        ("stranger.txt", "file not listed"),
    }


def test_the_list_is_one_that_sha256sum_reads(tmp_path: Path) -> None:
    site = build(tmp_path, 967)
    command = ["sha256sum", "--check", "--strict", "--quiet", manifest.MANIFEST]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_folder_without_a_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no index"):
        check(tmp_path)
