"""The demo is the same everywhere, and its credits are true of its files."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from skimage.color import gray2rgb

from lens_site.errors import SourceError
from lens_site.images import demo
from lens_site.images.demo import PHOTOS, VIEWS, DemoSource
from lens_site.images.source import ImageSource, open_source


@pytest.fixture(scope="module")
def source() -> ImageSource:
    return open_source("demo")


def test_keys_groups_and_credits(source: ImageSource) -> None:
    assert len(source.keys) == 7 * VIEWS
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
        "motorcycle": "moped",
        "rocket": "missile",
    }
    assert [credit.key for credit in source.credits] == sorted(groups)
    assert source.views_of_few
    assert source.description.startswith("1,050 random views")


def test_credits_agree_with_what_the_packages_state(source: ImageSource) -> None:
    def text(package: str, file: str) -> str:
        spec = find_spec(package)
        assert spec and spec.submodule_search_locations
        return Path(spec.submodule_search_locations[0], file).read_text()

    docstrings = text("skimage", "data/_fetchers.py")
    readme = text("sklearn", "datasets/images/README.txt")
    for photo in PHOTOS:
        credit = photo.credit
        if photo.package == "skimage":
            assert credit.author.split(",")[0] in docstrings
            assert (
                credit.licence != "CC0"
                or f"CC0 by the photographer ({credit.author.split(',')[0]})" in docstrings
            )
        else:
            assert credit.source in readme
            assert credit.licence == "CC BY 2.0"
            assert "creativecommons.org/licenses/by/2.0/" in readme


def test_view_does_not_depend_on_what_else_is_asked(source: ImageSource) -> None:
    first = [np.asarray(source.open(i, 256)) for i in (5, 900, 149)]
    again = [np.asarray(DemoSource().open(i, None)) for i in (149, 900, 5)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert source.read(5) == DemoSource().read(5)


def test_reads_and_stamps_tell_views_apart(source: ImageSource) -> None:
    everything = range(len(source.keys))
    assert len({source.read(i) for i in everything}) == len(source.keys)
    assert len({source.stamp(i) for i in everything}) == len(source.keys)


def test_view_is_the_rectangle_that_read_names(source: ImageSource) -> None:
    photographs = {"coffee": skimage.data.coffee(), "camera": gray2rgb(skimage.data.camera())}
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


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda _: None)
    with pytest.raises(SourceError, match=r"needs skimage/data/camera\.png.*install both"):
        DemoSource()
