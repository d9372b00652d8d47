"""The page of the tree, and what leads there from elsewhere."""

from pathlib import Path

import pytest
from kinds import write_kinds
from tiny_results import make_class, write_run

from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

CLASS = "classes/0967-espresso/index.html"


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    render(write_kinds(folder / "run"), folder / "site", base_url="https://example.org/lens")
    return folder / "site"


def test_the_page_lists_every_class_under_its_levels(kinds: Path) -> None:
    assert check(kinds) == ()
    text = (kinds / "tree/index.html").read_text()
    for page in kinds.glob("classes/*/index.html"):
        assert text.count(f'href="../classes/{page.parent.name}/index.html"') == 1
    dog = text[text.index('id="n02084071"') :]
    dog = dog[: dog.index("</details>")]
    assert '<span class="branch__name">dog</span>' in dog
    assert '<span class="branch__count">3<span class="sr"> classes</span></span>' in dog
    assert [dog.count(name) for name in ("Chihuahua", "golden retriever", "tabby")] == [1, 1, 0]


def test_menu_sitemap_and_class_pages_lead_there(kinds: Path) -> None:
    assert '<a href="tree/index.html">Tree</a>' in (kinds / "index.html").read_text()
    assert "<loc>https://example.org/lens/tree/</loc>" in (kinds / "sitemap.xml").read_text()
    trail = (kinds / CLASS).read_text()
    trail = trail[trail.index('<nav class="trail"') : trail.index("trail__neighbors")]
    drinks = '<a href="../../tree/index.html#n07881800">'
    assert f'{drinks}food</a> › {drinks}beverage</a> › coffee › <span aria-current="page">' in trail


def test_own_classes_have_neither(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", make_class(), absent=())
    render(run, tmp_path / "site")
    assert check(tmp_path / "site") == ()
    assert not (tmp_path / "site/tree").exists()
    assert "tree/index.html" not in (tmp_path / "site/index.html").read_text()
    trail = (tmp_path / "site" / CLASS).read_text()
    assert '#classes">Classes</a> › <span aria-current="page">espresso</span>' in trail


def test_the_licenses_of_what_is_shown_and_shipped_are_told(kinds: Path) -> None:
    about = (kinds / "about/index.html").read_text()
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in about
    assert 'href="../assets/minisearch.LICENSE.txt"' in about
    assert "MiniSearch 7.2.0" in about
