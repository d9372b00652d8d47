"""What torch and the browser say of the same pictures, side by side.

As a script it takes a built site's OUT folder and prints a line a picture that differs, and counts:
``python tests/browser/agreement.py OUT [PICTURES]``.
"""

import base64
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from pictures import Named, of_every_kind
from playwright.sync_api import sync_playwright
from safetensors.numpy import load_file

from lens_site.classes.record import STATE
from lens_site.classifier import Classifier, load_classifier
from lens_site.extraction import method
from lens_site.images.decode import decode
from lens_site.results import latest_run, read_class, read_run

ASK = """async ({ data, root, slugs }) => {
  globalThis.engine ??= await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    Object.assign(script, { src: `${root}assets/browser.js`, onload: resolve, onerror: reject });
    document.head.append(script);
  }).then(() => Lens.load(root));
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  let prepared;
  try { prepared = await engine.prepare(new Blob([bytes])); }
  catch (problem) { return { problem: problem.message }; }
  const { pixels, note } = prepared;
  const { probabilities, activations } = await engine.run(pixels);
  const leading = [];
  for (const slug of slugs) {
    const codes = await engine.codes(slug, activations);
    const parts = await engine.contributions(slug, Number(slug.slice(0, 4)), codes);
    leading.push(parts.indexOf(Math.max(...parts)));
  }
  let text = "";
  for (const byte of pixels) text += String.fromCharCode(byte);
  return { pixels: btoa(text), note, probabilities: [...probabilities], leading };
}"""
"""What a page is asked; it loads the engine at the first picture."""


class Page(Protocol):
    """Any browser's page."""

    def evaluate(self, expression: str, arg: Any, /) -> Any:
        """Call a function of the page."""


@dataclass(frozen=True)
class Answer:
    """The crop in bytes (h, w, 3), probabilities, and the concept that adds most, a class each."""

    pixels: np.ndarray
    probabilities: np.ndarray
    leading: tuple[int, ...]


@dataclass(frozen=True)
class Torch:
    """The network as the build has it, and the dictionaries of a few classes."""

    classifier: Classifier
    run_dir: Path
    slugs: tuple[str, ...]

    @torch.no_grad()
    def ask(self, data: bytes, min_side: int | None = None) -> Answer:
        preprocessing = self.classifier.preprocessing
        prepared = preprocessing(decode(data, min_side))
        encoded = self.classifier.encode(prepared[None])
        rows = encoded.maps[0].flatten(1).T
        scale, shift = (
            torch.tensor(v).view(3, 1, 1) * 255 for v in (preprocessing.std, preprocessing.mean)
        )
        pixels = (prepared * scale + shift).round().byte().permute(1, 2, 0).numpy()
        chances = self.classifier.head(encoded)[0].softmax(dim=0).numpy()
        return Answer(pixels, chances, tuple(self._leading(slug, rows) for slug in self.slugs))

    def _leading(self, slug: str, rows: torch.Tensor) -> int:
        arrays = load_file(self.run_dir / slug / "arrays.safetensors")
        state = {
            name.removeprefix(STATE): torch.from_numpy(array)
            for name, array in arrays.items()
            if name.startswith(STATE)
        }
        extractor = method(read_class(self.run_dir, slug, verify=False).extraction.method).load(
            state
        )
        linear = self.classifier.linear
        assert linear is not None
        parts = extractor.encode(rows).mean(dim=0) * (
            extractor.dictionary @ linear.weight[int(slug[:4])]
        )
        return int(parts.numpy()[arrays["order"]].argmax())


def torch_of(out: Path) -> Torch:
    """The default network with the classes of the last run of a build."""
    run_dir = latest_run(out)
    slugs = tuple(c.slug for c in read_run(run_dir).classes if c.status == "built")
    return Torch(load_classifier(device="cpu"), run_dir, slugs)


def ask_browser(page: Page, data: bytes, slugs: Iterable[str], root: str = "../") -> Answer | str:
    """What the browser answers on a page of the site, or its sentence where it cannot."""
    given = {"data": base64.b64encode(data).decode(), "root": root, "slugs": list(slugs)}
    said = page.evaluate(ASK, given)
    if "problem" in said:
        return str(said["problem"])
    pixels = np.frombuffer(base64.b64decode(said["pixels"]), dtype=np.uint8)
    side = int((len(pixels) / 3) ** 0.5)
    return Answer(
        pixels.reshape(side, side, 3), np.array(said["probabilities"]), tuple(said["leading"])
    )


@dataclass(frozen=True)
class Difference:
    """How far one picture's answers are apart."""

    name: str
    pixels: int
    probability: float
    same_class: bool
    same_leading: int
    leading: int


def difference(name: str, ours: Answer, theirs: Answer) -> Difference:
    return Difference(
        name=name,
        pixels=int(np.abs(ours.pixels.astype(int) - theirs.pixels).max()),
        probability=float(np.abs(ours.probabilities - theirs.probabilities).max()),
        same_class=bool(ours.probabilities.argmax() == theirs.probabilities.argmax()),
        same_leading=sum(a == b for a, b in zip(ours.leading, theirs.leading, strict=True)),
        leading=len(ours.leading),
    )


def compare(page: Page, network: Torch, pictures: Iterable[Named]) -> list[Difference]:
    """Compare picture by picture; raises AssertionError for one that the browser refuses."""
    found = []
    for name, data in pictures:
        theirs = ask_browser(page, data, network.slugs)
        assert isinstance(theirs, Answer), f"{name}: {theirs}"
        found.append(difference(name, network.ask(data), theirs))
    return found


KINDS = 49
"""Pictures of ``of_every_kind``."""


def real_pictures(folder: Path, plain: int) -> list[Named]:
    """So many photographs as they are, evenly from all of a folder, and some of every kind."""
    files = sorted(path for path in folder.glob("*/*/*.jpg"))
    chosen = files[:: max(len(files) // (plain + KINDS), 1)]
    as_they_are = [(str(path.relative_to(folder)), path.read_bytes()) for path in chosen[:plain]]
    return [*as_they_are, *of_every_kind(chosen[plain:])]


def report(found: list[Difference], draft: list[Difference]) -> str:
    """Say what was found in a few lines."""
    places = sum(d.leading for d in found)
    lines = [
        f"{len(found)} pictures",
        f"same class: {sum(d.same_class for d in found)}",
        f"largest difference of a probability: {max(d.probability for d in found):.4f}",
        f"same leading concept: {sum(d.same_leading for d in found)} of {places}",
        f"same bytes: {sum(d.pixels == 0 for d in found)}; the others:",
        *(
            f"  {d.name}: up to {d.pixels}, probability {d.probability:.4f}"
            for d in found
            if d.pixels
        ),
        "decoded smaller, as a build does, against decoded whole, both in torch:",
        f"  same class {sum(d.same_class for d in draft)}, largest difference of a probability "
        f"{max(d.probability for d in draft):.4f}, pixels differ in "
        f"{sum(d.pixels > 0 for d in draft)}",
    ]
    return "\n".join(lines)


def main(out: Path, folder: Path, plain: int = 55) -> None:
    network = torch_of(out)
    pictures = real_pictures(folder, plain)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(f"file://{out.resolve()}/site/explain/index.html")
        found = compare(page, network, pictures)
    side = network.classifier.preprocessing.resize
    draft = [
        difference(name, network.ask(data), network.ask(data, side)) for name, data in pictures
    ]
    sys.stdout.write(report(found, draft) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
