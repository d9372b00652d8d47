"""The picture that stands for a page where its link is shared: there, large, a PNG, and drawn."""

import re
from pathlib import Path

import pytest
from many_sites import RUNS
from PIL import Image

from lens_site.site import preview
from lens_site.site.publish.render import render

ADDRESS = "https://example.org/lens"
META = re.compile(r'<meta property="og:image(:width|:height)?" content="([^"]*)">')


@pytest.mark.parametrize("name", ["full", "small"])
def test_every_page_has_one(name: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    render(RUNS[name](tmp_path), site, base_url=ADDRESS)
    pictures = set()
    for page in site.rglob("*.html"):
        if page.name == "embed.html":
            continue
        told = dict(META.findall(page.read_text()))
        assert (told[":width"], told[":height"]) == ("1200", "630"), page
        pictures.add(told[""])
    assert f"{ADDRESS}/preview.png" in pictures
    assert f"{ADDRESS}/classes/0967-espresso/preview.png" in pictures
    for picture in pictures:
        with Image.open(site / picture.removeprefix(f"{ADDRESS}/")) as opened:
            assert (opened.format, opened.size) == ("PNG", (1200, 630))
            heading = opened.convert("L").crop((0, 100, 1200, 200))
            assert heading.getextrema()[0] < 60, "the name stands on it"


def test_the_home_page_s_asks_what_its_heading_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    monkeypatch.setattr(preview, "of_class", lambda *given: lines.append(given[-1]) or b"")
    render(RUNS["small"](tmp_path), tmp_path / "site", base_url=ADDRESS)
    assert lines[0] == "What does TinyNet look at?"


def test_it_is_asked_for_by_its_whole_address(tmp_path: Path) -> None:
    """Hence there is none where the site has no address."""
    render(RUNS["small"](tmp_path), tmp_path / "site")
    assert not META.search((tmp_path / "site/index.html").read_text())
    assert not list((tmp_path / "site").rglob("preview.png"))
