"""A head that is not linear: the browser runs it, on codes as they are and as edited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from playwright.sync_api import Page, expect
from safetensors.numpy import load_file
from support import TESTS, TINY, paint_photos

from lens_site.classes.record import STATE
from lens_site.classifier import Classifier, load_classifier
from lens_site.cli import main
from lens_site.extraction import Extractor, method
from lens_site.images.decode import decode
from lens_site.results import latest_run, read_class, read_run
from lens_site.results.schema import ClassResult

pytestmark = pytest.mark.browser

HEADS = {"hidden": "the mean of the places", "placed": "each place"}
"""Networks of ``tiny_model``, and what their heads see."""

LOAD = """
  if (!globalThis.Lens) await new Promise((onload) => {
    const src = `${root}assets/browser.js`;
    document.head.append(Object.assign(document.createElement("script"), { src, onload }));
  });
  const lens = await Lens.load(root);
"""
ASK = (
    "async ({ root, slug, data, index, methods }) => {"
    + LOAD
    + """
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const { pixels } = await lens.prepare(new Blob([bytes]));
  const { activations, logits } = await lens.run(pixels);
  const codes = await lens.codes(slug, activations);
  const table = await Lens.table(root, slug);
  const parts = [];
  for (const method of methods) {
    parts.push([...await lens.contributions(slug, index, codes, method)]);
  }
  return {
    linear: [lens.facts.linear, table.linear],
    stored: [...table.codes(0)],
    mean: [...codes.mean],
    logits: [...logits],
    parts,
  };
}"""
)
EDIT = (
    "async ({ root, slug, image, factors }) => {"
    + LOAD
    + """
  const table = await Lens.table(root, slug);
  const [, h, w] = lens.facts.feature_shape;
  const picture = lensWhatIf.run(lens, slug, table.places(image, h, w), table.rest(image));
  const logits = [];
  for (const each of factors) logits.push([...await picture.logits(each)]);
  const way = await lensWhatIf.smallest(picture);
  lens.close();
  return { logits, without: way.without, said: way.said };
}"""
)


@dataclass(frozen=True)
class Site:
    """A built site, and in torch what it is of."""

    folder: Path
    classifier: Classifier
    extractor: Extractor
    result: ClassResult
    photos: Path
    arrays: dict[str, np.ndarray]

    def encode(self, picture: Path) -> Any:
        image = self.classifier.preprocessing(decode(picture.read_bytes(), None))[None]
        with torch.no_grad():
            return self.classifier.encode(image)

    @torch.no_grad()
    def logits(self, picture: Path, factors: Sequence[float]) -> np.ndarray:
        """What the network says of codes, each concept's times its factor."""
        encoded = self.encode(picture)
        codes = self.extractor.encode(encoded.maps[0].flatten(1).T)
        own = torch.ones(codes.shape[1])
        own[self.arrays["order"].tolist()] = torch.tensor(factors, dtype=torch.float32)
        maps = self.extractor.decode(codes * own).T.reshape(encoded.maps.shape)
        found: np.ndarray = self.classifier.head(encoded._replace(maps=maps))[0].numpy()
        return found

    def edited(self, picture: Path, factors: Sequence[float]) -> np.ndarray:
        """The same, with what the concepts leave out of the picture put back."""
        with torch.no_grad():
            whole = self.classifier.head(self.encode(picture))[0].numpy()
        ones = [1.0] * len(factors)
        found: np.ndarray = whole + self.logits(picture, factors) - self.logits(picture, ones)
        return found


Built = Callable[..., Site]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    """Build the site of a network of ``tiny_model``, and load the same into torch."""

    def build(network: str, extraction: str = "nmf", *more: str) -> Site:
        monkeypatch.chdir(TESTS)
        model = f"tiny_model:{network}"
        photos = paint_photos(tmp_path / "photos")
        command = ["build", "--data", photos, "--out", tmp_path / "out", *TINY,
                   "--model", model, "--extraction", extraction, *more]  # fmt: skip
        done = CliRunner().invoke(main, [str(word) for word in command])
        assert done.exit_code == 0, done.output
        run_dir = latest_run(tmp_path / "out")
        slug = next(c.slug for c in read_run(run_dir).classes if c.status == "built")
        arrays = load_file(run_dir / slug / "arrays.safetensors")
        state = {name.removeprefix(STATE): torch.from_numpy(array)
                 for name, array in arrays.items() if name.startswith(STATE)}  # fmt: skip
        return Site(
            folder=tmp_path / "out" / "site",
            classifier=load_classifier(model, device="cpu"),
            extractor=method(extraction).load(state),
            result=read_class(run_dir, slug),
            photos=photos,
            arrays=arrays,
        )

    return build


