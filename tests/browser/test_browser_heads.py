"""A head that is not linear: the browser runs it, and takes concepts away one by one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from playwright.sync_api import Page
from safetensors.numpy import load_file
from support import TESTS, TINY, paint_photos
from tiny_model import hidden

from lens_site.classes.record import STATE
from lens_site.classifier import load_classifier
from lens_site.cli import main
from lens_site.extraction import method
from lens_site.images.decode import decode
from lens_site.results import latest_run, read_run

pytestmark = pytest.mark.browser

ASK = """async ({ slug, data, index }) => {
  const script = document.createElement("script");
  script.src = "../assets/browser.js";
  await new Promise((resolve) => { script.onload = resolve; document.head.append(script); });
  const lens = await Lens.load("../");
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const { pixels } = await lens.prepare(new Blob([bytes]));
  const { activations, logits } = await lens.run(pixels);
  const codes = await lens.codes(slug, activations);
  const table = await Lens.table("../", slug);
  return {
    linear: [lens.facts.linear, table.linear],
    stored: [...table.codes(0)],
    mean: [...codes.mean],
    logits: [...logits],
    parts: [...await lens.contributions(slug, index, codes)],
  };
}"""


@pytest.mark.parametrize("extraction", ["nmf", "pca"])
def test_contributions_at_a_head_of_two_layers(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base64_of: Callable[[Path], str],
    extraction: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(TESTS)
    photos = paint_photos(tmp_path / "photos")
    command = ["build", "--data", photos, "--out", tmp_path / "out", *TINY,
               "--model", "tiny_model:hidden", "--extraction", extraction]  # fmt: skip
    done = CliRunner().invoke(main, [str(word) for word in command])
    assert done.exit_code == 0, done.output
    run_dir = latest_run(tmp_path / "out")
    status = next(c for c in read_run(run_dir).classes if c.status == "built")
    arrays = load_file(run_dir / status.slug / "arrays.safetensors")
    picture = photos / status.name / "00.png"
    page.goto(f"file://{tmp_path}/out/site/explain/index.html")
    given = {"slug": status.slug, "index": status.index, "data": base64_of(picture)}
    said = page.evaluate(ASK, given)

    classifier = load_classifier("tiny_model:hidden", device="cpu")
    state = {name.removeprefix(STATE): torch.from_numpy(array)
             for name, array in arrays.items() if name.startswith(STATE)}  # fmt: skip
    extractor = method(extraction).load(state)
    with torch.no_grad():
        image = classifier.preprocessing(decode(picture.read_bytes(), None))[None]
        encoded = classifier.encode(image)
        codes = extractor.encode(encoded.maps[0].flatten(1).T)

        def logit(codes: torch.Tensor) -> float:
            maps = extractor.decode(codes).T.reshape(encoded.maps.shape)
            return float(classifier.head(encoded._replace(maps=maps))[0, status.index])

        wanted = []
        for i in arrays["order"]:
            without = codes.clone()
            without[:, i] = 0
            wanted.append(logit(codes) - logit(without))
        logits = classifier.head(encoded)[0].numpy()
    assert said["linear"] == [False, False]
    np.testing.assert_allclose(said["logits"], logits, rtol=1e-2, atol=1e-3)
    np.testing.assert_allclose(said["parts"], wanted, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(said["mean"], codes.mean(0)[arrays["order"]], rtol=1e-2, atol=1e-3)
    stored = arrays["codes"][0].astype(float).mean(axis=(0, 1))
    np.testing.assert_allclose(said["stored"], stored, rtol=1e-2, atol=1e-3)
    assert max(map(abs, wanted)) > 0.1
    assert hidden().class_names == ["red", "green", "blue"]
