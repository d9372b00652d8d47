import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from lens_site.classifier.split import Encoded, linear_head, split
from lens_site.errors import ClassifierError


class Net(nn.Module):
    """A small network whose head is whatever the test wants."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 3, stride=4), nn.ReLU())
        self.top = head

    def forward(self, x: Tensor) -> Tensor:
        return self.top(self.body(x))


def images(side: int = 64) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


POOLED = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5))


def test_average_pooling_and_linear_is_found_by_numbers() -> None:
    parts = split(Net(POOLED).eval(), images())
    assert parts.feature_shape == (6, 16, 16)
    assert parts.linear is not None
    torch.testing.assert_close(parts.linear.weight, POOLED[2].weight, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(parts.linear.bias, POOLED[2].bias)


@pytest.mark.parametrize(
    "head",
    [
        nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(6, 5)),
        nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 5)
        ),
        nn.Sequential(nn.Flatten(), nn.Linear(6 * 16 * 16, 5)),  # linear, but not in the average
    ],
    ids=["max pooling", "two layers", "no pooling"],
)
def test_other_heads_are_not_taken_for_linear(head: nn.Module) -> None:
    parts = split(Net(head).eval(), images())
    assert parts.linear is None
    assert parts.error < 1e-4


@pytest.mark.parametrize(
    ("name", "shape", "linear"),
    [("resnet18", (512, 2, 2), True), ("mobilenet_v3_small", (576, 2, 2), False)],
)
def test_torchvision_models(name: str, shape: tuple[int, ...], linear: bool) -> None:
    torch.manual_seed(0)
    parts = split(torchvision.models.get_model(name, weights=None).eval(), images())
    assert parts.feature_shape == shape
    assert (parts.linear is not None) == linear


@pytest.mark.parametrize(
    ("name", "shape"),
    [("resnet18", (512, 2, 2)), ("swin_tiny_patch4_window7_224", (768, 7, 7))],
)
def test_timm_models(name: str, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    model = timm.create_model(name).eval()
    parts = split(model, images(224 if "swin" in name else 64))
    assert parts.feature_shape == shape
    assert parts.linear is not None


class Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(2, 3)) if x.sum() > 0 else -x.mean(dim=(2, 3))


class Vector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3 * 64 * 64, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.flatten(1))


@pytest.mark.parametrize(
    ("model", "reason"),
    [(Branching(), "torch.fx cannot trace it"), (Vector(), "no layer with (n, channels, h, w)")],
)
def test_a_model_that_cannot_be_split_is_told_what_is_needed(model: nn.Module, reason: str) -> None:
    with pytest.raises(ClassifierError) as error:
        split(model.eval(), images())
    assert reason in str(error.value)
    assert "forward_features" in str(error.value)


class Opaque(Net):
    """Cannot be traced, but brings its halves."""

    def __init__(self, head: nn.Module, added: float) -> None:
        super().__init__(head)
        self.added = added

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if bool(x.isfinite().all()) else x

    def forward_features(self, x: Tensor) -> Tensor:
        return self.body(x)

    def forward_head(self, x: Tensor) -> Tensor:
        return self.top(x) + self.added


def test_a_network_that_cannot_be_traced_is_split_by_its_own_halves() -> None:
    assert split(Opaque(POOLED, 0.0).eval(), images()).feature_shape == (6, 16, 16)


class Lists(Opaque):
    def forward_features(self, x: Tensor) -> Tensor:
        return [self.body(x)]  # type: ignore[return-value]


def test_halves_that_are_no_maps_do_not_help() -> None:
    with pytest.raises(ClassifierError, match="cannot trace it"):
        split(Lists(POOLED, 0.0).eval(), images())


def test_a_head_that_is_not_the_rest_of_the_model_is_refused() -> None:
    with pytest.raises(ClassifierError, match="misses its logits"):
        split(Opaque(POOLED, 1.0).eval(), images())


def test_linear_head_of_a_known_matrix() -> None:
    weight = torch.arange(24.0).view(6, 4) / 24
    encoded = Encoded(torch.rand(3, 4, 5, 7), torch.zeros(3, 0, 4))
    found = linear_head(lambda e: e.maps.mean(dim=(2, 3)) @ weight.T, encoded)
    assert found is not None
    torch.testing.assert_close(found.weight, weight)
