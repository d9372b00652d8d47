"""One set as a folder, as tar shards and as Parquet gives the same results to the byte."""

from pathlib import Path

import made_set
import pytest
from support import TINY, Lens

from lens_site.images import ImageSource, open_source
from lens_site.results import latest_run, read_run

NUMBERS = {"red": 0, "green": 1, "blue": 2}


@pytest.fixture
def places(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    pytest.importorskip("pyarrow", reason="pip install 'lens-site[parquet]'")
    monkeypatch.setattr(made_set, "SHARD", 30)  # three shards, and classes across them
    monkeypatch.setattr(made_set, "GROUP", 7)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = made_set.pictures(photos, NUMBERS, 24, seed=0)
    return made_set.write(tmp_path / "made", made, list(NUMBERS))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_three_kinds_of_sources_give_the_same_results(
    places: dict[str, Path], tmp_path: Path, lens: Lens
) -> None:
    sources = {kind: open_source(str(place)) for kind, place in places.items()}
    kinds = {kind: type(source).__name__ for kind, source in sources.items()}
    assert kinds == {"folder": "FolderSource", "tar": "TarSource", "parquet": "ParquetSource"}
    folder = sources["folder"]
    everything = range(len(folder.keys))
    assert len(everything) == 72

    def held(source: ImageSource) -> list[tuple[str, bytes]]:
        return [(source.keys[i], source.read(i)) for i in everything]

    assert held(sources["tar"]) == held(folder)
    assert held(sources["parquet"]) == held(folder)

    found = {
        "folder": "made: 72 pictures in 3 folders\n",
        "tar": "made: 72 pictures in 3 tar files, 3 classes, labels from cls members\n",
        "parquet": "made: 72 pictures in 3 Parquet files, 3 classes, labels from the column",
    }
    runs = {}
    for kind, place in places.items():
        done = lens("build", *TINY, "--data", place, "--out", tmp_path / kind)
        assert done.exit_code == 0, done.output
        assert found[kind] in done.output
        runs[kind] = latest_run(tmp_path / kind)
    assert len({run.name for run in runs.values()}) == 1
    records = [read_run(run) for run in runs.values()]
    assert records[0].data.labeled == 72
    assert records[0].accuracy == records[1].accuracy == records[2].accuracy
    slugs = [one.slug for one in records[0].classes if one.status == "built"]
    assert slugs == ["0000-red", "0001-green", "0002-blue"]
    for slug in slugs:
        wanted = files_of(runs["folder"] / slug)
        assert {"result.json", "arrays.safetensors"} <= set(wanted)
        for kind in ("tar", "parquet"):
            assert files_of(runs[kind] / slug) == wanted, (kind, slug)
    whole = {kind: files_of(run) for kind, run in runs.items()}
    for kind in ("tar", "parquet"):
        differ = [name for name in whole["folder"] if whole[kind][name] != whole["folder"][name]]
        assert differ == ["run.json"], "the description of the data alone"
