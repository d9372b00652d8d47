"""Imagenette without a network: torchvision's downloader is replaced."""

from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torchvision.datasets
from PIL import Image

from lens_site.errors import SourceError
from lens_site.images.source import open_source


def archive(root: Path, *, split: str, size: str, download: bool) -> None:
    """Leave behind what torchvision leaves."""
    assert (size, download) == ("320px", True)
    (root / "imagenette2-320.tgz").write_bytes(b"archive")
    for part in ("train", "val"):
        folder = root / "imagenette2-320" / part / "n01440764"
        folder.mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(folder / f"{part}.JPEG")


def test_downloads_once_and_keeps_no_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torchvision.datasets, "Imagenette", archive)
    source = open_source("imagenette", cache=tmp_path)
    assert (source.keys, source.group(0)) == (("n01440764/val.JPEG",), "n01440764")
    assert (source.name, source.credits[0].title) == ("imagenette", "Imagenette")
    assert [path.name for path in tmp_path.iterdir()] == ["imagenette2-320"]
    assert sorted(path.name for path in (tmp_path / "imagenette2-320").glob("[!.]*")) == [
        "train",
        "val",
    ]

    monkeypatch.setattr(torchvision.datasets, "Imagenette", lambda *_, **__: pytest.fail("again"))
    assert open_source("imagenette", cache=tmp_path).keys == source.keys


@pytest.mark.parametrize("error", [URLError("no route to host"), RuntimeError("bad md5")])
def test_failed_download_says_the_way_out_and_leaves_nothing(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path, **_: Any) -> None:
        (root / "imagenette2-320.tgz").write_bytes(b"half")
        raise error

    monkeypatch.setattr(torchvision.datasets, "Imagenette", fail)
    with pytest.raises(SourceError, match=r"cannot be downloaded \(.*(route|md5).*give its folder"):
        open_source("imagenette", cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
