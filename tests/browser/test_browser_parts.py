"""The parts of the browser's engine, each held to a second way of computing the same."""

import base64
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from scipy.optimize import nnls
from test_browser_engine import put_engine

from lens_site.extraction import METHODS
from lens_site.extraction.extractor import PER_CONCEPT
from lens_site.site.publish.pieces import folder

pytestmark = pytest.mark.browser

STATIC = folder("static") / "browser"


@pytest.fixture
def engine(page: Page, tmp_path: Path) -> Page:
    """A page that holds the engine and nothing else."""
    put_engine(tmp_path)
    page.goto(f"file://{tmp_path}/index.html")
    return page


GEMM = """({ o, k, n, ldx, ldy, plain }) => {
  const [w, x] = [0, o * k];
  const bias = x + k * ldx + 16;
  const y = bias + o;
  const { heap, gemm } = lensPart("gemm").make(y + o * ldy + 16, { plain });
  for (let i = 0; i < y; i += 1) heap[i] = Math.sin(i * i);
  gemm(w, x, ldx, y, ldy, bias, o, k, n, -1, 1.5);
  return [...heap];
}"""


@pytest.mark.parametrize(
    ("o", "k", "n", "ldx", "ldy"),
    [(1, 1, 8, 8, 8), (4, 3, 8, 9, 11), (5, 7, 19, 19, 19), (8, 16, 49, 49, 60), (3, 5, 5, 6, 7)],
)
@pytest.mark.parametrize("plain", [True, False], ids=["JavaScript", "WebAssembly"])
def test_products(engine: Page, o: int, k: int, n: int, ldx: int, ldy: int, plain: bool) -> None:
    given = {"o": o, "k": k, "n": n, "ldx": ldx, "ldy": ldy, "plain": plain}
    heap = np.array(engine.evaluate(GEMM, given))
    w, rest = heap[: o * k].reshape(o, k), heap[o * k :]
    x, rest = rest[: k * ldx].reshape(k, ldx)[:, :n], rest[k * ldx + 16 :]
    bias, y = rest[:o], rest[o : o + o * ldy].reshape(o, ldy)
    wanted = (w @ x + bias[:, None]).clip(-1, 1.5)
    np.testing.assert_allclose(y[:, :n], wanted, atol=1e-5)
    assert not y[:, n:].any(), "nothing is written beside the product"


DEPTHWISE = """({ step, numbers, plain }) => {
  const { run, scratch, size } = lensPart("ops");
  const [y, weight, bias, work] = [numbers, 2 * numbers, 3 * numbers, 4 * numbers];
  const machine = lensPart("gemm").make(work + scratch(step) + 16, { plain });
  for (let i = 0; i < numbers; i += 1) machine.heap[i] = Math.sin(i * i);
  for (let i = 0; i < 1000; i += 1) machine.heap[weight + i] = Math.cos(3 * i * i);
  for (let i = 0; i < 10; i += 1) machine.heap[bias + i] = i;
  run(machine, step, [0], y, { weight, bias }, work);
  return [...machine.heap];
}"""


