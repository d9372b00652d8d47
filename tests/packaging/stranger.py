"""A stranger with sixty pictures and a network of his own, and nothing but a clone of Lens."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torchvision.models import MobileNetV2
from torchvision.transforms import v2

PHOTOGRAPHS = {"cat": "chelsea.png", "coffee": "coffee.png", "rocket": "rocket.jpg"}
"""His classes, and the photographs in the clone that their pictures are cut from."""

MODEL = f'''"""A network of torchvision's, for three classes."""

from torchvision.models import MobileNetV2


def net():
    model = MobileNetV2(num_classes={len(PHOTOGRAPHS)}, width_mult=0.25)
    model.class_names = {list(PHOTOGRAPHS)}
    return model
'''


@dataclass(frozen=True)
class Stranger:
    """Where he works, and the clone whose Lens he runs."""

    folder: Path
    clone: Path

    def lens(self, *arguments: str) -> str:
        """Return what a command says, once it ends well."""
        done = subprocess.run(
            [sys.executable, "-m", "lens_site", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.clone), "OMP_NUM_THREADS": "2"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"lens {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


def arrive(folder: Path, clone: Path) -> Stranger:
    """Lay down ``pictures``, ``my_model.py`` and ``weights.pt``."""
    for seed, (name, photograph) in enumerate(PHOTOGRAPHS.items()):
        (folder / "pictures" / name).mkdir(parents=True)
        _cut(
            clone / "lens_site/images/sources/photographs" / photograph,
            folder / "pictures" / name,
            np.random.default_rng(seed),
        )
    (folder / "my_model.py").write_text(MODEL)
    torch.save(_trained(folder / "pictures").state_dict(), folder / "weights.pt")
    return Stranger(folder, clone)


def _cut(photograph: Path, into: Path, generator: np.random.Generator) -> None:
    """Write twenty square pieces, half to nine tenths as high as the photograph."""
    with Image.open(photograph) as opened:
        whole = opened.convert("RGB")
    for number in range(20):
        side = int(generator.uniform(0.5, 0.9) * min(whole.size))
        left, top = (int(generator.integers(0, room - side)) for room in whole.size)
        piece = whole.crop((left, top, left + side, top + side))
        piece.resize((200, 200)).save(into / f"{number:02d}.jpg", quality=90)


def _trained(pictures: Path) -> nn.Module:
    """Return the network, its last layer fitted to the pictures by least squares."""
    torch.manual_seed(0)
    network = MobileNetV2(num_classes=len(PHOTOGRAPHS), width_mult=0.25).eval()
    look = v2.Compose(
        [
            v2.Resize(256),
            v2.CenterCrop(224),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    files = sorted(pictures.rglob("*.jpg"))
    targets = torch.eye(len(PHOTOGRAPHS)).repeat_interleave(20, 0)
    last, network.classifier[1] = network.classifier[1], nn.Identity()
    with torch.no_grad():
        features = network(torch.stack([look(Image.open(file)) for file in files]))
        mean, spread = features.mean(0), features.std(0).clamp_min(1e-6)
        scaled = (features - mean) / spread
        weight = (
            torch.linalg.solve(
                scaled.T @ scaled + 10 * torch.eye(scaled.shape[1]), scaled.T @ (targets - 1 / 3)
            )
            / spread[:, None]
        )
        last.weight.copy_(10 * weight.T)
        last.bias.copy_(-10 * mean @ weight)
    network.classifier[1] = last
    return network
