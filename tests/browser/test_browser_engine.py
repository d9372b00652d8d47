"""Torch and the browser agree: the same class, probabilities and leading concepts."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from agreement import Answer, Torch, ask_browser, compare, real_pictures, torch_of
from pictures import encode, moving, of_every_kind
from PIL import Image
from playwright.sync_api import Browser, Page
from torch import nn

from lens_site.browser import export
from lens_site.classifier import Classifier, prepare_model
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.images.sources import demo
from lens_site.site.language import load, spoken
from lens_site.site.publish import assets, pieces
from lens_site.site.scripts import scripts

pytestmark = pytest.mark.browser

PHOTOGRAPHS = sorted(
    path for path in Path(demo.__file__).with_name("photographs").iterdir() if path.suffix != ".txt"
)

RUN = """async ({ pixels, plain }) => {
  const lens = await Lens.load("", () => {}, { plain });
  const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
  const { logits, activations: { data, p, h, w } } = await lens.run(bytes);
  lens.close();
  return { logits: [...logits], data: [...data], shape: [p, h, w], kind: lens.facts.kind };
}"""


@pytest.fixture(scope="session")
def network(built_demo: Path) -> Torch:
    return torch_of(built_demo)


@pytest.mark.parametrize("over", ["a server", "the file system"])
def test_the_default_network_agrees(
    page: Page, address: str, built_site: Path, network: Torch, over: str
) -> None:
    top = address if over == "a server" else f"file://{built_site}/"
    page.goto(f"{top}explain/index.html")
    found = compare(page, network, [(p.name, p.read_bytes()) for p in PHOTOGRAPHS])
    assert all(d.same_class and d.pixels == 0 for d in found)
    assert max(d.probability for d in found) < 0.02
    assert sum(d.same_leading for d in found) >= 0.98 * sum(d.leading for d in found)


def test_pictures_of_every_kind_are_read_as_the_build_reads_them(
    page: Page, address: str, network: Torch
) -> None:
    page.goto(f"{address}explain/index.html")
    found = compare(page, network, of_every_kind(PHOTOGRAPHS))
    assert [d.name for d in found if d.pixels] == []
    assert all(d.same_class for d in found)
    assert max(d.probability for d in found) < 0.02


@pytest.mark.data
def test_a_hundred_real_pictures_agree(
    page: Page, address: str, network: Torch, data_folder: Path
) -> None:
    page.goto(f"{address}explain/index.html")
    found = compare(page, network, real_pictures(data_folder, plain=55))
    assert len(found) >= 100
    assert sum(d.same_class for d in found) >= 0.99 * len(found)
    assert max(d.probability for d in found) < 0.02
    assert sum(d.same_leading for d in found) >= 0.98 * sum(d.leading for d in found)
    assert sum(d.pixels == 0 for d in found) >= 0.95 * len(found)


def prepared(model: nn.Module, name: str) -> Classifier:
    sizes = Preprocessing(resize=128, crop=112)
    return prepare_model(model.eval(), name=name, source="", preprocessing=sizes, device="cpu")


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "resnet18": lambda: torchvision.models.resnet18(),
    "mobilenetv3_small_100": lambda: timm.create_model("mobilenetv3_small_100"),
    "regnety_002": lambda: timm.create_model("regnety_002"),
    "tf_efficientnet_b0": lambda: timm.create_model("tf_efficientnet_b0"),
    "squeezenet1_1": lambda: torchvision.models.squeezenet1_1(),
}


@pytest.mark.parametrize("plain", [False, True], ids=["WebAssembly", "JavaScript"])
@pytest.mark.parametrize("name", NETWORKS)
def test_usual_networks_agree(page: Page, tmp_path: Path, name: str, plain: bool) -> None:
    torch.manual_seed(0)
    classifier = prepared(NETWORKS[name](), name)
    put_engine(tmp_path, export(classifier, limit=30))
    page.goto(f"file://{tmp_path}/index.html")
    picture = Image.open(PHOTOGRAPHS[1]).convert("RGB").resize((112, 112))
    pixels = base64.b64encode(picture.tobytes()).decode()
    said = page.evaluate(RUN, {"pixels": pixels, "plain": plain})
    with torch.no_grad():
        encoded = classifier.encode(Preprocessing(resize=112, crop=112)(picture)[None])
        logits = classifier.head(encoded)[0].numpy()
    maps = encoded.maps[0].numpy()
    assert said["kind"] == ("JavaScript" if plain else "WebAssembly SIMD")
    assert tuple(said["shape"]) == maps.shape
    close(np.array(said["data"]).reshape(maps.shape), maps)
    close(np.array(said["logits"]), logits)


def test_the_worker_speaks_the_language_of_the_site(page: Page, tmp_path: Path) -> None:
    name = "mobilenetv3_small_100"
    with spoken(load("de")):
        put_engine(tmp_path, export(prepared(NETWORKS[name](), name), limit=30))
    page.goto(f"file://{tmp_path}/index.html")
    prepare = """async (bytes) => {
      const lens = await Lens.load("");
      return lens.prepare(new Blob([new Uint8Array(bytes)])).catch((error) => error.message);
    }"""
    assert page.evaluate(prepare, []) == "Diese Datei ist leer."
    assert page.evaluate(prepare, [*b"%PDF-1.7", *bytes(100)]) == (
        "Das ist ein PDF; gelesen werden JPEG, PNG, WebP, GIF und BMP."
    )


def close(got: np.ndarray, wanted: np.ndarray) -> None:
    assert np.abs(got - wanted).max() < 1e-2 * np.abs(wanted).max()


def put_engine(folder: Path, data: bytes | None = None) -> None:
    """A page with the engine, and a network if one is given."""
    (folder / "explain").mkdir()
    for name, script in scripts("explain/", "network.safetensors", data or b"").items():
        (folder / "explain" / name).write_bytes(script)
    words = (pieces.folder("static") / "_words.js").read_text(encoding="utf-8")
    (folder / "engine.js").write_text(words + assets.engine(), encoding="utf-8")
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Engine</title>'
        '<script src="engine.js"></script>'
    )


COFFEE = PHOTOGRAPHS[2].read_bytes()

BAD = {
    "nothing": (b"", "This file is empty."),
    "a PDF": (b"%PDF-1.7\n" + bytes(100), "This is a PDF;"),
    "a HEIC": (b"\0\0\0\x18ftypheic" + bytes(100), "This is a HEIC photograph or a film;"),
    "anything": (bytes(range(100)), "This is no picture that is known here;"),
    "a PNG cut off": (COFFEE[:-5000], "This PNG is cut off"),
    "a JPEG cut off": (PHOTOGRAPHS[3].read_bytes()[:-400], "This JPEG is cut off"),
    "a damaged PNG": (COFFEE[:200] + bytes(3000) + COFFEE[3200:], "This PNG cannot be decoded"),
    "a large one": (
        encode(Image.new("1", (20_000, 20_000)), "PNG"),
        "This picture is too large (20000 × 20000 pixels); 44 million are read.",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_pictures_get_a_sentence(page: Page, address: str, what: str) -> None:
    data, sentence = BAD[what]
    page.goto(f"{address}explain/index.html")
    page.set_input_files(
        "input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": data}
    )
    page.wait_for_function("document.querySelector('.own__status').textContent.startsWith('This')")
    assert page.inner_text(".own__status").startswith(sentence)
    assert page.locator("#explain li").count() == 0


def test_of_a_moving_picture_the_first_frame_is_looked_at(page: Page, address: str) -> None:
    page.goto(f"{address}explain/index.html")
    data = moving(Image.open(PHOTOGRAPHS[2]).convert("RGB"))
    page.set_input_files(
        "input[type=file]", {"name": "x.gif", "mimeType": "image/gif", "buffer": data}
    )
    page.wait_for_selector("#explain li:nth-child(5)")
    page.wait_for_function("document.querySelector('.own__status').textContent.includes('moves')")
    assert page.inner_text("#explain li >> nth=0").startswith("espresso")


def test_what_did_not_come_is_asked_for_again(chromium: Browser, address: str) -> None:
    with chromium.new_context() as context:
        opened = context.new_page()
        opened.route("**/network-2.js", lambda route: route.abort())
        opened.goto(f"{address}explain/index.html")
        opened.set_input_files("input[type=file]", PHOTOGRAPHS[2])
        opened.wait_for_function(
            "document.querySelector('.own__status').textContent.startsWith('A part could not')"
        )
        opened.unroute("**/network-2.js")
        opened.set_input_files("input[type=file]", PHOTOGRAPHS[1])
        opened.wait_for_selector("#explain li:nth-child(5)")
        assert "cat" in opened.inner_text("#explain li >> nth=0")


def test_a_picture_of_the_page_can_be_tried(page: Page, address: str, network: Torch) -> None:
    page.goto(f"{address}explain/index.html")
    data = PHOTOGRAPHS[1].read_bytes()
    wanted = ask_browser(page, data, ())
    assert isinstance(wanted, Answer)
    got = page.evaluate(
        """async (data) => {
          const image = new Image();
          image.src = `data:image/png;base64,${data}`;
          return [...(await engine.prepare(image)).pixels];
        }""",
        base64.b64encode(data).decode(),
    )
    assert got == wanted.pixels.ravel().tolist()


def test_from_a_disk_a_picture_of_the_site_comes_as_a_script(page: Page, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = prepared(NETWORKS["squeezenet1_1"](), "squeezenet1_1")
    put_engine(tmp_path, export(network, limit=9))
    (tmp_path / "coffee.png").write_bytes(COFFEE)
    for name, script in scripts("explain/", "coffee.png", COFFEE).items():
        (tmp_path / "explain" / name).write_bytes(script)
    page.goto(f"file://{tmp_path}/index.html")
    said = page.evaluate(
        """async () => {
          const lens = await Lens.load("");
          const image = new Image();
          image.src = "coffee.png";
          const told = await lens.prepare(image).catch((problem) => problem.message);
          const { width, height } = await lens.prepare(await Lens.blob("", "explain/coffee"));
          return [told, width, height];
        }"""
    )
    with Image.open(PHOTOGRAPHS[2]) as coffee:
        assert tuple(said[1:]) == coffee.size
    assert said[0].startswith("A page opened from a disk may not read this picture")


def test_nothing_is_loaded_before_it_is_asked_for(
    page: Page, address: str, classes: list[str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    for place in ("explain/index.html", f"classes/{classes[0]}/index.html", "index.html"):
        page.goto(f"{address}{place}")
        page.wait_for_load_state("networkidle")
    heavy = ("browser.js", "network", "table.js", "atoms.js")
    assert len(asked) > 6
    assert [url for url in asked if any(word in url for word in heavy)] == []
