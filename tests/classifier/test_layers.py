import pytest
import timm
import torch
import torchvision
from click.testing import CliRunner
from torch import Tensor, nn

from lens_site.classifier.split import finer_layer, layers, split
from lens_site.cli import main
from lens_site.config import BuildConfig
from lens_site.errors import ClassifierError


def images(side: int = 64) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def resnet() -> nn.Module:
    torch.manual_seed(0)
    return torchvision.models.resnet18(weights=None).eval()


def test_the_layers_of_a_resnet() -> None:
    usable, default = layers(resnet(), images())
    found = {layer.name: layer.shape for layer in usable}
    assert found["conv1"] == (64, 32, 32)
    assert found["layer3"] == (256, 4, 4)
    assert list(found)[-1] == default == "layer4"
    assert "layer3.1.conv1" not in found  # the residual goes around it


def test_the_head_is_the_rest_of_the_network() -> None:
    model = resnet()
    parts = split(model, images(), "layer3")
    assert parts.feature_shape == (256, 4, 4)
    assert parts.linear is None
    other = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(parts.head(parts.encode(other)), model(other))
    torch.testing.assert_close(
        parts.encode(other).maps, split(model, images(), "layer3.1").encode(other).maps
    )


@pytest.mark.parametrize(
    ("name", "layer", "shape", "side"),
    [
        ("tf_efficientnet_b0", "blocks.5", (192, 2, 2), 64),
        ("mobilenetv3_small_050", "blocks.3", (24, 4, 4), 64),
        ("swin_tiny_patch4_window7_224", "layers.2", (384, 14, 14), 224),
    ],
)
def test_layers_of_timm_models(name: str, layer: str, shape: tuple[int, ...], side: int) -> None:
    torch.manual_seed(0)
    parts = split(timm.create_model(name).eval(), images(side), layer)
    assert parts.feature_shape == shape
    assert parts.error < 1e-4


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("layer33", "no layer 'layer33'; did you mean 'layer3'"),
        ("layer3.1.conv1", "cannot be cut at 'layer3.1.conv1'"),
        ("fc", "cannot be cut at 'fc'"),
    ],
)
def test_a_layer_that_is_none_is_refused(layer: str, reason: str) -> None:
    with pytest.raises(ClassifierError) as error:
        split(resnet(), images(), layer)
    assert reason in str(error.value)
    assert "lens layers" in str(error.value)


def test_another_layer_is_another_run() -> None:
    names = [BuildConfig(layer=layer).run_name("demo", {}, 1) for layer in (None, "a", "b")]
    assert len(set(names)) == 3


def test_the_command_lists_them() -> None:
    shown = CliRunner().invoke(main, ["layers"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.splitlines()[-1].split() == ["bn2", *"1280 × 7 × 7 (default)".split()]


def test_the_earlier_layer_has_more_places() -> None:
    model = resnet()
    assert finer_layer(model, images(), "layer4", nonnegative=True) == "layer3"
    # only maps of 2 x 2 lie between layer4 and the last block before it: it goes on to layer3
    assert finer_layer(model, images(), "layer4.0", nonnegative=False) == "layer3"


def test_the_earlier_layer_suits_a_method_that_needs_a_sign() -> None:
    torch.manual_seed(0)
    model = timm.create_model("tf_efficientnet_lite0").eval()
    name = finer_layer(model, images(), "bn2", nonnegative=True)
    parts = split(model, images(), name)
    assert parts.lowest >= 0
    assert parts.feature_shape[1:] == (4, 4)
    with pytest.raises(ClassifierError, match="recursive: no layer before 'act1'"):
        finer_layer(timm.create_model("resnet18").eval(), images(), "act1", nonnegative=True)
