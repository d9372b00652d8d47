"""Every runtime says what PyTorch does, the same bits whatever is beside an image."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch
from support import TESTS
from tiny_model import deep, net
from torch import Tensor, nn

from lens_site import named
from lens_site.activations.encode import CPU_BATCH, encode, encode_and_classify, one_thread_each
from lens_site.classifier import Classifier, load_classifier
from lens_site.classifier.runtimes import NoRuntime, run_on
from lens_site.results.schema import Runtime, RuntimeName

ONNX = Runtime(name="onnxruntime")


@pytest.fixture
def onnx() -> None:
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package, reason=f"the extra 'onnx' is not installed ({package})")


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load_classifier(device="cpu")


@pytest.fixture(scope="module")
def by_onnx(default: Classifier) -> Classifier:
    return run_on(default, ONNX, CPU_BATCH)


def noise(images: int, side: int) -> Tensor:
    return torch.randn(images, 3, side, side, generator=torch.Generator().manual_seed(3))


def test_the_words_are_the_files() -> None:
    assert set(get_args(RuntimeName)) == {"torch", *named.names("classifier.runtimes")}


@pytest.mark.usefixtures("onnx")
def test_onnxruntime_says_what_torch_does(
    default: Classifier, request: pytest.FixtureRequest
) -> None:
    images = noise(5, 224)
    fast = request.getfixturevalue("by_onnx")
    with one_thread_each():
        ours, logits = encode_and_classify(default, images, CPU_BATCH)
        theirs, others = encode_and_classify(fast, images, CPU_BATCH)
    assert not torch.equal(ours.maps, theirs.maps)  # it is another runtime
    torch.testing.assert_close(theirs.maps, ours.maps, rtol=1e-3, atol=1e-4)
    assert theirs.maps.stride()[1:] == ours.maps.stride()[1:]
    assert theirs.context.shape == ours.context.shape
    assert torch.equal(logits.argmax(dim=1), others.argmax(dim=1))


@pytest.mark.usefixtures("onnx")
def test_onnxruntime_gives_the_same_bits_beside_anything(
    default: Classifier, request: pytest.FixtureRequest
) -> None:
    fast, again = request.getfixturevalue("by_onnx"), run_on(default, ONNX, CPU_BATCH)
    image = noise(1, 224)
    with one_thread_each():
        alone = encode(fast, image, CPU_BATCH).maps[0]
        for place in (0, 7, CPU_BATCH - 1):
            others = torch.rand(CPU_BATCH, 3, 224, 224, generator=torch.Generator().manual_seed(1))
            others[place] = image[0]
            with ThreadPoolExecutor(3) as pool:  # passes beside each other
                made = list(pool.map(lambda x: encode(fast, x, CPU_BATCH), [others] * 3))
            assert all(torch.equal(one.maps[place], alone) for one in made)
        assert torch.equal(encode(again, image, CPU_BATCH).maps[0], alone)


class Tokens(nn.Module):
    """A class token and 4 × 4 patches that look at each other."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, stride=8)
        self.token = nn.Parameter(torch.ones(1, 1, 8))
        self.mix = nn.Linear(17, 17)
        self.last = nn.Linear(8, 3)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.mix(x.transpose(1, 2)).transpose(1, 2) + x
        return self.last((self.mix(x.transpose(1, 2)).transpose(1, 2) + x)[:, 0])


def tokens() -> nn.Module:
    model = Tokens()
    for i, weight in enumerate(model.parameters()):
        weight.data = torch.randn(weight.shape, generator=torch.Generator().manual_seed(i)) / 3
    model.class_names = ["a", "b", "c"]
    model.pretrained_cfg = {**net().pretrained_cfg, "input_size": (3, 32, 32)}
    return model


@pytest.mark.usefixtures("onnx")
def test_tokens_without_a_place_come_too() -> None:
    classifier = load_classifier(f"{__name__}:tokens", device="cpu")
    assert classifier.parts.context == 1
    images = noise(3, 32)
    ours = encode(classifier, images, CPU_BATCH)
    theirs = encode(run_on(classifier, ONNX, CPU_BATCH), images, CPU_BATCH)
    torch.testing.assert_close(theirs.context, ours.context)
    torch.testing.assert_close(theirs.maps, ours.maps)


@pytest.mark.usefixtures("onnx")
def test_an_earlier_layer_is_not_run_by_what_was_made_for_the_last() -> None:
    classifier = load_classifier(f"{__name__}:deep_net", device="cpu")
    fast = run_on(classifier, ONNX, CPU_BATCH)
    finer = fast.at_finer_layer(nonnegative=False)
    assert finer.fast is None
    images = noise(2, 64)
    ours = encode(finer, images, CPU_BATCH).maps
    assert ours.shape != encode(fast, images, CPU_BATCH).maps.shape
    theirs = encode(run_on(finer, ONNX, CPU_BATCH), images, CPU_BATCH).maps
    torch.testing.assert_close(theirs, ours)


def deep_net() -> nn.Module:
    return deep()


class Whim(nn.Module):
    """What no exporter has a word for: Python decides, picture by picture."""

    def forward(self, x: Tensor) -> Tensor:
        return x if float(x.sum()) > 0 else -x


@pytest.mark.usefixtures("onnx")
def test_a_network_that_onnx_cannot_say_is_refused_in_one_line() -> None:
    classifier = load_classifier("tiny_model:net", device="cpu")
    whim, encode_as_before = Whim(), classifier.parts.encode
    parts = replace(classifier.parts, graphs=None, encode=lambda x: encode_as_before(whim(x)))
    with pytest.raises(NoRuntime, match=r"^onnxruntime cannot run \S+ \(.+\)$") as refused:
        run_on(replace(classifier, parts=parts), ONNX, CPU_BATCH)
    assert "\n" not in str(refused.value)


def test_without_the_package_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NoRuntime, match=r"pip install 'lens-site\[onnx\]'"):
        run_on(load_classifier("tiny_model:net", device="cpu"), ONNX, CPU_BATCH)


@pytest.mark.skipif(
    not any(map(shutil.which, ("g++", "clang++", "c++"))), reason="no C++ compiler to compile with"
)
def test_compiled_says_what_torch_does_from_any_thread() -> None:
    # in a process of its own: the checks of shapes that a test run adds cannot be compiled
    command = [sys.executable, "-W", "ignore", str(TESTS / "compiled_apart.py")]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    error, same = done.stdout.split()
    assert float(error) < 1e-5
    assert same == "True"


def test_compiling_wants_a_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(NoRuntime, match="C\\+\\+ compiler"):
        run_on(load_classifier("tiny_model:net", device="cpu"), Runtime(name="compiled"), 16)
