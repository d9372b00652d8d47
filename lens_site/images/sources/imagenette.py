"""Imagenette: ten easy classes of ImageNet, downloaded by torchvision where the network allows."""

from pathlib import Path

from lens_site.atomic import write_tree
from lens_site.errors import SourceError
from lens_site.images import splits
from lens_site.images.source import Credit
from lens_site.images.sources.folder import FolderSource

FOLDER = "imagenette2-320"
PARTS = {"train": "training", "val": "validation"}

CREDIT = Credit(
    key="imagenette",
    title="Imagenette",
    author="Jeremy Howard; photographs by the many authors collected in ImageNet",
    license="no license stated for the photographs; ImageNet asks for non-commercial research use",
    source="https://github.com/fastai/imagenette",
)


TAKES = "imagenette"


def open_data(data: str, split: str | None, cache: Path) -> FolderSource | None:
    """Open what is called imagenette."""
    return imagenette(cache, split or "val") if data == TAKES else None


def imagenette(cache: Path, split: str) -> FolderSource:
    """Open a part of Imagenette, shorter side 320 px, in ``cache``.

    Class folders are WordNet ids. The validation part has about 390 pictures a class, as
    many as a class page shows. Note that pictures of both parts come from ImageNet, which
    most networks were trained on.

    Raises
    ------
    SourceError
        If the pictures are not in ``cache`` and cannot be downloaded, or have no such part.
    """
    splits.choose(PARTS, split, TAKES)
    root = cache / FOLDER
    if not root.is_dir():
        write_tree(root, _download)
    return FolderSource(
        root / split,
        name=TAKES if split == "val" else f"{TAKES}-{split}",
        description=f"Imagenette's {PARTS[split]} pictures: ten easily told classes of ImageNet.",
        credits=(CREDIT,),
    )


def _download(folder: Path) -> None:
    """Fill ``folder`` with ``train`` and ``val``; the archive itself is not kept."""
    from torchvision.datasets import Imagenette  # heavy, needed once

    try:
        Imagenette(folder, split="val", size="320px", download=True)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(
            f"data: imagenette cannot be downloaded ({reason}); wanted {FOLDER}.tgz; unpack it "
            "elsewhere and give its folder 'val' as --data, or use --data demo"
        ) from error
    for part in sorted((folder / FOLDER).iterdir()):
        part.rename(folder / part.name)
    (folder / FOLDER).rmdir()
    (folder / f"{FOLDER}.tgz").unlink()
