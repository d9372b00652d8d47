"""Class pages recomputed: every number from pictures and weights, by code that is not Lens.

How it is recomputed is in ``oracles/page``; nothing there imports ``lens_site``. What a seeded fit
or draw gave is compared loosely, and counted apart. For any output folder::

    python tests/test_recompute.py build 0967-espresso [--data FOLDER] [--weights FILE]
"""

import argparse
import copy
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.page.agreement import Agreement, is_number
from oracles.page.beside import check_files
from oracles.page.concept_page import check_concept_page, check_neighbors
from oracles.page.groups import profiles
from oracles.page.numbers import recompute
from oracles.page.pictures import check_pictures
from oracles.page.seen import Demo
from oracles.page.shown import check_page
from oracles.page.subject import Run, Subject, Unsupported, open_run
from oracles.page.written import brief, fixed, percent
from sklearn.manifold import trustworthiness

TESTS = Path(__file__).parent
THIN = "\N{NARROW NO-BREAK SPACE}"
PALACE, ESPRESSO = "0698-palace", "0967-espresso"
BESIDE = ("index.html", "concept.json")


def check(run: Run, slug: str, site: Path, *, everything: bool) -> Agreement:
    """Recompute a class, its page and the files beside it.

    With ``everything``, all pictures of the set are classified, to see which are of the class.
    """
    it = run.subject(slug)
    members = run.members(it.index) if everything else None
    total = check_subject(it, recompute(it, members), site)
    if members is not None and not set(it.keys) <= set(members):
        total.differ.append(f"images: {sorted(set(it.keys) - set(members))} are of another class")
    return total


def check_subject(it: Subject, recomputed: dict[str, Any], site: Path) -> Agreement:
    """Compare a class, the files beside it, its page and those of its concepts."""
    total, page = Agreement(), site / it.folder.name
    total.compare(it.stored, recomputed)
    total.add(check_files(it, it.folder))
    total.add(check_page(page))
    for concept in it.stored["concepts"]:
        total.add(check_concept_page(page, concept["number"], it.folder.parent))
    total.add(check_neighbors(it.folder.parent))
    same = (page / "class.json").read_bytes() == (it.folder / "result.json").read_bytes()
    total.compare(same, True, "class.json is result.json")
    return total


@pytest.fixture(scope="module")
def palace(built_demo: Path) -> Subject:
    return open_run(built_demo).subject(PALACE)


@pytest.fixture(scope="module")
def recomputed(palace: Subject) -> dict[str, Any]:
    return recompute(palace)


@pytest.fixture(scope="module")
def cups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of one cup of espresso, of which some are labeled as cups or not at all."""
    pictures, demo = tmp_path_factory.mktemp("cups"), Demo()
    for i in range(48):
        folder = pictures / {0: "cup", 4: "n07930864", 5: "something"}.get(i % 9, "espresso")
        folder.mkdir(exist_ok=True)
        ending = ("png", "jpg")[i % 2]
        demo.open(f"coffee/{i:03d}", 0).save(folder / f"{i:02d}.{ending}")
    return pictures


def build(pictures: Path, out: Path, *options: str) -> Path:
    lens = [sys.executable, "-m", "lens_site", "build", "--classes", "espresso", "-k", "5"]
    command = [*lens, "--device", "cpu", "--data", str(pictures), "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def mislabeled(cups: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build on these pictures, with pictures by gradients."""
    return build(cups, tmp_path_factory.mktemp("mislabeled"), "--visualization", "preview")


@pytest.fixture(scope="module")
def espresso(cups: Path, mislabeled: Path) -> Subject:
    return open_run(mislabeled, cups).subject(ESPRESSO)


@pytest.fixture(scope="module")
def lead(cups: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Subject, Path]:
    """The same pictures, where the lead over the runner-up is explained; and the pages."""
    out = build(cups, tmp_path_factory.mktemp("lead"), "--score", "margin")
    return open_run(out, cups).subject(ESPRESSO), out / "site" / "classes"