@pytest.mark.parametrize("extraction", ["nmf", "pca"])
def test_contributions_at_a_head_of_two_layers(
    page: Page, site: Built, base64_of: Callable[[Path], str], extraction: str
) -> None:
    built = site("hidden", extraction)
    name, picture = built.result.name, built.photos / built.result.name.name / "00.png"
    page.goto(f"file://{built.folder}/explain/index.html")
    given = {"root": "../", "slug": name.slug, "index": name.index, "data": base64_of(picture),
             "methods": ["occlusion", "gradient-input"]}  # fmt: skip
    said = page.evaluate(ASK, given)
    k = len(built.result.concepts)

    def logit(i: int, factor: float) -> float:
        return float(
            built.logits(picture, [factor if i == j else 1.0 for j in range(k)])[name.index]
        )

    removed = [logit(i, 1) - logit(i, 0) for i in range(k)]
    slopes = [(logit(i, 1.02) - logit(i, 0.98)) / 0.04 for i in range(k)]
    encoded = built.encode(picture)
    codes = built.extractor.encode(encoded.maps[0].flatten(1).T).numpy()[:, built.arrays["order"]]
    with torch.no_grad():
        logits = built.classifier.head(encoded)[0].numpy()
    assert said["linear"] == [False, False]
    np.testing.assert_allclose(said["logits"], logits, rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(said["parts"][0], removed, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(said["parts"][1], slopes, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(said["mean"], codes.mean(axis=0), rtol=1e-2, atol=1e-3)
    stored = built.arrays["codes"][0].astype(float).mean(axis=(0, 1))
    np.testing.assert_allclose(said["stored"], stored, rtol=1e-2, atol=1e-3)
    assert max(map(abs, removed)) > 0.1


@pytest.mark.parametrize("network", HEADS)
def test_edited_codes_of_a_classs_image_give_the_logits_of_torch(
    page: Page, site: Built, network: str
) -> None:
    built = site(network)
    places = "places" in load_file(_table(built))
    assert places == (HEADS[network] == "each place")
    slug, k = built.result.name.slug, len(built.result.concepts)
    page.goto(f"file://{built.folder}/classes/{slug}/index.html")
    generator = np.random.default_rng(0)
    for image in (0, len(built.result.images) - 1):
        picture = built.photos / built.result.images[image].key
        factors = [[1.0] * k, *generator.choice([0.0, 0.5, 2.0], (6, k)).tolist()]
        said = page.evaluate(
            EDIT, {"root": "../../", "slug": slug, "image": image, "factors": factors}
        )
        wanted = np.array([built.edited(picture, each) for each in factors])
        assert np.abs(wanted - wanted[0]).max() > 0.1
        assert np.abs(np.array(said["logits"]) - wanted).max() < 1e-2 * np.abs(wanted).max()
        assert said["said"] == wanted[0].argmax()
        changing = []
        for size in range(1, k + 1):
            some = combinations(range(k), size)
            kept = {each: [float(i not in each) for i in range(k)] for each in some}
            changing = [
                e for e, f in kept.items() if built.edited(picture, f).argmax() != said["said"]
            ]
            if changing:
                break
        assert tuple(said["without"] or ()) in (changing or [()])


def _table(built: Site) -> Path:
    run = latest_run(built.folder.parent)
    return run / built.result.name.slug / "table.safetensors"


def test_the_network_comes_when_what_if_is_asked_and_not_before(page: Page, site: Built) -> None:
    built = site("placed")
    fetched: list[str] = []
    page.on("request", lambda r: fetched.append(r.url.rpartition("/")[2]))
    slug = built.result.name.slug
    page.goto(f"file://{built.folder}/classes/{slug}/index.html", wait_until="networkidle")
    assert not {"network.js", "browser.js", "table.js", "atoms.js"} & set(fetched)
    expect(page.locator(".what-if small")).to_contain_text("loads")
    page.locator(".what-if__ask").click()
    page.wait_for_selector("#what-if[data-ready]")
    assert {"network.js", "table.js", "atoms.js"} < set(fetched)
    share = page.locator("#what-if .answers__own .num")
    before = share.inner_text()
    for box in page.locator("#what-if input[type=checkbox]:enabled").all():
        box.uncheck()
    expect(share).not_to_have_text(before)
    page.locator("#what-if .button").click()
    expect(share).to_have_text(before)


@pytest.mark.parametrize("importance", ["gradient-input", "sobol"])
def test_ones_own_picture_is_explained_and_edited(page: Page, site: Built, importance: str) -> None:
    built = site("hidden", "nmf", "--importance", importance)
    name, picture = built.result.name, built.photos / built.result.name.name / "01.png"
    page.goto(f"file://{built.folder}/explain/index.html#class={name.slug}")
    page.wait_for_selector(".own__examples button")
    page.locator(".own__choose input").set_input_files(picture)
    page.wait_for_selector(".own__seen-as", timeout=60_000)
    expect(page.locator(".own__answers li").first).to_contain_text(name.name)
    rest = page.locator(".own__rest").last.locator(".num")
    k = len(built.result.concepts)
    with torch.no_grad():
        whole = float(built.classifier.head(built.encode(picture))[0, name.index])
    left = whole - float(built.logits(picture, [1.0] * k)[name.index])
    told = float(rest.inner_text().replace("−", "-").replace("\u202f", "").strip("<%"))
    one, other = (1.02, 0.98) if importance == "gradient-input" else (1.0, 0.0)

    def logit(i: int, factor: float) -> float:
        return float(
            built.logits(picture, [factor if i == j else 1.0 for j in range(k)])[name.index]
        )

    adds = [(logit(i, one) - logit(i, other)) / (one - other) for i in range(k)]
    assert told == pytest.approx(100 * left / sum(map(abs, adds)), abs=1.5)
    otherwise = "were weighed by sobol" in page.locator(".own__placed").inner_text()
    assert otherwise == (importance == "sobol")
    share = page.locator(".what-if__panel .answers__own .num")
    before = share.inner_text()
    for box in page.locator(".what-if__panel input[type=checkbox]:enabled").all():
        box.uncheck()
    expect(share).not_to_have_text(before)
