"""Pages across classes: what stands on them, and that they are left out where they must be."""

import json
import re
from pathlib import Path

import pytest
from made_across import FINDINGS, classes, model_of, write
from pydantic import ValidationError
from support import Lens
from tiny_results import make_class

from lens_site.errors import ResultError
from lens_site.results import store
from lens_site.results.schema import Finding, Look
from lens_site.site.publish.check import check
from lens_site.site.publish.render import render


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("four")
    made = classes()
    render(write(folder, made, model_of(made)), folder / "site", base_url="https://example.org/l")
    return folder / "site"


def text_of(path: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", path.read_text()).split())


def data_of(site: Path) -> dict:
    script = (site / "atlas" / "data.js").read_text()
    assert script.startswith("globalThis.lensAtlasData=")
    return json.loads(script.removeprefix("globalThis.lensAtlasData=").rstrip(";\n"))


def test_nothing_is_broken(four: Path) -> None:
    assert check(four) == ()
    sitemap = (four / "sitemap.xml").read_text()
    for page in ("atlas/", "audit/", "shared/", "shared/001/"):
        assert f"<loc>https://example.org/l/{page}</loc>" in sitemap


def test_the_menu_names_atlas_and_audit(four: Path) -> None:
    for page in ("index.html", "classes/0967-espresso/index.html", "shared/001/index.html"):
        text = (four / page).read_text()
        assert re.search(r'href="[./]*atlas/index.html">Atlas', text)
        assert re.search(r'href="[./]*audit/index.html">Audit', text)


def test_the_data_of_the_map_are_those_of_the_model(four: Path) -> None:
    data, model = data_of(four), store.load_model(four.parent / "run")
    assert model is not None
    assert [c[0] for c in data["classes"]][1] == "0967-espresso"
    assert len(data["x"]) == len(model.points) == 16
    for i, point in enumerate(model.points):
        assert data["x"][i] == pytest.approx((point.x + 1) / 2 * data["steps"], abs=0.51)
        assert data["y"][i] == pytest.approx((1 - point.y) / 2 * data["steps"], abs=0.51)
        assert data["g"][i] == (point.group or 0)
        slug = data["classes"][data["c"][i]][0]
        assert slug.startswith(f"{point.index:04d}-")
        page = data["address"].format(slug=slug, two=f"{data['n'][i]:02d}")
        assert f"concept {data['n'][i]}" in (four / page).read_text().lower()
        assert (four / "classes" / slug / data["files"][data["f"][i]]).is_file()


def test_a_shared_concept_says_what_it_is_worth_in_each_class(four: Path) -> None:
    text = text_of(four / "shared" / "001" / "index.html")
    assert "A concept of 4 classes" in text
    assert "mean cosine of 0.90, 0.85 at least" in text
    for name in ("jack-o&#39;-lantern &lt;b&gt;", "espresso", "cup", "eggnog"):
        assert name in text
    assert text.count("on the map") == 4
    share = round(100 * make_class()[0].concepts[0].share)
    assert text.count(f"{share} % ({share - 2}–{share + 2})") == 4


def test_the_audit_says_no_more_than_its_numbers(four: Path) -> None:
    text = text_of(four / "audit" / "index.html")
    assert "Of 40 labeled images that it leads, 30 carry another label; of the other" in text
    assert "75 % mistakes (50–90)" in text
    assert "of the other images of the run, 8 % do" in text
    assert "90 % at the edge (85–95)" in text
    assert "The outer ring is 49 % of the picture" in text
    assert "4 classes" in text
    assert "mean cosine 0.20, all classes 0.30" in text
    assert "espresso, strategy B" in text
    assert "it carried −1 % to 20 %; it was met again at a mean cosine of 0.30" in text
    assert text.count("9 concepts") == 4
    assert "What this page cannot know" in text


def test_the_home_page_shows_the_three_strongest(four: Path) -> None:
    page = (four / "index.html").read_text()
    block = page[page.index('id="findings"') : page.index('id="classes"')]
    assert block.count('class="finding"') == 3
    order = [block.index(word) for word in ("mistakes", "at the edge", "4</b> classes")]
    assert order == sorted(order)


def test_the_list_of_shared_concepts_stands_without_a_script(four: Path) -> None:
    for page in ("atlas/index.html", "shared/index.html"):
        text = (four / page).read_text()
        assert '<a href="../shared/001/index.html">' in text
        assert "in 4 classes" in text


@pytest.mark.parametrize("stale", ["none", "other"])
def test_without_the_model_the_pages_are_left_out_and_it_is_said(
    stale: str, tmp_path: Path, lens: Lens
) -> None:
    made = classes()
    write(tmp_path / "results", made, None if stale == "none" else model_of(made, key="old"))
    done = lens("render", "--from", tmp_path / "results" / "run", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    (note,) = [line for line in done.output.splitlines() if "model.json" in line]
    assert "run lens-build again" in note
    assert ("no model.json" if stale == "none" else "of other results") in note
    site = tmp_path / "out" / "site"
    assert check(site) == ()
    for page in ("atlas", "audit", "shared"):
        assert not (site / page).exists()
    assert "What stands out" not in (site / "index.html").read_text()


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    run = write(tmp_path, classes(2), None)
    (run / store.MODEL).write_text("{")
    with pytest.raises(ResultError, match=r"model\.json"):
        render(run, tmp_path / "site")


def test_a_model_of_what_no_class_holds_is_refused(tmp_path: Path) -> None:
    made = classes()
    model = model_of(made)
    strange = model.points[0].model_copy(update={"concept": 77})
    wrong = FINDINGS[3].model_copy(update={"strategy": 9})
    for name, update in (
        ("concept", {"points": (strange, *model.points)}), ("strategy", {"findings": (wrong,)})
    ):  # fmt: skip
        run = write(tmp_path / name, made, model.model_copy(update=update))
        with pytest.raises(ResultError, match="names what no class holds"):
            render(run, tmp_path / "site")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"points": ()}, "names a concept that it does not hold"),
        ({"groups": ()}, "names a group that it does not hold"),
        ({"findings": (Finding(kind="lost", value=0, expected=0, images=1),)}, "names nothing"),
        (
            {
                "findings": (
                    Finding(kind="lost", index=1, concept=1, value=0, expected=0, images=1),
                )
            },
            "names a concept that it does not hold",
        ),
    ],
)
def test_a_model_that_is_not_whole(changed: dict, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        model_of(classes(), **changed)


def test_one_class_has_an_audit_and_no_map(tmp_path: Path) -> None:
    made = [make_class(wrong=None)]
    looks = (Look(kind="misleads", looked=0, found=0), Look(kind="recurs", looked=0, found=0))
    alone = model_of(made, findings=(), looks=looks)
    assert alone.groups == ()
    render(write(tmp_path, made, alone), tmp_path / "site")
    assert check(tmp_path / "site") == ()
    text = text_of(tmp_path / "site" / "audit" / "index.html")
    assert "over the one class" in text
    assert "No image of this run carries a label, so nothing can be said of mistakes" in text
    assert not (tmp_path / "site" / "atlas").exists()
    assert not (tmp_path / "site" / "shared").exists()
    assert "What stands out" not in (tmp_path / "site" / "index.html").read_text()


def test_a_concept_more_weighs_fifty_bytes_on_the_map(four: Path) -> None:
    data = data_of(four)
    columns = sum(len(json.dumps(data[c])) for c in "cnxyskgfw")
    assert columns / len(data["x"]) < 50