def test_a_page_of_the_demo(palace: Subject, recomputed: dict[str, Any], built_demo: Path) -> None:
    total = check_subject(palace, recomputed, built_demo / "site" / "classes")
    assert not total.differ and not total.unknown, str(total)
    assert total.compared > 70_000
    assert palace.stored["strategies"], "the page is meant to have strategies"
    assert palace.stored["sharp"]["images"], "the page is meant to have larger pictures"


def test_a_page_with_mistakes(cups: Path, mislabeled: Path, espresso: Subject) -> None:
    script = [sys.executable, str(Path(__file__)), str(mislabeled), ESPRESSO, "--data", str(cups)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 differ" in done.stdout
    stored = espresso.stored
    assert any(0 < (c["reliability"] or 0) < 1 for c in stored["concepts"])
    assert any(group["mistakes"] for group in stored["groups"])
    assert None in [image["label"] for image in stored["images"]]
    assert all(c["visualization"] for c in stored["concepts"])


def test_a_page_of_the_lead(lead: tuple[Subject, Path]) -> None:
    it, site = lead
    total = check_subject(it, recompute(it), site)
    assert not total.differ and not total.unknown, str(total)
    assert len({image["runner_up"] for image in it.stored["images"]}) > 1


def test_the_lead_adds_up(lead: tuple[Subject, Path]) -> None:
    """φ_i = mean(u_i) v_i·(W_c − W_r(x)); the margin is constant, Σφ and everything else."""
    it, _ = lead
    weight, bias, c = it.network.weight, it.network.bias, it.index
    for x, image in enumerate(it.stored["images"]):
        r, logits = image["runner_up"], it.logits[x]
        toward = it.atoms @ (weight[c] - weight[r])
        mine = [it.codes[x, :, :, i].mean() * toward[i] for i in range(len(toward))]
        assert image["importance"] == pytest.approx(mine, abs=it.room)
        constant = bias[c] - bias[r]
        parts = constant + sum(image["importance"]) + image["everything_else"]
        assert image["margin"] == pytest.approx(parts, abs=it.room)
        assert image["margin"] == pytest.approx(logits[c] - logits[r], abs=it.room)
        assert logits[r] == np.delete(logits, c).max()


def test_images_lie_beside_those_classified_alike(palace: Subject) -> None:
    places = np.array([[image["x"], image["y"]] for image in palace.stored["images"]])
    assert trustworthiness(profiles(palace), places, n_neighbors=5) > 0.85
    assert np.abs(places).max() == pytest.approx(1, abs=1e-5)
    assert np.abs(places.max(axis=0) + places.min(axis=0)).max() < 1e-5


def test_no_number_is_compared_with_nothing(palace: Subject, recomputed: dict[str, Any]) -> None:
    """Every number changed at once: each of them is reported."""
    spoiled = Agreement()
    spoiled.compare(_spoil(palace.stored), recomputed)
    assert spoiled.compared > 3_000
    assert len(spoiled.differ) == spoiled.compared


def _spoil(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _spoil(below) for name, below in value.items()}
    if isinstance(value, list):
        return [_spoil(below) for below in value]
    return value * 1.1 + 3 if is_number(value) else value


CHANGES = {
    "images[3].probability": 1e-3,
    "images[3].logit": 1e-3,
    "images[3].margin": 1e-3,
    "images[3].runner_up": 1,
    "images[5].importance[2]": 1e-3,
    "images[5].everything_else": -1e-3,
    "images[7].dominant": 1,
    "concepts[0].share": 1e-3,
    "concepts[1].interval[0]": -0.02,
    "concepts[2].null_share": 0.02,
    "concepts[0].prevalence": 0.01,
    "concepts[0].reliability_interval[0]": 1e-3,
    "concepts[4].found_again": -0.5,
    "concepts[4].share_range[1]": 0.3,
    "concepts[0].share_range[0]": 0.05,
    "concepts[2].covering.fall": 1e-3,
    "concepts[2].covering.fall_at_random": 1e-3,
    "concepts[2].covering.images": 1,
    "concepts[3].mean_map[2][2]": 1e-3,
    "concepts[0].aligned[1].cosine": 1e-3,
    "concepts[0].tiles[2].code": 0.01,
    "concepts[0].tiles[2].box[0]": 0.01,
    "concepts[0].histogram.high": 1e-3,
    "concepts[0].histogram.counts[2]": 1,
    "concepts[0].histogram.leads[4]": -1,
    "concepts[0].typical[1].image": 1,
    "concepts[1].typical[0].row": 1,
    "concepts[1].weak[2].code": 0.01,
    "groups[0].size": 1,
    "groups[0].apart[2]": 1e-3,
    "strategies[1].profile[0]": 1e-3,
    "strategies[0].prototypes[1]": 1,
    "images[0].membership[0]": 0.3,
    "separation.p_value": 0.2,
    "separation.agreement": -0.5,
    "rivals[0].margin": 1e-3,
    "rivals[1].differences[4]": 1e-3,
    "rivals[1].everything_else": 1e-3,
    "kept.same_class": 0.01,
    "kept.margin_r2": 1e-3,
    "kept.everything_else": 1e-3,
    "refits.random_patches": 0.2,
    "edges[0].weight": 1e-3,
    "metrics.relative_l2": 1e-3,
    "metrics.ood": 0.1,
    "faithfulness.deletion.values[3]": 1e-3,
    "faithfulness.insertion.auc": 1e-3,
    "faithfulness.mu_fidelity": -1e-3,
    "sharp.images[4]": 1,
    "sharp.columns": 1,
    "sprite.size": -8,
}

MORE_CHANGES = {
    "groups[0].mistaken[0]": 1,
    "concepts[0].visualization.cell": 1,
    "concepts[0].visualization.drawn.rank": 1,
    "concepts[1].visualization.drawn.ratio": 0.05,
    "concepts[1].visualization.drawn.likeness[1]": 0.05,
    "concepts[2].visualization.accentuated.ratio": 0.05,
    "concepts[3].visualization.likeness_of_tiles[0]": 0.05,
    "concepts[4].visualization.likeness_of_others[1]": 0.05,
    "visualizations.drawn.columns": 1,
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_wrong_number_is_found(palace: Subject, recomputed: dict[str, Any], path: str) -> None:
    assert _found(palace.stored, recomputed, path, CHANGES[path]) == [path]


def test_a_wrong_number_of_mistakes_and_pictures_is_found(espresso: Subject) -> None:
    recomputed = recompute(espresso)
    for path, change in MORE_CHANGES.items():
        assert _found(espresso.stored, recomputed, path, change) == [path]


def _found(stored: dict[str, Any], recomputed: dict[str, Any], path: str, by: float) -> list[str]:
    """What differs when one number is changed."""
    changed = copy.deepcopy(stored)
    *way, last = [
        int(w) if w.isdigit() else w for w in path.replace("]", "").replace("[", ".").split(".")
    ]
    holder: Any = changed
    for step in way:
        holder = holder[step]
    holder[last] += by
    found = Agreement()
    found.compare(changed, recomputed)
    return [line.partition(":")[0] for line in found.differ]


def test_a_new_number_is_not_passed_over(palace: Subject, recomputed: dict[str, Any]) -> None:
    grown = {**palace.stored, "weather": {"rain": 0.25}}
    found = Agreement()
    found.compare(grown, recomputed)
    assert found.unknown == ["weather.rain = 0.25"]


def test_a_wrong_picture_is_found(palace: Subject) -> None:
    changed = copy.deepcopy(palace.stored)
    images, tile = changed["sharp"]["images"], changed["concepts"][0]["tiles"][1]
    images[2], images[25] = images[25], images[2]
    tile["image"] = changed["concepts"][0]["tiles"][5]["image"]
    differ = check_pictures(replace(palace, stored=changed)).differ
    found = [line.partition(":")[0] for line in differ]
    assert set(found) == {"sharp-1.webp", "sharp-2.webp", "tiles-01.webp"}


def _wrong_on_page(stored: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Places of a page, and one thing in each that is then replaced."""
    first, metrics, strategy = stored["concepts"][0], stored["metrics"], stored["strategies"][0]
    image = strategy["prototypes"][0]

    def told(markup: str, write: Callable[[float], str], value: float) -> tuple[str, str]:
        old, new = (markup.format(write(v).replace(" ", THIN)) for v in (value, value + 0.011))
        return old, new

    return {
        "table of the numbers": told("<td>{}</td>", fixed, first["share"]),
        "table of the measures": told(
            '<td data-what="this class">{}</td>', brief, metrics["explained_logit"]
        ),
        "card of concept 1": told("<b>{}</b> of images", percent, first["prevalence"]),
        "card of concept 1: strips": ('style="--n:10"', 'style="--n:9"'),
        "bars": ('<i class="bars__whisker" style="left:', '<i class="bars__whisker" style="left:1'),
        "strategy-a: profile": (
            'aria-label="Evidence: concept ',
            'aria-label="Evidence: concept 9',
        ),
        "strategy-a: pictures": (f'data-image="{image}"', f'data-image="{image + 1}"'),
        "graph.sharp": ('"full":20', '"full":21'),
        "description": ('content="How', 'content="17 How'),
        "the rest of the page": ("Concepts</h2>", "Concepts 17</h2>"),
    }


@pytest.fixture(scope="module")
def pages(built_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class pages of the demo without pictures, and the pages of the first concepts."""
    copied = tmp_path_factory.mktemp("pages")
    for folder in (built_demo / "site" / "classes").iterdir():
        for name in ("index.html", "class.json", "table.js", *(f"concepts/01/{n}" for n in BESIDE)):
            (copied / folder.name / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / name, copied / folder.name / name)
    return copied


def test_a_wrong_number_on_the_page_is_found(palace: Subject, pages: Path) -> None:
    page = pages / PALACE / "index.html"
    text = page.read_text(encoding="utf-8")
    for place, (old, new) in _wrong_on_page(palace.stored).items():
        assert old in text, place
        page.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert any(line.startswith(place) for line in check_page(page.parent).differ), place
    page.write_text(text, encoding="utf-8")
    assert not check_page(page.parent).differ


def test_a_wrong_number_on_the_page_of_a_concept_is_found(palace: Subject, pages: Path) -> None:
    page, first = pages / PALACE / "concepts" / "01" / "index.html", palace.stored["concepts"][0]
    text, run = page.read_text(encoding="utf-8"), palace.folder.parent
    again, image = fixed(first["found_again"], 2), first["typical"][0]["image"] + 1
    wrong = {
        "concept 1, How much it counts": (f"<b>{again}</b>", "<b>0.11</b>"),
        "concept 1, description": (" of 78 images.", " of 79 images."),
        "concept 1, 1 Concept 1 of palace": (" of 78 images.</p>", " of 79 images.</p>"),
        "typical images": (f"#image={image}", f"#image={image + 1}"),
        "similar concepts": ('<li><a href="../../../', '<li><a href="../../../0'),
        "columns of all": ('columns__all" d="M0 100V', 'columns__all" d="M0 100V1'),
        "concept 1: strips": ('data-images="', 'data-images="1'),
        "bars": ('<i class="bars__null" style="left:', '<i class="bars__null" style="left:1'),
    }
    for place, (old, new) in wrong.items():
        assert old in text, place
        page.write_text(text.replace(old, new, 1), encoding="utf-8")
        found = check_concept_page(pages / PALACE, 1, run).differ
        assert any(line.startswith(place) for line in found), place
    page.write_text(text, encoding="utf-8")
    assert not check_concept_page(pages / PALACE, 1, run).differ


def main() -> int:
    """Recompute the pages that are named, and say what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="output folder of a build")
    parser.add_argument("slugs", nargs="+", help="classes: 0967-espresso")
    parser.add_argument("--data", type=Path, help="folder of the pictures, if not the demo's")
    parser.add_argument("--weights", type=Path, help="state dict, if not the model's own")
    given = parser.parse_args()
    wrong = 0
    try:
        run = open_run(given.out, given.data, given.weights)
        for slug in given.slugs:
            found = check(run, slug, given.out / "site" / "classes", everything=True)
            sys.stdout.write(f"{slug}: {found}\n")
            wrong += len(found.differ) + len(found.unknown)
    except Unsupported as error:
        parser.error(str(error))
    assert "lens_site" not in sys.modules, "this is meant to be done without Lens"
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
