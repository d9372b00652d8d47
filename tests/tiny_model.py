"""A network small enough to be read: three colors, average pooling, a linear layer."""

import torch
from torch import nn


def net() -> nn.Module:
    """Classes red, green and blue; features are 8 × 8 maps of six mixtures of the colors."""
    mixtures = torch.tensor(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0, 0.5, 0.5], [0.5, 0, 0.5]]
    )
    look = nn.Conv2d(3, 6, 8, stride=8)
    with torch.no_grad():
        look.weight.copy_(mixtures[:, :, None, None].expand(6, 3, 8, 8) / 64)
        look.bias.fill_(0.1)
    last = nn.Linear(6, 3)
    with torch.no_grad():
        last.weight.copy_(4 * mixtures.T - 1)
        last.bias.zero_()
    model = nn.Sequential(look, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)
    model.class_names = ["red", "green", "blue"]
    model.pretrained_cfg = {
        "input_size": (3, 64, 64),
        "crop_pct": 1.0,
        "mean": (0.0,) * 3,
        "std": (1.0,) * 3,
        "interpolation": "bilinear",
    }
    return model


def signed() -> nn.Module:
    """The same without ReLU: features below zero."""
    model = net()
    model[0].bias.data.fill_(-2.0)
    model[1] = nn.Identity()
    return model


def hidden() -> nn.Module:
    """The same with a layer between average pooling and classes: no linear head."""
    model = net()
    between = nn.Linear(6, 6)
    with torch.no_grad():
        between.weight.copy_(torch.eye(6) - 0.3 * torch.eye(6).roll(1, dims=0))
        between.bias.zero_()
    made = nn.Sequential(*model[:4], between, nn.ReLU(), model[4])
    made.class_names, made.pretrained_cfg = model.class_names, model.pretrained_cfg
    return made


def curved() -> nn.Module:
    """The same with a curve that no usual network has."""
    model = net()
    model[1] = nn.Tanh()
    return model


def broken() -> nn.Module:
    """The same, but its logits are NaN for every picture with a bright block."""
    model = net()
    model[4] = nn.Sequential(Darkness(), model[4])
    return model


class Darkness(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log(0.2 - x)


def deep() -> nn.Module:
    """The same, its colors mixed from maps twice as fine."""
    model = net()
    fine = nn.Conv2d(3, 3, 4, stride=4)
    coarse = nn.Conv2d(3, 6, 2, stride=2)
    with torch.no_grad():
        fine.weight.copy_(torch.eye(3)[:, :, None, None].expand(3, 3, 4, 4) / 16)
        fine.bias.zero_()
        coarse.weight.copy_(16 * model[0].weight[:, :, :2, :2])
        coarse.bias.copy_(model[0].bias)
    model[0] = nn.Sequential(fine, nn.ReLU(), coarse)
    return model


def stepped() -> nn.Module:
    """The same, but it sees whole numbers only: no gradient reaches its input."""
    model = net()
    model[0] = nn.Sequential(Steps(), model[0])
    return model


class Steps(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.round(10 * x) / 10


def placed() -> nn.Module:
    """The same with a head that weighs places: what is lower in the picture counts more."""
    model = net()
    weigh = nn.Linear(6 * 64, 6)
    with torch.no_grad():
        weight = torch.zeros(6, 6, 64)
        weight[range(6), range(6)] = (0.5 + torch.arange(64) / 64) / 64
        weigh.weight.copy_(weight.flatten(1))
        weigh.bias.zero_()
    made = nn.Sequential(*model[:2], nn.Flatten(), weigh, nn.ReLU(), model[4])
    made.class_names, made.pretrained_cfg = model.class_names, model.pretrained_cfg
    return made


def turned() -> nn.Module:
    """The same in another basis: its features in another order, each of another size."""
    model = net()
    look, last, order = model[0], model[4], torch.tensor([3, 0, 5, 1, 4, 2])
    sizes = torch.tensor([0.5, 2.0, 1.0, 3.0, 0.25, 1.5])
    with torch.no_grad():
        look.weight.copy_(look.weight[order] * sizes[:, None, None, None])
        look.bias.copy_(look.bias[order] * sizes)
        last.weight.copy_(last.weight[:, order] / sizes)
    return model


def mirrored() -> nn.Module:
    """The same answers, but each feature is active at the mirrored place: it looks elsewhere."""
    model = net()
    model[0] = nn.Sequential(Mirror(), model[0])
    return model


class Mirror(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flip(3)
