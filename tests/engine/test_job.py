"""A job crosses to another process and gives the same bytes there."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support import TESTS, TINY, Lens

from lens_site.config import load_config
from lens_site.engine.build import open_workshop, settings_of
from lens_site.engine.job import ClassJob, Workshop, compute, failure, run
from lens_site.engine.plan import Images, make_plan
from lens_site.engine.predicting import predict_source
from lens_site.errors import OutputError, StageError

ELSEWHERE = """
import pickle, sys
from pathlib import Path
from lens_site.engine.build import open_workshop
from lens_site.engine.job import run
config, job = pickle.loads(Path(sys.argv[1]).read_bytes())
print(run(job, open_workshop(config)).status)
"""


@pytest.fixture
def given(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(TESTS)
    options = dict(zip(TINY[::2], TINY[1::2], strict=True))
    config = load_config(
        {"data": str(photos), "out": tmp_path / "out", "model": options["--model"],
         "min_images": 5, "concepts": 3, "device": "cpu"}
    )  # fmt: skip
    workshop = open_workshop(config)
    rows, _ = predict_source(workshop, config, report=lambda event: None)
    images = Images(rows, workshop.source.keys, np.full(len(rows), -1))
    plan = make_plan(images, (0,), config, run="run", keys={})
    (red,) = plan.compute
    for name in ("run", "far"):
        (tmp_path / name).mkdir()
    return config, workshop, ClassJob(red, plan.positions[0], settings_of(config), tmp_path / "run")


def test_a_job_runs_in_another_process(given, tmp_path: Path) -> None:
    config, workshop, job = given
    assert run(job, workshop).status == "built"
    written = {p.name: p.read_bytes() for p in (tmp_path / "run" / "0000-red").iterdir()}
    (tmp_path / "job").write_bytes(
        pickle.dumps((config, ClassJob(job.images, job.positions, job.settings, tmp_path / "far")))
    )
    command = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "job")]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.stdout == "built\n", done.stderr
    assert {p.name: p.read_bytes() for p in (tmp_path / "far" / "0000-red").iterdir()} == written


def test_a_failure_names_its_class_but_a_full_disk_ends_the_build(given) -> None:
    _, workshop, job = given
    failed = failure(job, workshop, StageError("nmf: too few rows"))
    assert (failed.slug, failed.status) == ("0000-red", "failed")
    assert failed.reason == "nmf: too few rows"
    broken = failure(job, workshop, ZeroDivisionError("by zero"))
    assert broken.reason == "ZeroDivisionError: by zero"
    with pytest.raises(OutputError):
        failure(job, workshop, OutputError("no space left"))


def test_a_folder_that_has_gone_is_not_made_anew(given) -> None:
    _, workshop, job = given
    job.run_dir.rmdir()
    with pytest.raises(OutputError, match="No such file or directory"):
        run(job, workshop)
    assert not job.run_dir.exists()


def test_one_bad_class_leaves_the_others(
    lens: Lens, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lens_site.engine.engines import local

    def broken(job: ClassJob, workshop: Workshop, gathered):
        if job.images.index == 1:
            raise ValueError("green is broken")
        return compute(job, workshop, gathered)

    monkeypatch.setattr(local, "compute", broken)
    done = lens("build", "--data", photos, "--out", tmp_path / "out", *TINY)
    assert done.exit_code == 1
    assert "failed 0001-green: ValueError: green is broken" in done.output
    assert len(list((tmp_path / "out").glob("results/*/*/result.json"))) == 2
