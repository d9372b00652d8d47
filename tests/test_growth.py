"""The house takes in what is new: each thing one file (and its template), from outside the package.

A user's folder gets an extraction method, an importance method, an image source, a chart, a section
that draws it, and a page; one build uses all of them, and nothing in the package is touched.
"""

import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file
from support import Lens, paint_photos

from lens_site.results import latest_run, read_class, read_run
from lens_site.site.publish.check import check

FILES = {
    "mine_rows.py": '''
"""An extraction method: the first k rows that differ, as they are."""

import torch

from lens_site.extraction import Convergence, Extractor


class FirstRows(Extractor):
    """Take the first k different rows as concepts."""

    name = "first-rows"

    def _fit(self, activations, generator, progress):
        rows = torch.unique(activations, dim=0)[-self.k :]
        progress(1, 1.0)
        return {"dictionary": rows}, Convergence((1.0,), 1, "nothing to fit")

    def _encode(self, activations):
        return (activations @ torch.linalg.pinv(self.dictionary)).clamp_min(0)
''',
    "mine_share.py": '''
"""An importance method: the same for every concept."""

from lens_site.importance import Attributor


class Equal(Attributor):
    """Give every concept an equal part of the logit."""

    name = "equal"

    def estimate(self, score, codes, *, generator):
        n, s, k = codes.shape
        logits = score(codes)
        return (logits / k)[:, None].expand(n, k).clone()
''',
    "mine_source.py": '''
"""An image source: the pictures of a folder, all in one class folder."""

from pathlib import Path

from lens_site.images.sources.folder import FolderSource


class Reds(FolderSource):
    """Pictures of the folder beside this file."""

    def __init__(self):
        super().__init__(Path(__file__).parent / "photos", name="reds", description="Reds.")

    def group(self, i):
        return "red"
''',
    "mine_chart.py": '''
"""A chart: one stroke a value on one line."""

from dataclasses import dataclass

from lens_site.site.charts.axis import Axis


@dataclass(frozen=True)
class Comb:
    """Where the strokes stand."""

    strokes: tuple[str, ...]


def comb(values):
    axis = Axis.around(values)
    return Comb(tuple(axis.at(v) for v in values))
''',
    "mine_chart.css": ".comb { fill: none }\n",
    "mine_section.py": '''
"""A section: the probabilities of the images, as a comb."""

from dataclasses import dataclass

from mine_chart import Comb, comb

from lens_site.site.records import Section


@dataclass(frozen=True)
class Sure:
    """What the section shows."""

    chart: Comb
    images: int


def sure(site, result):
    if not result.images:
        return None
    return Sure(comb([i.probability for i in result.images]), len(result.images))


SECTION = Section(place=45, context=sure)
''',
    "mine_section.html": (
        '<section class="sure"><h2>How sure, <em>image by image</em>?</h2>'
        '<svg class="comb" viewBox="0 0 100 10" role="img" aria-label="one stroke an image">'
        '{% for x in section.chart.strokes %}<path d="M{{ x }} 0v10"/>{% endfor %}</svg>'
        "</section>\n"
    ),
    "mine_page.py": '''
"""A page: all classes by name, backwards, and one small page a class."""

from dataclasses import dataclass

from lens_site.site.records import MenuEntry, Page, View


@dataclass(frozen=True)
class Backwards:
    """What the page shows."""

    names: tuple[str, ...]


def of_site(site):
    names = sorted((c.name for c in site.built), reverse=True)
    yield View("backwards/index.html", Backwards(tuple(names)))


def of_class(site, result):
    yield View(f"backwards/{result.name.slug}.html", Backwards((result.name.name,)))


PAGE = Page(
    place=60, of_site=of_site, of_class=of_class,
    menu=MenuEntry("Backwards", "backwards/index.html"),
)
''',
    "mine_page.html": (
        '{% extends "base.html" %}{% block title %}Backwards{% endblock %}'
        "{% block description %}All classes, backwards.{% endblock %}"
        "{% block main %}<h1>Backwards</h1>"
        "<p>{% for n in page.names %}{{ n }} {% endfor %}</p>{% endblock %}\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, from which lens is run."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.lstrip())
    paint_photos(tmp_path / "photos")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for module in [name for name in sys.modules if name.startswith("mine_")]:
        del sys.modules[module]


def test_everything_new_is_one_file(folder: Path, lens: Lens) -> None:
    done = lens(
        "build", "--out", folder / "out", "--model", "tiny_model:net", "--device", "cpu",
        "--min-images", "5", "-k", "3",
        "--data", "mine_source:Reds",
        "--extraction", "mine_rows:FirstRows",
        "--importance", "mine_share:Equal",
        "--extras", "mine_section:SECTION,mine_page:PAGE,mine_chart:Comb",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    run_dir = latest_run(folder / "out")
    assert read_run(run_dir).data.name == "reds"
    result = read_class(run_dir, "0000-red")
    assert result.extraction.method == "mine_rows:FirstRows"
    assert result.extraction.stopped == "nothing to fit"
    assert result.importance_method == "mine_share:Equal"
    phi = load_file(run_dir / "0000-red" / "arrays.safetensors")["importance"]
    assert (phi == phi[:, :1]).all(), "every concept counts the same"
    atoms = (run_dir / "0000-red" / "atoms.safetensors").read_bytes()
    assert rb"\"way\": null" in atoms, "no browser is told how to repeat it"
    site = folder / "out" / "site"
    page = (site / "classes" / "0000-red" / "index.html").read_text()
    assert page.count('<path d="M') >= len(result.images)
    assert page.index("How sure") < page.index("Can this be trusted?")
    assert "red green blue" in " ".join((site / "backwards/index.html").read_text().split()).lower()
    assert (site / "backwards" / "0002-blue.html").is_file()
    assert ".comb" in (site / "assets" / "site.css").read_text()
    assert 'href="backwards/index.html"' in (site / "index.html").read_text()
    assert check(site) == ()


def test_a_picture_is_explained_by_methods_from_outside(folder: Path, lens: Lens) -> None:
    options = (
        "--out", folder / "out", "--model", "tiny_model:net", "--data", folder / "photos",
        "--min-images", "5", "-k", "3", "--device", "cpu", "--classes", "red",
        "--extraction", "mine_rows:FirstRows", "--importance", "mine_share:Equal",
    )  # fmt: skip
    assert lens("build", *options).exit_code == 0
    picture = folder / "photos" / "red" / "01.png"
    done = lens("explain", picture, "--class", "red", "--out", folder / "out")
    assert done.exit_code == 0, done.output
    assert done.output.count("33.3%") == 3


@pytest.mark.parametrize(
    ("option", "word", "message"),
    [
        ("--extraction", "mine_share:Equal", "extraction: mine_share:Equal is"),
        ("--importance", "mine_rows:Absent", "importance: 'mine_rows:Absent' cannot be loaded"),
        ("--data", "mine_share:Equal", "data: mine_share:Equal makes Equal, wanted what"),
        ("--extras", "mine_source:Reds", "extras: mine_source:Reds is"),
        ("--extras", "opinion", "extras: 'opinion' is no package.module:Name"),
    ],
)
def test_what_does_not_fit_is_named(
    folder: Path, lens: Lens, option: str, word: str, message: str
) -> None:
    given = {"--data": folder / "photos", "--model": "tiny_model:net", option: word}
    flags = [part for pair in given.items() for part in pair]
    done = lens("build", "--out", folder / "out", "--min-images", "5", "-k", "3", *flags)
    assert done.exit_code == 2, done.output
    assert message in done.output.strip().splitlines()[-1]
