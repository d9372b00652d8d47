"""Parts of a set by name, and what else a colon may mean."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from lens_site.errors import SourceError
from lens_site.images import splits
from lens_site.images.source import open_source


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_part_of_any_folder(here: Path) -> None:
    put(here / "photos" / "train" / "cat" / "1.png")
    put(here / "photos" / "validation" / "dog" / "1.png")
    for asked in ("photos:train", "./photos:train", f"{here}/photos:training"):
        source = open_source(asked)
        assert (source.name, source.keys, source.group(0)) == (
            "photos-train",
            ("cat/1.png",),
            "cat",
        )
    assert "part val (there is photos:train too)" in open_source("photos:val").found
    with pytest.raises(SourceError, match=r"'test'; give photos:val or photos:train$"):
        open_source("photos:test")
    whole = open_source("photos")
    assert {whole.group(0), whole.group(1)} == {"train", "validation"}
    assert whole.found.endswith("taken for classes; for one of them give photos:train")


def test_folder_without_parts(here: Path) -> None:
    put(here / "photos" / "1.png")
    with pytest.raises(SourceError, match="has no part 'val'; give photos without :val"):
        open_source("photos:val")


def test_a_path_of_exactly_that_name_wins(here: Path) -> None:
    put(here / "photos" / "val" / "1.png")
    put(here / "photos:val" / "2.png")
    assert open_source("photos:val").keys == ("2.png",)


def test_a_part_of_what_is_there_wins_over_a_module(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "mine_parts.py").write_text(
        "from lens_site.images.sources.folder import FolderSource\n"
        "from pathlib import Path\n"
        "def val():\n    return FolderSource(Path('photos'))\n"
    )
    put(here / "photos" / "1.png")
    monkeypatch.setattr(sys, "path", [str(here), *sys.path])
    assert open_source("mine_parts:val").name == "photos"
    put(here / "mine_parts" / "val" / "2.png")
    assert open_source("mine_parts:val").keys == ("2.png",)
    del sys.modules["mine_parts"]


def test_sets_by_name_have_the_parts_they_have(here: Path) -> None:
    with pytest.raises(SourceError, match="demo has no part 'train'; give demo without :train"):
        open_source("demo:train")
    with pytest.raises(SourceError, match="imagenette has no part 'test'"):
        open_source("imagenette:test", cache=here)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("data/train-00000-of-00294.parquet", "train"),
        ("validation-00000-of-00014.parquet", "val"),
        ("imagenet1k-train-0000.tar", "train"),
        ("ILSVRC2012_img_val.tar", "val"),
        ("train/000.tar", "train"),
        ("train/val-000.tar", "val"),
        ("constraint-000.tar", None),
        ("000.tar", None),
    ],
)
def test_parts_in_names_of_files(name: str, split: str | None) -> None:
    assert splits.split_of_file(name) == split


def test_a_place_is_the_same_from_everywhere(here: Path) -> None:
    put(here / "photos" / "val" / "1.png")
    assert splits.place_of("photos:val") == f"{here / 'photos'}:val"
    assert splits.place_of("photos") == str(here / "photos")
    assert splits.place_of("demo") == "demo"
    assert splits.folder_of("photos:val") == Path("photos")
