"""What the browser is given: the list of steps says what the network does, in few bytes."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.numpy import load
from torch import Tensor, nn

from lens_site.browser import NotInBrowser, compact, export, is_current
from lens_site.browser.describe import describe
from lens_site.browser.replay import replay
from lens_site.classifier import Classifier, prepare_model
from lens_site.classifier.labels import Labels
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.site.scripts import PART, scripts


def prepared(model: nn.Module, **sizes: object) -> Classifier:
    torch.manual_seed(0)
    preprocessing = Preprocessing(**{"resize": 72, "crop": 64, **sizes})
    return prepare_model(
        model.eval(), name="net", source="", preprocessing=preprocessing, device="cpu"
    )


class Small(nn.Module):
    """Maps, something between, then average pooling and two classes."""

    class_names = ("a", "b")

    def __init__(self, between: nn.Module) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.between = between
        self.relu, self.last = nn.ReLU(), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.relu(self.between(self.first(x))).mean((2, 3)))


class Branches(nn.Module):
    """What EfficientNet, ResNet and DenseNet do between layers, and pools of odd sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(8, 4, 3, padding=2, dilation=2, bias=False)
        self.b = nn.Conv2d(8, 4, (1, 3), padding="same")
        self.norm, self.gate = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 1)
        self.max, self.mean = nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2, ceil_mode=False)
        with torch.no_grad():
            self.norm.running_mean.uniform_()
            self.norm.running_var.uniform_(0.5, 2)

    def forward(self, x: Tensor) -> Tensor:
        both = torch.cat([self.a(x), self.b(x)], dim=1)
        normed = self.norm(both + x)  # the norm follows no convolution
        gated = torch.sigmoid(self.gate(normed.mean((2, 3), keepdim=True))) * normed
        return nn.functional.hardswish(self.mean(self.max(gated)))


