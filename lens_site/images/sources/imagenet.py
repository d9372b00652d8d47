"""ImageNet as it lies on disks, given its root or one of its folders.

The layouts of ILSVRC and Kaggle (``ILSVRC/Data/CLS-LOC/{train,val,test}``), torchvision's
(``train`` and ``val`` of WordNet folders), and flat folders whose names carry a label or a number.
"""

import os
from collections import Counter
from pathlib import Path

from lens_site.images import splits
from lens_site.images.ilsvrc import SOLUTION, WORDNET, Truth, find_truth, label_in_name, numbered
from lens_site.images.names import printable
from lens_site.images.source import EXTENSIONS, Credit, counted
from lens_site.images.sources.folder import FolderSource, parts_of

TAKES = "ImageNet's root"

INSIDE = ("ILSVRC/Data/CLS-LOC", "Data/CLS-LOC", "CLS-LOC")
"""Where the parts lie below the root that was given."""

NAME, ABOVE = "imagenet", 4
"""What the set is called; folders above the validation pictures where their labels may lie."""

CREDIT = Credit(
    key="imagenet",
    title="ImageNet",
    author="Russakovsky et al.; photographs by the many authors collected in ImageNet",
    license="no license stated for the photographs; ImageNet asks for non-commercial research use",
    source="https://image-net.org",
)


def open_data(data: str, split: str | None, cache: Path) -> "ImageNetSource | None":
    """Open a folder that is laid out as ImageNet is; None for any other."""
    if not splits.exists(data) or not (root := splits.expanded(data)).is_dir():
        return None
    inside = next((root / place for place in INSIDE if (root / place).is_dir()), root)
    parts = {of: folder for of, folder in parts_of(inside).items() if _is_imagenet(folder)}
    if parts:
        chosen = splits.choose(parts, split, data)
        official = inside != root or root.name == "CLS-LOC"
        name = f"{NAME if official else printable(root.absolute().name)}-{chosen}"
        credits = (CREDIT,) if official else ()
        return ImageNetSource(parts[chosen], name, splits.said(chosen, parts, data), credits)
    if split is None and _is_imagenet(root, flat=True):
        return ImageNetSource(root, None, "", ())
    return None


class ImageNetSource(FolderSource):
    """Pictures of ImageNet with their WordNet ids, wherever these stand.

    A label is the folder of the picture, else what the list of the validation labels says, else
    what the picture's name carries.

    Raises
    ------
    SourceError
        As :class:`FolderSource`; when the list of labels cannot be read.
    """

    def __init__(
        self, root: Path, name: str | None, note: str, credits: tuple[Credit, ...]
    ) -> None:
        super().__init__(root, name=name, credits=credits)
        flat = [key for key in self.keys if "/" not in key]
        of = {numbered(key) for key in flat}
        self._truth = ("val" in of and find_truth(_around(root))) or Truth({}, "")
        labels = Counter(map(self._label, self.keys))
        missing = labels.pop(None, 0)
        origin = (self._truth.origin or "the file names") if flat else "the folders"
        said = [counted(len(self.keys), "picture")]
        if labels:
            said += [counted(len(labels), "class"), f"labels from {origin}"]
        if missing:
            said.append(f"{missing:,} without a label")
        if missing and "val" in of and not self._truth.labels:
            said.append(f"put {SOLUTION} or the development kit beside them")
        self.found = ", ".join(filter(None, (*said, note)))

    def group(self, i: int) -> str | None:
        """Return the WordNet id, or the folder where that is none."""
        return self._label(self.keys[i])

    def _label(self, key: str) -> str | None:
        folder, slash, _ = key.partition("/")
        if slash:
            return folder
        return self._truth.labels.get(key.rpartition(".")[0]) or label_in_name(key)


def _around(folder: Path) -> list[Path]:
    """Return the folder and those above it, the nearest first."""
    folder = folder.absolute()
    return [folder, *folder.parents[:ABOVE]]


def _is_imagenet(folder: Path, *, flat: bool = False) -> bool:
    """Whether all of it is WordNet folders, or pictures whose names are ImageNet's."""
    seen = False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.name.lower().endswith(EXTENSIONS):
                    if label_in_name(entry.name) is None and numbered(entry.name) is None:
                        return False
                elif not entry.is_dir():
                    continue
                elif flat or WORDNET.fullmatch(entry.name) is None:
                    return False
                seen = True
    except OSError:  # the folder of pictures says why
        return False
    return seen
