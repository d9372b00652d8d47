"""Two class pages recomputed: every number from pictures and weights, by code that is not Lens.

How it is recomputed is in ``oracles/page``; nothing there imports ``lens_site``. What a seeded fit
or draw gave is compared loosely, and counted apart. For any output folder::

    python tests/test_recompute.py build 0967-espresso [--data FOLDER] [--weights FILE]
"""

import argparse
import copy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.page.agreement import Agreement, is_number
from oracles.page.beside import check_files
from oracles.page.groups import profiles
from oracles.page.numbers import recompute
from oracles.page.seen import Demo
from oracles.page.shown import brief, check_page, fixed, percent
from oracles.page.subject import Run, Subject, Unsupported, open_run
from sklearn.manifold import trustworthiness

TESTS = Path(__file__).parent
THIN = "\N{NARROW NO-BREAK SPACE}"
PALACE, ESPRESSO = "0698-palace", "0967-espresso"


def check(run: Run, slug: str, site: Path, *, everything: bool) -> Agreement:
    """Recompute a class, its page and the files beside it.

    With ``everything``, all pictures of the set are classified, to see which are of the class.
    """
    it, total = run.subject(slug), Agreement()
    members = run.members(it.index) if everything else None
    total.compare(it.stored, recompute(it, members))
    if members is not None and not set(it.keys) <= set(members):
        total.differ.append(f"images: {sorted(set(it.keys) - set(members))} are of another class")
    total.add(check_files(it, run.folder / slug))
    total.add(check_page(site / slug))
    same = (site / slug / "class.json").read_bytes() == (
        run.folder / slug / "result.json"
    ).read_bytes()
    total.compare(same, True, "class.json is result.json")
    return total


@pytest.fixture(scope="module")
def palace(built_demo: Path) -> Subject:
    return open_run(built_demo).subject(PALACE)


@pytest.fixture(scope="module")
def recomputed(palace: Subject) -> dict[str, Any]:
    return recompute(palace)


@pytest.fixture(scope="module")
def mislabeled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Pictures of one cup of espresso, of which some are labeled as cups or not at all; a build."""
    above = tmp_path_factory.mktemp("mislabeled")
    pictures, out, demo = above / "cups", above / "out", Demo()
    for i in range(48):
        folder = pictures / {0: "cup", 4: "n07930864", 5: "something"}.get(i % 9, "espresso")
        folder.mkdir(parents=True, exist_ok=True)
        ending = ("png", "jpg")[i % 2]
        demo.open(f"coffee/{i:03d}", 0).save(folder / f"{i:02d}.{ending}")
    lens = [sys.executable, "-m", "lens_site", "build", "--classes", "espresso", "-k", "5"]
    command = [*lens, "--device", "cpu", "--data", str(pictures), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pictures, out


def test_a_page_of_the_demo(palace: Subject, recomputed: dict[str, Any], built_demo: Path) -> None:
    total = Agreement()
    total.compare(palace.stored, recomputed)
    total.add(check_files(palace, open_run(built_demo).folder / PALACE))
    total.add(check_page(built_demo / "site" / "classes" / PALACE))
    assert not total.differ and not total.unknown, str(total)
    assert total.compared > 40_000
    assert palace.stored["strategies"], "the page is meant to have strategies"


def test_a_page_with_mistakes(mislabeled: tuple[Path, Path]) -> None:
    pictures, out = mislabeled
    script = [sys.executable, str(Path(__file__)), str(out), ESPRESSO, "--data", str(pictures)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 differ" in done.stdout
    stored = open_run(out, pictures).subject(ESPRESSO).stored
    assert any(0 < (c["reliability"] or 0) < 1 for c in stored["concepts"])
    assert any(group["mistakes"] for group in stored["groups"])
    assert None in [image["label"] for image in stored["images"]]


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
    "concepts[2].covering.fall": 1e-3,
    "concepts[2].covering.fall_at_random": 1e-3,
    "concepts[3].mean_map[2][2]": 1e-3,
    "concepts[0].aligned[1].cosine": 1e-3,
    "concepts[0].tiles[2].code": 0.01,
    "concepts[0].tiles[2].box[0]": 0.01,
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
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_wrong_number_is_found(palace: Subject, recomputed: dict[str, Any], path: str) -> None:
    changed = copy.deepcopy(palace.stored)
    *way, last = [
        int(w) if w.isdigit() else w for w in path.replace("]", "").replace("[", ".").split(".")
    ]
    holder: Any = changed
    for step in way:
        holder = holder[step]
    holder[last] += CHANGES[path]
    found = Agreement()
    found.compare(changed, recomputed)
    assert [line.partition(":")[0] for line in found.differ] == [path]


def test_a_new_number_is_not_passed_over(palace: Subject, recomputed: dict[str, Any]) -> None:
    grown = {**palace.stored, "weather": {"rain": 0.25}}
    found = Agreement()
    found.compare(grown, recomputed)
    assert found.unknown == ["weather.rain = 0.25"]


@pytest.mark.parametrize(
    "place", ["table of the numbers", "table of the measures", "card of concept 1"]
)
def test_a_wrong_number_on_the_page_is_found(
    palace: Subject, built_demo: Path, tmp_path: Path, place: str
) -> None:
    first, metrics = palace.stored["concepts"][0], palace.stored["metrics"]
    markup, told, value = {
        "table of the numbers": ("<td>{}</td>", fixed, first["share"]),
        "table of the measures": ('<td role="cell">{}</td>', brief, metrics["explained_logit"]),
        "card of concept 1": ("<b>{}</b> of images", percent, first["prevalence"]),
    }[place]
    old, new = (markup.format(told(v).replace(" ", THIN)) for v in (value, value + 0.011))
    for folder in (built_demo / "site" / "classes").iterdir():
        (tmp_path / folder.name).mkdir()
        for name in ("index.html", "class.json"):
            shutil.copy(folder / name, tmp_path / folder.name / name)
    page = tmp_path / PALACE / "index.html"
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new), encoding="utf-8")
    assert any(line.startswith(place) for line in check_page(page.parent).differ)


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
