from pathlib import Path

import pytest
import torch
from torch import nn

from lens_site.classifier import Classifier, load_classifier
from lens_site.classifier.load import read_state
from lens_site.errors import ClassifierError


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load_classifier(device="cpu")


def test_default_model(default: Classifier) -> None:
    assert default.parts.feature_shape == (1280, 7, 7)
    assert default.linear is not None
    assert default.linear.weight.shape == (1000, 1280)
    assert (default.preprocessing.resize, default.preprocessing.crop) == (256, 224)
    assert default.preprocessing.interpolation == "bicubic"
    assert default.labels[967].name == "espresso"


def test_features_do_not_depend_on_the_batch(default: Classifier) -> None:
    images = torch.randn(8, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    whole = default.encode(images).maps
    assert torch.equal(default.encode(images[2:5]).maps, whole[2:5])
    assert torch.equal(default.encode(images.flip(0)).maps.flip(0), whole)


def small_net() -> nn.Module:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 7, stride=8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    )
    net.class_names = ["yes", "no"]
    return net


def unnamed_net() -> nn.Module:
    net = small_net()
    net.class_names = ["only one"]
    return net


def not_a_net() -> str:
    return "hello"


def test_factory_with_weights(tmp_path: Path) -> None:
    weights = tmp_path / "mine.pt"
    torch.save({"state_dict": small_net().state_dict()}, weights)
    mine = load_classifier(f"{__name__}:small_net", weights=weights, device="cpu")
    assert [n.slug for n in mine.labels.names] == ["0000-yes", "0001-no"]
    assert torch.equal(mine.linear.weight, read_state(weights)["4.weight"])  # type: ignore[union-attr]
    assert mine.source.endswith("weights from mine.pt")


def test_weights_of_a_finetuned_model_set_the_number_of_classes(tmp_path: Path) -> None:
    import torchvision

    weights = tmp_path / "pets.pt"
    torch.save(torchvision.models.resnet18(num_classes=37).state_dict(), weights)
    pets = load_classifier("resnet18", weights=weights, device="cpu")
    assert len(pets.labels) == 37
    assert pets.preprocessing.resize == 256


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("resnet5", "no model 'resnet5'; did you mean 'resnet"),
        ("no.such.module:net", "cannot be loaded"),
        (f"{__name__}:absent", "cannot be loaded"),
        (f"{__name__}:not_a_net", "returned str, wanted a torch.nn.Module"),
        (f"{__name__}:unnamed_net", "gives 2 logits but has names for 1 classes"),
    ],
)
def test_models_that_cannot_be_loaded(model: str, message: str) -> None:
    with pytest.raises(ClassifierError, match=message) as error:
        load_classifier(model, device="cpu")
    assert "\n" not in str(error.value)


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    weights = tmp_path / "other.pt"
    torch.save(nn.Linear(3, 2).state_dict(), weights)
    with pytest.raises(ClassifierError, match=r"do not fit the model: \d+ tensors missing"):
        load_classifier(weights=weights, device="cpu")


def test_weights_with_nan(tmp_path: Path) -> None:
    state = small_net().state_dict()
    state["4.bias"][0] = float("nan")
    weights = tmp_path / "nan.pt"
    torch.save(state, weights)
    with pytest.raises(ClassifierError, match="bias holds NaN"):
        load_classifier(f"{__name__}:small_net", weights=weights, device="cpu")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_weights_that_are_no_state_dict(tmp_path: Path, content: bytes) -> None:
    weights = tmp_path / "broken.pt"
    weights.write_bytes(content)
    with pytest.raises(ClassifierError, match="cannot be read"):
        read_state(weights)
    with pytest.raises(ClassifierError, match="no file"):
        read_state(tmp_path / "absent.pt")


def test_unknown_device() -> None:
    with pytest.raises(ClassifierError, match="device: 'tpu'"):
        load_classifier(f"{__name__}:small_net", device="tpu")
