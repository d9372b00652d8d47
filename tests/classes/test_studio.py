"""What pictures are made with: the size a network takes, its gradients, natural pictures."""

import pytest
import torch
from tiny_model import deep, net, stepped
from torch import Tensor, nn

from lens_site.classes.studio import (
    as_images,
    check_gradients,
    choose_side,
    natural_spectrum,
    open_studio,
    usual_spectrum,
)
from lens_site.classifier.classifier import Classifier, prepare_model
from lens_site.classifier.preprocessing import Preprocessing, from_timm
from lens_site.errors import ConfigError
from lens_site.visualization import measure


def prepared(model: nn.Module) -> Classifier:
    preprocessing = from_timm(model.pretrained_cfg)
    return prepare_model(
        model, name="tiny", source="a test", class_names=model.class_names,
        preprocessing=preprocessing, device="cpu",
    )  # fmt: skip


class OneSize(nn.Module):
    """Refuses every other size, as transformers do."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.zeros(3, 64, 64)


def before(first: nn.Module) -> nn.Module:
    model = net()
    model[0] = nn.Sequential(first, model[0])
    return model


def test_crops_are_shown_at_a_part_of_the_input_where_the_network_takes_it() -> None:
    assert choose_side(prepared(net()), 3 / 7) == 32
    assert choose_side(prepared(net()), 1.0) == 64
    assert choose_side(prepared(before(OneSize())), 3 / 7) == 64


def test_a_network_without_gradients_is_refused_in_one_line() -> None:
    check_gradients(prepared(net()))
    with pytest.raises(ConfigError) as error:
        check_gradients(prepared(stepped()))
    assert str(error.value) == (
        "visualization: pictures cannot be made with tiny: its gradient is 0 everywhere; it has "
        "to be differentiable by its input; give --visualization off"
    )


def test_earlier_layers_are_those_there_are() -> None:
    def layers(model: nn.Module) -> list[str]:
        studio = open_studio(prepared(model), "preview", usual_spectrum(64))
        return [one.parts.layer for one in studio.earlier]

    assert layers(net()) == ["0"]
    assert layers(deep()) == ["0.1", "0.0"]


def test_so_many_concepts_at_once_that_memory_is_bounded() -> None:
    studio = open_studio(prepared(net()), "preview", usual_spectrum(64))
    assert studio.at_once(4) == 2**20 // (4 * 32 * 32)
    assert studio.at_once(10**9) == 1


def test_the_studio_looks_as_the_classifier_does_and_gradients_come_back() -> None:
    classifier = prepared(net())
    studio = open_studio(classifier, "preview", usual_spectrum(64))
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    pictures.requires_grad_()
    maps = studio.look(pictures)
    maps.sum().backward()
    images = as_images(pictures.detach(), classifier.preprocessing)
    assert torch.allclose(maps, classifier.encode(images).maps, atol=1e-6)
    assert pictures.grad is not None
    assert bool(pictures.grad.any())


def test_a_spectrum_is_measured_on_colors_not_on_the_networks_input() -> None:
    preprocessing = Preprocessing(crop=16)
    pictures = torch.rand(5, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    images = as_images(pictures, preprocessing)
    one, other = natural_spectrum([images[:3], images[3:]], preprocessing), measure([pictures])
    assert one.photographs == 5
    assert torch.allclose(one.magnitude, other.magnitude, rtol=1e-3, atol=1e-3)
    assert torch.allclose(one.mean, other.mean, atol=1e-4)