@pytest.mark.parametrize("plain", [True, False], ids=["JavaScript", "WebAssembly"])
@pytest.mark.parametrize(
    ("side", "kernel", "stride", "pad", "dilation", "groups"),
    [
        (14, 3, 1, 1, 1, 6), (15, 5, 2, 2, 1, 6), (7, 5, 1, 2, 1, 6), (9, 3, 1, 2, 2, 6),
        (3, 3, 2, 1, 1, 6), (12, 3, 2, 0, 1, 2), (12, 7, 2, 3, 1, 1), (8, 1, 2, 0, 1, 3),
    ],
)  # fmt: skip
def test_convolutions(
    engine: Page, side: int, kernel: int, stride: int, pad: int, dilation: int, groups: int,
    plain: bool,
) -> None:  # fmt: skip
    channels, numbers = 6, 4000
    out = (side + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
    step = {
        "op": "conv", "inputs": [0], "act": "relu", "before": [channels, side, side],
        "shape": [channels, out, out], "kernel": [kernel] * 2, "stride": [stride] * 2,
        "pad": [pad] * 2, "dilation": [dilation] * 2, "groups": groups,
    }  # fmt: skip
    heap = np.array(engine.evaluate(DEPTHWISE, {"step": step, "numbers": numbers, "plain": plain}))
    x = torch.from_numpy(heap[: channels * side * side]).view(1, channels, side, side)
    depth = channels // groups
    weights = heap[2 * numbers :][: channels * depth * kernel**2]
    w = torch.from_numpy(weights).view(channels, depth, kernel, kernel)
    b = torch.from_numpy(heap[3 * numbers :][:channels])
    wanted = torch.nn.functional.conv2d(x, w, b, stride, pad, dilation, groups).relu().numpy()
    got = heap[numbers : numbers + wanted.size].reshape(wanted.shape)
    np.testing.assert_allclose(got, wanted, atol=2e-5)
    assert not heap[numbers + wanted.size : 2 * numbers].any()


def test_the_code_is_the_assembled_source(tmp_path: Path) -> None:
    wat2wasm = shutil.which("wat2wasm")
    if wat2wasm is None:
        pytest.skip("no wat2wasm (of wabt) to assemble static/browser/gemm.wat")
    made = tmp_path / "gemm.wasm"
    subprocess.run([wat2wasm, str(STATIC / "gemm.wat"), "-o", str(made)], check=True)
    written = re.search(r'"([A-Za-z0-9+/=]+)"', (STATIC / "gemm.code.js").read_text())
    assert written is not None
    assert base64.b64decode(written[1]) == made.read_bytes()


CODES = """({ way, arrays, k, data, p, h, w }) => {
  const single = ([name, values]) => [name, Float32Array.from(values)];
  const given = Object.fromEntries(Object.entries(arrays).map(single));
  return [...lensPart("codes").encode(way, given, k, { data: Float32Array.from(data), p, h, w })];
}"""

P, H, W = 24, 3, 4


def encoded(page: Page, way: str | None, arrays: dict[str, np.ndarray], rows: np.ndarray) -> Any:
    k = len(arrays["dictionary"])
    given = {
        "way": way, "k": k, "p": P, "h": H, "w": W, "data": rows.T.ravel().tolist(),
        "arrays": {name: array.ravel().tolist() for name, array in arrays.items()},
    }  # fmt: skip
    return np.array(page.evaluate(CODES, given)).reshape(len(rows), k)


@pytest.mark.parametrize("method", METHODS)
def test_codes_are_those_of_the_method(engine: Page, method: str) -> None:
    draw = torch.Generator().manual_seed(1)
    rows = torch.rand(200, 5, generator=draw) @ torch.rand(5, P, generator=draw).pow(3)
    extractor = METHODS[method](k=5).fit(rows, generator=draw)
    new = rows[: H * W] + 0.05 * torch.rand(H * W, P, generator=draw)
    arrays = {name: array.numpy() for name, array in extractor.portable().items()}
    assert set(arrays) <= set(extractor.state())
    assert {name for name in arrays if arrays[name].shape[:1] == (5,)} <= set(PER_CONCEPT)
    got = encoded(engine, extractor.encoding, arrays, new.numpy())
    np.testing.assert_allclose(got, extractor.encode(new).numpy(), atol=2e-4, rtol=1e-3)
    assert got.any()


def test_non_negative_codes_are_scipys(engine: Page) -> None:
    draw = np.random.default_rng(0)
    dictionary = np.abs(draw.normal(size=(10, P))).astype(np.float32)
    dictionary[3] = dictionary[2] * 0.98 + 0.02 * dictionary[4]  # nearly parallel
    dictionary[7] = 0
    rows = np.abs(draw.normal(size=(H * W, P))).astype(np.float32)
    got = encoded(engine, "nnls", {"dictionary": dictionary}, rows)
    wanted = np.array([nnls(dictionary.T.astype(float), row.astype(float))[0] for row in rows])
    np.testing.assert_allclose(got, wanted, atol=1e-5)
    assert (wanted == 0).any() and (wanted > 0).any()