MODELS: dict[str, Callable[[], nn.Module]] = {
    "branches": lambda: Small(Branches()),
    **{
        name: (lambda name=name: torchvision.models.get_model(name, weights=None))
        for name in ("resnet18", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf",
                     "densenet121", "squeezenet1_1", "efficientnet_b0")
    },
    **{
        f"timm {name}": (lambda name=name: timm.create_model(name))
        for name in ("tf_efficientnet_b0", "mobilenetv3_small_100", "regnetx_002", "resnetv2_50")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_steps_do_what_the_network_does(name: str) -> None:
    classifier = prepared(MODELS[name]())
    assert classifier.parts.graphs is not None
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        encoded = classifier.encode(images)
        logits = classifier.head(encoded)
        encoder, head = (describe(graph) for graph in classifier.parts.graphs)
        same(replay(encoder, images), encoded.maps)
        same(replay(head, encoded.maps), logits)


def same(got: Tensor, wanted: Tensor) -> None:
    atol = 1e-5 * float(wanted.abs().max())
    torch.testing.assert_close(got.reshape(wanted.shape), wanted, rtol=1e-3, atol=atol)


def test_the_file() -> None:
    classifier = prepared(timm.create_model("tf_efficientnet_b0"), interpolation="bicubic")
    data = export(classifier, limit=25)
    assert data == export(classifier, limit=25)
    assert len(data) < 2.1 * classifier.parameters
    notes = json.loads(header(data)["notes"])
    assert (notes["linear"], notes["feature_shape"]) == (True, [1280, 2, 2])
    assert notes["preprocessing"]["interpolation"] == "bicubic"
    assert len(notes["labels"]) == 1000
    arrays = load(data)
    kinds = {name.rsplit(".", 1)[1]: array.dtype for name, array in arrays.items()}
    assert kinds == {"weight": np.float16, "bias": np.float32}
    weight = classifier.parts.linear.weight.numpy()
    np.testing.assert_allclose(arrays["head.2.weight"], weight, rtol=1e-3, atol=1e-5)


def header(data: bytes) -> dict[str, str]:
    length = int.from_bytes(data[:8], "little")
    found: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return found


class ReLU(nn.Module):
    """Called as PyTorch's, but for the sign."""

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp_max(0)


class Noise(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("offset", torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.offset


@pytest.mark.parametrize(
    ("between", "told"),
    [
        (nn.Tanh(), "Tanh"),
        (ReLU(), "clamp_max"),
        (Noise(), "with an array of its own"),
        (nn.Upsample(scale_factor=2), "Upsample"),
        (nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect"), "reflect padding"),
        (nn.MaxPool2d(2, dilation=2), "MaxPool2d with dilation"),
        (nn.AdaptiveAvgPool2d(3), "AdaptiveAvgPool2d to 3 × 3"),
    ],
)
def test_what_the_list_has_no_word_for_is_named(between: nn.Module, told: str) -> None:
    with pytest.raises(NotInBrowser) as error:
        export(prepared(Small(between)), limit=25)
    assert told in str(error.value)
    assert str(error.value).startswith("The browser runs the usual convolutional networks, and net")


def test_a_transformer_says_why_not() -> None:
    model = timm.create_model("vit_tiny_patch16_224", img_size=64)
    with pytest.raises(NotInBrowser, match="net has a part that they have not"):
        export(prepared(model), limit=100)


def test_other_reasons() -> None:
    small = prepared(Small(nn.Identity()))
    with pytest.raises(NotInBrowser, match=r"net weighs 23 MB in the browser, more than the 9 MB"):
        export(prepared(torchvision.models.resnet18()), limit=9)
    with pytest.raises(NotInBrowser, match="resizes its pictures to 72 by nearest"):
        export(prepared(Small(nn.Identity()), interpolation="nearest"), limit=9)
    with pytest.raises(NotInBrowser, match="cannot be traced"):
        export(replace(small, parts=replace(small.parts, graphs=None)), limit=9)


def test_a_list_that_says_something_else_is_not_given_out() -> None:
    """A hook is nothing that a trace sees."""
    model = Small(nn.Identity())
    classifier = prepared(model)
    honest = classifier.parts.head
    wrong = replace(classifier.parts, head=lambda encoded: honest(encoded) + 3)
    with pytest.raises(NotInBrowser, match="the logits of net change by"):
        export(replace(classifier, parts=wrong), limit=9)


def test_half_precision_where_it_holds_the_values() -> None:
    assert compact(np.array([1.0, -0.3, 1e-9])).dtype == np.float16
    assert compact(np.array([1e6, 1.0])).dtype == np.float32
    assert compact(np.array([1e-8, 3e-9])).dtype == np.float32
    assert compact(np.zeros(0)).dtype == np.float16


@pytest.mark.parametrize("size", [0, 5, PART, 2 * PART + 1])
def test_scripts_hold_the_data(size: int) -> None:
    data = np.random.default_rng(0).bytes(size)
    made = scripts("explain/", "network.safetensors", data)
    assert list(made)[:2] == ["network.js", "network-2.js"][: len(made)]
    parts = []
    for number, text in enumerate(made.values(), start=1):
        said = re.fullmatch(
            r'LensData\("explain/network", (\d+), (\d+), "(.*)"\);\n', text.decode()
        )
        assert said is not None
        assert (int(said[1]), int(said[2])) == (number, len(made))
        parts.append(base64.b64decode(said[3]))
    assert b"".join(parts) == data
    assert all(len(text) < 8_000_000 for text in made.values())


def test_a_file_is_that_of_its_network_until_what_it_says_changes() -> None:
    network = prepared(Small(nn.Identity()))
    data = export(network, limit=1)
    assert is_current(data, network, limit=1)
    assert not is_current(data, network, limit=0), "it may not be so large any more"
    assert not is_current(data, prepared(Small(nn.Identity()), resize=80), limit=1)
    assert not is_current(data, replace(network, labels=Labels([])), limit=1)
