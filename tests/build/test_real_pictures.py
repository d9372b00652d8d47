"""The default network on real photographs; skipped where ``../shared/data`` is absent."""

from pathlib import Path

import pytest
from support import Lens

from lens_site.results import latest_run, read_class, read_run

pytestmark = pytest.mark.data


@pytest.mark.data
def test_imagenet_photographs_are_predicted_as_labeled(
    lens: Lens, data_folder: Path, tmp_path: Path
) -> None:
    done = lens(
        "build", "--data", data_folder / "imagenet-samples", "--min-images", "1",
        "--classes", "0-19", "--out", tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run = read_run(latest_run(tmp_path))
    assert (run.data.images, run.data.labeled) == (1000, 1000)
    assert run.accuracy is not None
    assert run.accuracy >= 0.85
    assert len([c for c in run.classes if c.status == "built"]) >= 15


@pytest.mark.data
def test_two_classes_of_clothing(lens: Lens, data_folder: Path, tmp_path: Path) -> None:
    done = lens(
        "build", "--data", data_folder / "clothing", "--classes", "jean,610", "--out", tmp_path
    )
    assert done.exit_code == 0, done.output
    pages = sorted(p.name for p in (tmp_path / "site" / "classes").iterdir() if p.is_dir())
    assert pages == ["0608-jean", "0610-jersey"]
    jersey = read_class(latest_run(tmp_path), "0610-jersey")
    assert jersey.predicted == pytest.approx(785, abs=8)
    assert len(jersey.images) == 400
    assert jersey.metrics.explained_logit > 0.85
    assert jersey.metrics.relative_l2 < 0.8
    assert all(i.label is None for i in jersey.images)
    folder = tmp_path / "site" / "classes" / "0610-jersey"
    assert sum(p.stat().st_size for p in folder.glob("*.webp") if p.stem != "card") < 620_000
    assert jersey.sharp
    named = {i for g in jersey.groups for i in (*g.prototypes[:3], *g.outliers[:2])}
    assert named <= set(jersey.sharp.images), "what the page shows by name is sharp"


def test_the_demo_has_its_six_classes(built_demo: Path) -> None:
    built = {c.slug: c for c in read_run(latest_run(built_demo)).classes if c.status == "built"}
    wanted = {
        "0967-espresso", "0285-egyptian-cat", "0872-tripod", "0657-missile", "0985-daisy",
        "0698-palace",
    }  # fmt: skip
    assert wanted <= set(built)
    assert read_run(latest_run(built_demo)).data.views_of_few
    espresso = read_class(latest_run(built_demo), "0967-espresso")
    assert espresso.concepts[0].aligned[0].name == "espresso"
    assert espresso.concepts[0].reliability == 1.0
