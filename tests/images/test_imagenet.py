"""ImageNet in the layouts in which it lies on disks, in small."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from lens_site.classifier.labels import imagenet_labels
from lens_site.errors import SourceError
from lens_site.images.source import ImageSource, open_source
from lens_site.images.sources.folder import FolderSource
from lens_site.images.sources.imagenet import ImageNetSource

TENCH, GOLDFISH = "n01440764", "n01443537"
TRUE = {1: GOLDFISH, 2: TENCH, 3: GOLDFISH}
"""Class of every validation picture."""


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path, "JPEG")
    return path


def train(folder: Path) -> None:
    for wordnet in (TENCH, GOLDFISH):
        for i in (1, 2):
            put(folder / wordnet / f"{wordnet}_{i}.JPEG")


def val(folder: Path) -> None:
    for i in TRUE:
        put(folder / f"ILSVRC2012_val_{i:08d}.JPEG")


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """The folders of ILSVRC, without any list of labels."""
    inside = tmp_path / "kaggle" / "ILSVRC" / "Data" / "CLS-LOC"
    train(inside / "train")
    val(inside / "val")
    put(inside / "test" / "ILSVRC2012_test_00000001.JPEG")
    return tmp_path / "kaggle"


def solution(folder: Path) -> None:
    rows = [f"ILSVRC2012_val_{i:08d},{wordnet} 85 1 499 272 " for i, wordnet in TRUE.items()]
    text = "\n".join(["ImageId,PredictionString", *reversed(rows)])
    (folder / "LOC_val_solution.csv").write_text(text)


def annotations(folder: Path) -> None:
    place = folder / "ILSVRC" / "Annotations" / "CLS-LOC" / "val"
    place.mkdir(parents=True)
    for i, wordnet in TRUE.items():
        (place / f"ILSVRC2012_val_{i:08d}.xml").write_text(
            f"<annotation><folder>val</folder><object>\n<name>{wordnet}</name></object></annotation>"
        )


def devkit(folder: Path) -> Path:
    """A number is of the kit's own list, in another order than that of the ids."""
    place = folder / "ILSVRC2012_devkit_t12" / "data"
    place.mkdir(parents=True)
    rows = [(1, GOLDFISH, 0), (2, TENCH, 0), (3, "n00000003", 2)]
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    synsets = np.array([(i, w, "word", children) for i, w, children in rows], dtype=kinds)
    savemat(place / "meta.mat", {"synsets": synsets[:, None]})
    numbers = [{GOLDFISH: 1, TENCH: 2}[wordnet] for wordnet in TRUE.values()]
    (place / "ILSVRC2012_validation_ground_truth.txt").write_text("\n".join(map(str, numbers)))
    return place.parent


def packed_devkit(folder: Path) -> None:
    kit = devkit(folder / "elsewhere")
    with tarfile.open(folder / "ILSVRC2012_devkit_t12.tar.gz", "w:gz") as archive:
        archive.add(kit, kit.name)


def groups(source: ImageSource) -> dict[str, str | None]:
    return {key: source.group(i) for i, key in enumerate(source.keys)}


LABELED = {f"ILSVRC2012_val_{i:08d}.JPEG": wordnet for i, wordnet in TRUE.items()}


@pytest.mark.parametrize("given", [".", "ILSVRC", "ILSVRC/Data/CLS-LOC", "ILSVRC/Data/CLS-LOC/val"])
@pytest.mark.parametrize(
    ("write", "origin"),
    [
        (solution, "LOC_val_solution.csv"),
        (annotations, "Annotations/CLS-LOC/val"),
        (devkit, "ILSVRC2012_validation_ground_truth.txt"),
        (packed_devkit, "ILSVRC2012_validation_ground_truth.txt"),
    ],
)
def test_validation_labels_of_every_origin_from_every_root(
    kaggle: Path, given: str, write: object, origin: str
) -> None:
    assert callable(write)
    write(kaggle)
    data = str(kaggle / given)
    source = open_source(data)
    assert isinstance(source, ImageNetSource)
    assert groups(source) == LABELED
    said = f"3 pictures, 2 classes, labels from {origin}"
    if given.endswith("val"):
        assert (source.name, source.found) == ("val", said)
        return
    data = data.rstrip("/.")
    assert source.name == "imagenet-val"
    found = source.found.replace("/.:", ":")
    assert found == f"{said}, part val (there is {data}:train and {data}:test too)"


