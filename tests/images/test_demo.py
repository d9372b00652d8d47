"""The demo is the same everywhere, and its credits are true of its files."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lens_site.errors import SourceError
from lens_site.images.source import ImageSource, open_source
from lens_site.images.sources import demo
from lens_site.images.sources.demo import OURS, PHOTOS, VIEWS, DemoSource

SHIPPED = Path(demo.__file__).parent / "photographs"


@pytest.fixture(scope="module")
def source() -> ImageSource:
    return open_source("demo")


def test_keys_groups_and_credits(source: ImageSource) -> None:
    assert len(source.keys) == 6 * VIEWS
    assert list(source.keys) == sorted(set(source.keys))
    assert source.keys[3 * VIEWS + 17] == "coffee/017"
    assert source.group(3 * VIEWS + 17) == "espresso"
    groups = {source.keys[i].split("/")[0]: source.group(i) for i in range(len(source.keys))}
    assert groups == {
        "camera": "tripod",
        "chelsea": "Egyptian cat",
        "china": "palace",
        "coffee": "espresso",
        "flower": "daisy",
        "rocket": "missile",
    }
    assert [credit.key for credit in source.credits] == sorted(groups)
    assert source.views_of_few
    assert source.description.startswith("900 random views")


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{package} is not installed; the group peers brings it")
    return Path(spec.submodule_search_locations[0])


def test_shipped_photographs_are_those_credited_and_light() -> None:
    digests = {photo.file: photo.sha256 for photo in PHOTOS if photo.folder == OURS}
    pictures = {path.name: path.read_bytes() for path in SHIPPED.iterdir() if path.suffix != ".txt"}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()} == digests
    assert sum(map(len, pictures.values())) < 1_000_000


def test_credits_lie_beside_the_shipped_photographs() -> None:
    rows = {
        (photo.file, photo.credit.author, photo.credit.license)
        for photo in PHOTOS
        if photo.folder == OURS
    }
    lines = (SHIPPED / "CREDITS.txt").read_text().splitlines()
    columns = [(line[:12].strip(), line[13:72].strip(), line[73:]) for line in lines]
    assert rows <= set(columns)
    assert {license for _, _, license in rows} == {"CC0", "public domain"}


@pytest.mark.parametrize("photo", [p for p in PHOTOS if p.folder == OURS], ids=lambda p: p.file)
def test_shipped_photographs_are_scikit_images_own(photo: demo.Photo) -> None:
    skimage = folder_of("skimage")
    assert (SHIPPED / photo.file).read_bytes() == (skimage / "data" / photo.file).read_bytes()
    docstrings = " ".join((skimage / "data" / "_fetchers.py").read_text().split())
    author = photo.credit.author.split(",")[0]
    stated = {
        "CC0": f"No copyright restrictions. CC0 by the photographer ({author}).",
        "public domain": f"captured by {author} and `released in the public domain",
    }
    assert stated[photo.credit.license] in docstrings


@pytest.mark.parametrize("photo", [p for p in PHOTOS if p.folder != OURS], ids=lambda p: p.file)
def test_credits_agree_with_what_scikit_learn_states(photo: demo.Photo) -> None:
    readme = (folder_of("sklearn") / "datasets/images/README.txt").read_text()
    assert photo.credit.source in readme
    assert photo.credit.author.split()[0] in readme
    assert photo.credit.license == "CC BY 2.0"
    assert "creativecommons.org/licenses/by/2.0/" in readme


def test_view_does_not_depend_on_what_else_is_asked(source: ImageSource) -> None:
    first = [np.asarray(source.open(i, 256)) for i in (5, 899, 149)]
    again = [np.asarray(DemoSource().open(i, None)) for i in (149, 899, 5)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert source.read(5) == DemoSource().read(5)


def test_reads_and_stamps_tell_views_apart(source: ImageSource) -> None:
    everything = range(len(source.keys))
    assert len({source.read(i) for i in everything}) == len(source.keys)
    assert len({source.stamp(i) for i in everything}) == len(source.keys)


def test_view_is_the_rectangle_that_read_names(source: ImageSource) -> None:
    photographs = {
        name: np.asarray(Image.open(SHIPPED / f"{name}.png").convert("RGB"))
        for name in ("camera", "coffee")
    }
    mirrored = []
    for i in [*range(40), *range(3 * VIEWS, 3 * VIEWS + 40)]:
        words = source.read(i).decode()
        height, width, _ = photographs[words.split()[0]].shape
        left, top, right, bottom = (int(n) for n in words.split("(")[1].split(")")[0].split(","))
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert 0.079 < (right - left) * (bottom - top) / (width * height) <= 1.001
        assert 0.74 < (right - left) / (bottom - top) < 1.35
        view = source.open(i, None)
        assert (view.mode, view.size) == ("RGB", (right - left, bottom - top))
        cut = photographs[words.split()[0]][top:bottom, left:right]
        mirrored.append(words.endswith("mirrored"))
        expected = cut[:, ::-1] if mirrored[-1] else cut
        assert np.array_equal(np.asarray(view), expected)
    assert 0.3 < np.mean(mirrored) < 0.7


def test_scales_are_spread_as_promised(source: ImageSource) -> None:
    areas = []
    for i in range(VIEWS):  # the square photograph refuses fewest
        view = source.open(i, None)
        areas.append(view.width * view.height / 512**2)
    assert min(areas) < 0.12
    assert max(areas) > 0.85
    assert 0.4 < np.mean(areas) < 0.6


def test_another_photograph_by_that_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"another")
    with pytest.raises(SourceError, match=r"camera\.png is another photograph than the one"):
        DemoSource()


@pytest.mark.parametrize(
    ("package", "file"),
    [
        ("lens_site", r"lens_site/images/sources/photographs/camera\.png"),
        ("sklearn", r"sklearn/datasets/images/china\.jpg"),
    ],
)
def test_missing_photograph_is_named(
    package: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {package: None}
    monkeypatch.setattr(demo, "find_spec", lambda name: elsewhere.get(name, find_spec(name)))
    with pytest.raises(SourceError, match=f"needs {file}.*install both"):
        DemoSource()
