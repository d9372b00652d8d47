"""What ImageNet's own files say of its pictures: names that carry labels, and lists that give them.

A label is a WordNet id. The validation pictures are numbered, and their labels lie in a list
beside them: Kaggle's table, the annotations, or the development kit, which comes as a folder or
as it was downloaded.

Source: Russakovsky et al. 2015, ILSVRC (arXiv 1409.0575); readme.txt of ILSVRC2012_devkit_t12.
"""

import csv
import re
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lens_site.errors import SourceError

WORDNET = re.compile(r"n\d{8}")
NUMBERED = re.compile(r"(?:.*/)?ILSVRC2012_(val|test)_\d{8}\.[A-Za-z]+")
LABELED = re.compile(r"(?:^|.*/)(?:(n\d{8})_[^/]*|[^/]*_(n\d{8}))\.[A-Za-z]+")
"""``n01440764_10026.JPEG`` of training, ``ILSVRC2012_val_00000293_n01440764.JPEG`` since."""

OBJECT = re.compile(rb"<name>\s*(n\d{8})\s*</name>")

SOLUTION = "LOC_val_solution.csv"
ANNOTATIONS = ("Annotations/CLS-LOC/val", "ILSVRC/Annotations/CLS-LOC/val")
DEVKIT = "ILSVRC2012_devkit_t12"
TRUTH, META = "data/ILSVRC2012_validation_ground_truth.txt", "data/meta.mat"


@dataclass(frozen=True)
class Truth:
    """WordNet id of every validation picture, by its name without extension, and who says so."""

    labels: Mapping[str, str]
    origin: str


def label_in_name(name: str) -> str | None:
    """Return the WordNet id that a file's name begins or ends with."""
    found = LABELED.fullmatch(name)
    return (found[2] or found[1]) if found else None


def numbered(name: str) -> str | None:
    """``val`` or ``test`` of a picture that carries but a number, None of any other."""
    found = NUMBERED.fullmatch(name)
    return found[1] if found else None


def find_truth(folders: Sequence[Path]) -> Truth | None:
    """Look through folders for a list of the validation labels: the table, annotations, the kit.

    Raises
    ------
    SourceError
        When one is there and cannot be read.
    """
    for folder in folders:
        if (folder / SOLUTION).is_file():
            return Truth(_told(folder / SOLUTION, _solution), SOLUTION)
    for folder in folders:
        for place in ANNOTATIONS:
            if (folder / place).is_dir():
                return Truth(_told(folder / place, _annotations), "Annotations/CLS-LOC/val")
    for folder in folders:
        for kit in (folder / DEVKIT, folder / f"{DEVKIT}.tar.gz", folder):
            if kit.is_file() or (kit / TRUTH).is_file():
                return Truth(_told(kit, _devkit), Path(TRUTH).name)
    return None


def _told(path: Path, read: Callable[[Path], dict[str, str]]) -> dict[str, str]:
    try:
        return read(path)
    except (OSError, ValueError, KeyError, IndexError, TypeError, tarfile.TarError) as error:
        raise SourceError(
            f"data: the labels in {path} cannot be read ({type(error).__name__}: {error}); "
            "wanted the file as ImageNet gives it; fetch it again or move it away"
        ) from error


def _solution(path: Path) -> dict[str, str]:
    """``ImageId,PredictionString``; the string is a WordNet id and boxes."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {row["ImageId"]: row["PredictionString"].split()[0] for row in rows}


def _annotations(folder: Path) -> dict[str, str]:
    labels = {}
    for path in folder.glob("*.xml"):
        if found := OBJECT.search(path.read_bytes()):
            labels[path.stem] = found[1].decode()
    return labels


def _devkit(kit: Path) -> dict[str, str]:
    """Read the numbers of the pictures' classes, in their order; meta.mat says whose they are."""
    from scipy.io import loadmat  # heavy, needed once

    truth, meta = _files_of(kit)
    rows = loadmat(BytesIO(meta), squeeze_me=True)["synsets"]
    wordnet = {int(row["ILSVRC2012_ID"]): str(row["WNID"]) for row in rows}
    numbers = map(int, truth.split())
    return {f"ILSVRC2012_val_{i:08d}": wordnet[one] for i, one in enumerate(numbers, start=1)}


def _files_of(kit: Path) -> tuple[bytes, bytes]:
    if kit.is_dir():
        return (kit / TRUTH).read_bytes(), (kit / META).read_bytes()
    found = {}
    with tarfile.open(kit) as archive:
        for member in archive:
            for wanted in (TRUTH, META):
                if member.name.endswith(wanted) and (file := archive.extractfile(member)):
                    found[wanted] = file.read()
    return found[TRUTH], found[META]