def test_the_table_wins_over_annotations(kaggle: Path) -> None:
    annotations(kaggle)
    rows = [f"ILSVRC2012_val_{i:08d},{TENCH} 1 1 2 2" for i in TRUE]
    (kaggle / "LOC_val_solution.csv").write_text("\n".join(["ImageId,PredictionString", *rows]))
    assert set(groups(open_source(str(kaggle))).values()) == {TENCH}


def test_training_and_test_parts(kaggle: Path) -> None:
    solution(kaggle)
    source = open_source(f"{kaggle}:train")
    assert source.name == "imagenet-train"
    assert set(groups(source).values()) == {TENCH, GOLDFISH}
    assert "4 pictures, 2 classes, labels from the folders, part train" in source.found
    source = open_source(f"{kaggle}:test")
    assert (source.name, source.group(0)) == ("imagenet-test", None)
    assert source.found.startswith("1 picture, 1 without a label, part test")


def test_validation_pictures_without_any_list_say_what_to_do(kaggle: Path) -> None:
    source = open_source(str(kaggle))
    assert set(groups(source).values()) == {None}
    assert "3 without a label, put LOC_val_solution.csv or the development kit" in source.found


def test_a_damaged_list_is_named(kaggle: Path) -> None:
    (kaggle / "LOC_val_solution.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match=r"labels in .*LOC_val_solution\.csv cannot be read"):
        open_source(str(kaggle))


def test_layout_of_torchvision(tmp_path: Path) -> None:
    train(tmp_path / "small" / "train")
    put(tmp_path / "small" / "val" / TENCH / "ILSVRC2012_val_00000002.JPEG")
    source = open_source(str(tmp_path / "small"))
    assert source.name == "small-val"
    assert groups(source) == {f"{TENCH}/ILSVRC2012_val_00000002.JPEG": TENCH}
    assert "labels from the folders, part val (there is" in source.found
    assert len(open_source(f"{tmp_path / 'small'}:train").keys) == 4
    with pytest.raises(SourceError, match=r"has no part 'test'; give .*:val or .*:train"):
        open_source(f"{tmp_path / 'small'}:test")


def test_flat_folder_of_names_that_carry_labels(tmp_path: Path) -> None:
    put(tmp_path / f"ILSVRC2012_val_00000293_{TENCH}.JPEG")
    put(tmp_path / f"{GOLDFISH}_17.JPEG")
    put(tmp_path / f"{TENCH}_10026_{TENCH}.JPEG")
    source = open_source(str(tmp_path))
    assert sorted(map(str, groups(source).values())) == [TENCH, TENCH, GOLDFISH]
    assert source.found == "3 pictures, 2 classes, labels from the file names"
    assert [imagenet_labels().match(str(source.group(i))) for i in range(3)] == [0, 0, 1]


@pytest.mark.parametrize(
    "files",
    [
        ("cat/1.jpg", "dog/1.jpg"),
        ("train/cat/1.jpg", "val/cat/1.jpg"),  # parts, but not ImageNet's: classes, as ever
        (f"{TENCH}/1.jpg", "mine/2.jpg"),
        (f"{TENCH}/1.jpg", f"{GOLDFISH}/2.jpg"),
        (f"x_{TENCH}.jpg", "holiday.jpg"),
        ("Data/1.jpg", "Annotations/2.jpg"),
    ],
)
def test_any_other_folder_is_taken_as_ever(tmp_path: Path, files: tuple[str, ...]) -> None:
    for name in files:
        put(tmp_path / name)
    source = open_source(str(tmp_path))
    assert type(source) is FolderSource
    assert sorted(source.keys) == sorted(files)
    assert groups(source) == {
        name: name.partition("/")[0] if "/" in name else None for name in files
    }
