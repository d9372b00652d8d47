"""What if: the table's logits are torch's, for the codes of the class page and for edited ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from agreement import Torch, torch_of
from playwright.sync_api import Page
from safetensors.numpy import load_file
from scipy.special import softmax

from lens_site.classes.record import STATE
from lens_site.extraction import method
from lens_site.images import open_source
from lens_site.results import read_class
from lens_site.results.schema import ClassResult

pytestmark = pytest.mark.browser

SLUG = "0967-espresso"

ASK = """async ({ slug, images }) => {
  const script = document.createElement("script");
  script.src = "../assets/browser.js";
  const loaded = new Promise((resolve) => { script.onload = resolve; });
  document.head.append(script);
  await loaded;
  const table = await Lens.table("../", slug);
  return images.map((image) => {
    const [codes, rest] = [table.codes(image), table.rest(image)];
    const without = Array.from(codes, (_, i) => codes.map((u, j) => (i === j ? 0 : u)));
    return {
      codes: [...codes],
      logits: [...table.logits(codes, rest)],
      explained: [...table.logits(codes)],
      without: without.map((some) => [...table.logits(some, rest)]),
      contributions: [...table.contributions(967, codes)],
    };
  });
}"""


@pytest.fixture(scope="module")
def network(built_demo: Path) -> Torch:
    return torch_of(built_demo)


@pytest.fixture(scope="module")
def result(network: Torch) -> ClassResult:
    return read_class(network.run_dir, SLUG)


@pytest.fixture(scope="module")
def images(result: ClassResult) -> list[int]:
    """The first, and the two that the network is least sure of: their answers change soonest."""
    order = sorted(range(len(result.images)), key=lambda i: result.images[i].probability)
    return [0, *order[:2]]


@pytest.fixture
def answers(page: Page, address: str, images: list[int]) -> list[dict[str, Any]]:
    page.goto(f"{address}explain/index.html")
    found: list[dict[str, Any]] = page.evaluate(ASK, {"slug": SLUG, "images": images})
    return found


@torch.no_grad()
def test_logits_of_edited_codes(
    answers: list[dict[str, Any]], images: list[int], network: Torch, result: ClassResult
) -> None:
    """Taking a concept out of the activations themselves, at every place, as torch does it."""
    classifier, source = network.classifier, open_source("demo")
    arrays = load_file(network.run_dir / SLUG / "arrays.safetensors")
    state = {name.removeprefix(STATE): torch.from_numpy(array)
             for name, array in arrays.items() if name.startswith(STATE)}  # fmt: skip
    extractor, order = method("nmf").load(state), arrays["order"]
    linear = classifier.linear
    assert linear is not None
    changed = 0
    for image, said in zip(images, answers, strict=True):
        picture = source.open(list(source.keys).index(result.images[image].key), None)
        encoded = classifier.encode(classifier.preprocessing(picture)[None])
        rows = encoded.maps[0].flatten(1).T
        codes = extractor.encode(rows)
        logits = classifier.head(encoded)[0].numpy()
        np.testing.assert_allclose(said["codes"], codes.mean(0)[order], rtol=2e-3, atol=1e-3)
        np.testing.assert_allclose(
            said["contributions"], result.images[image].importance, rtol=5e-3, atol=5e-3
        )
        decoded = extractor.decode(codes).mean(0) @ linear.weight.T + linear.bias
        close(said["explained"], decoded.numpy())
        chances(said["logits"], logits, 0.02)
        for i, without in enumerate(said["without"]):
            edited = codes.clone()
            edited[:, order[i]] = 0
            left = rows - extractor.decode(codes) + extractor.decode(edited)
            wanted = (left.mean(0) @ linear.weight.T + linear.bias).numpy()
            chances(without, wanted, 0.03)
            assert np.argmax(without) == wanted.argmax()
            assert abs(max(without) - wanted.max()) < 1e-2 * abs(wanted).max()
            changed += int(wanted.argmax() != logits.argmax())
    assert changed > 0, "no answer changes: the images show nothing"


def close(got: list[float], wanted: np.ndarray) -> None:
    assert np.abs(np.array(got) - wanted).max() < 1e-2 * np.abs(wanted).max()


def chances(got: list[float], wanted: np.ndarray, apart: float) -> None:
    assert np.abs(softmax(got) - softmax(wanted)).max() < apart
