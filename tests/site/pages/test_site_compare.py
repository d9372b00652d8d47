"""Several runs in one site: the switch, the pages that compare two of them, and what they need."""

import json
import re
import shutil
from pathlib import Path

import pytest
from support import Lens
from tiny_results import make_class, write_run
from two_runs import CUP, ESPRESSO, coded, codes, write_side, write_two

from lens_site.errors import ResultError
from lens_site.results import pack, store
from lens_site.results.schema import RunResult
from lens_site.site.labels import labels
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render

PAIR = "compare/net-a--net-b"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks, rendered by the command."""
    out = tmp_path_factory.mktemp("two")
    write_two(out / "results")
    return rendered(out, "net-a", "net-b", "--base-url", "https://example.org/lens")


def rendered(out: Path, *words: object) -> Path:
    from click.testing import CliRunner

    from lens_site.cli import main

    done = CliRunner().invoke(main, ["render", "--out", str(out), *map(str, words)])
    assert done.exit_code == 0, done.output
    return out / "site"


def text_of(path: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", path.read_text()).replace("\u202f", " ").split())


def test_nothing_is_broken_and_every_page_is_listed_once(site: Path) -> None:
    assert check(site) == ()
    listed = re.findall(r"<loc>([^<]+)</loc>", (site / "sitemap.xml").read_text())
    assert len(listed) == len(set(listed))
    for page in (f"{PAIR}/", f"{PAIR}/0967-espresso/", "runs/net-b/classes/0969-eggnog/"):
        assert f"https://example.org/lens/{page}" in listed
    assert "https://example.org/lens/compare/" in listed


def test_every_page_has_a_switch_to_the_same_class(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.name != "embed.html"]
    assert len(pages) > 30
    assert all('class="runs"' in page.read_text() for page in pages)
    here = (site / "classes/0967-espresso/index.html").read_text()
    assert '<a href="../../runs/net-b/classes/0967-espresso/index.html">OtherNet</a>' in here
    assert f'href="../../{PAIR}/0967-espresso/index.html"' in here
    there = (site / "runs/net-b/classes/0967-espresso/index.html").read_text()
    assert '<a href="../../../../classes/0967-espresso/index.html">TinyNet</a>' in there
    assert f'href="../../../../{PAIR}/0967-espresso/index.html"' in there
    alone = (site / "runs/net-b/classes/0969-eggnog/index.html").read_text()
    assert '<a href="../../../../index.html">TinyNet</a>' in alone
    about = (site / "about/index.html").read_text()
    assert '<a href="../runs/net-b/about/index.html">OtherNet</a>' in about


def test_the_page_of_a_class_shows_the_planted_match_and_what_each_has_alone(site: Path) -> None:
    page = site / PAIR / "0967-espresso/index.html"
    html, told = page.read_text(), text_of(page)
    assert html.count('class="compare__value"') == 1
    row = html[html.index('<ol class="compare__rows">') : html.index("</ol>")]
    assert re.findall(r"classes/0967-espresso/concepts/(\d\d)", row) == ["02", "01"]
    assert ">1.00</b>" in row
    assert "1 concept is active in both" in told
    assert html.count('class="compare__only"') == 4
    assert "Of 40 images that TinyNet calls espresso, OtherNet calls all of them so, too." in told
    for name in ("reliability", "logit R²", "instability", "C-Deletion"):
        assert name in told
    assert "Wasserstein" not in told, "activations of two networks have no common unit"
    assert page.stat().st_size < 45_000


def test_two_runs_are_told_apart_and_their_classes_listed(site: Path) -> None:
    told = text_of(site / PAIR / "index.html")
    assert "Both explain 80 images, and give 88 % of them the same class." in told
    assert "Only OtherNet has a page of eggnog" in told
    cup = text_of(site / PAIR / "0968-cup/index.html")
    assert "OtherNet calls 30 (75 %) so, too; the others eggnog (10)." in cup
    pair = json.loads((site / PAIR / "pair.json").read_text())
    assert pair["runs"] == ["net-a", "net-b"]
    assert json.loads((site / "schema/pair.json").read_text())["title"] == "PairResult"


def test_each_run_is_whole_in_itself(site: Path) -> None:
    for name in ("index.html", "assets/site.css", "assets/search-index.js", "schema/class.json"):
        assert (site / "runs/net-b" / name).is_file()
    assert not (site / "runs/net-b/robots.txt").exists(), "read at the top of a server alone"
    assert not (site / "runs/net-b" / PAIR).exists()


def test_runs_are_compared_once_and_anew_when_one_changes(tmp_path: Path, lens: Lens) -> None:
    first, second = write_two(tmp_path / "results")
    command = ("render", "--out", tmp_path, "net-a", "net-b")
    assert "comparing 2 classes of net-a and net-b" in lens(*command).output
    assert "comparing" not in lens(*command).output
    store.write_class(second, *coded(CUP, codes(2, seed=9, images=30), range(100, 130), key="new"))
    assert "comparing 2 classes" in lens(*command).output
    assert "comparing" in lens("render", "--out", tmp_path, "net-b", "net-a").output
    assert store.load_pair(first, "net-b") is not None


def test_three_runs_have_three_pairs(tmp_path: Path) -> None:
    write_two(tmp_path / "results")
    write_side(tmp_path / "results", "net-c", coded(ESPRESSO, codes(3, seed=8), range(40)))
    site = rendered(tmp_path, "net-a", "net-b", "net-c")
    assert check(site) == ()
    assert (site / "compare/net-a--net-c/0967-espresso/index.html").is_file()
    assert (site / "runs/net-b/compare/net-b--net-c/0967-espresso/index.html").is_file()
    third = (site / "runs/net-c/classes/0967-espresso/index.html").read_text()
    assert 'href="../../../../runs/net-b/compare/net-b--net-c/0967-espresso/index.html"' in third


def test_archives_and_folders_are_runs_too(tmp_path: Path) -> None:
    first, second = write_two(tmp_path / "made")
    archive = tmp_path / pack.archive_name("net-b")
    pack.pack(second, archive, ["0967-espresso", "0968-cup", "0969-eggnog"])
    site = rendered(tmp_path / "out", first, archive)
    assert (site / PAIR / "0967-espresso/index.html").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("net-a", "net-x"), "'net-x' is no run"),
        (("net-a", "net-a"), "named twice"),
        (("net-a", "others"), "wanted two runs of the same images"),
    ],
)
def test_what_is_no_run_or_not_of_the_same_images_is_refused(
    words: tuple[str, str], told: str, tmp_path: Path, lens: Lens
) -> None:
    write_two(tmp_path / "results")
    write_side(tmp_path / "results", "others", coded(CUP, codes(1, seed=1), range(900, 940)))
    done = lens("render", "--out", tmp_path, *words)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
    assert not (tmp_path / "site").exists()


def test_without_numpy_what_was_compared_elsewhere_is_shown(
    tmp_path: Path, lens: Lens, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lens_site.cli import several

    write_two(tmp_path / "results")
    lens("render", "--out", tmp_path, "net-a", "net-b")

    def missing() -> None:
        raise AssertionError("nothing is compared anew")

    monkeypatch.setattr(several, "_pairs", missing)
    assert lens("render", "--out", tmp_path, "net-a", "net-b").exit_code == 0


def test_runs_that_were_not_compared_are_not_shown_together(tmp_path: Path) -> None:
    first, second = write_two(tmp_path / "results")
    with pytest.raises(ResultError, match=r"holds no compare-net-b\.json"):
        render(first, tmp_path / "site", others=[second])


def test_the_next_build_does_not_take_several_runs_for_its_own(tmp_path: Path, lens: Lens) -> None:
    write_two(tmp_path / "results")
    stamp = tmp_path / "cache/site.stamp"
    stamp.parent.mkdir()
    stamp.write_text("of the site before")
    assert lens("render", "--out", tmp_path, "net-a").exit_code == 0
    assert not stamp.exists()


def run_of(name: str, network: str, **config: str) -> RunResult:
    from tiny_results import make_run

    record = make_run(**config)
    network_of = record.classifier.model_copy(update={"name": network})
    return record.model_copy(update={"run": name, "classifier": network_of})


def test_labels_say_what_differs_and_no_more() -> None:
    one, two = run_of("r1", "A"), run_of("r2", "B")
    assert labels([one, two]) == {"r1": "A", "r2": "B"}
    kmeans = run_of("r3", "A", extraction="kmeans")
    assert labels([one, kmeans]) == {"r1": "extraction nmf", "r3": "extraction kmeans"}
    three = labels([one, two, kmeans])
    assert three == {"r1": "A, extraction nmf", "r2": "B", "r3": "A, extraction kmeans"}
    assert labels([one, run_of("r4", "A")]) == {"r1": "r1", "r4": "r4"}


def test_two_classes_have_what_the_script_reads(site: Path) -> None:
    script = (site / "classes/0967-espresso/compare.js").read_text()
    assert script.startswith('LensCompare("0967-espresso", {')
    said = json.loads(script.partition(", ")[2].removesuffix(");\n"))
    assert [c["number"] for c in said["concepts"]] == [1, 2, 3]
    assert said["width"] == 16
    page = (site / "compare/index.html").read_text()
    assert 'value="0967" data-slug="0967-espresso"' in page
    assert len(said["figures"]) == page.count('<tr><th scope="row">')
    link = '<a href="../../compare/index.html?a=0967">'
    assert link in (site / "classes/0967-espresso/index.html").read_text()


def test_one_class_has_nothing_to_compare_with(tmp_path: Path) -> None:
    render(write_run(tmp_path / "run", make_class(), absent=()), tmp_path / "site")
    assert not (tmp_path / "site/compare").exists()
    assert not (tmp_path / "site/classes/0967-espresso/compare.js").exists()
    assert "compare/" not in (tmp_path / "site/index.html").read_text()


def test_the_same_runs_give_the_same_site(tmp_path: Path, site: Path) -> None:
    out = tmp_path / "again"
    shutil.copytree(site.parent / "results", out / "results")
    (out / "results/net-a/compare-net-b.json").unlink()
    rendered(out, "net-a", "net-b", "--base-url", "https://example.org/lens")
    one, two = ((d / "SHA256SUMS").read_text() for d in (site, out / "site"))
    assert one == two
