"""Vision transformers: patch tokens are the places, class and register tokens the context."""

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from lens_site.classifier.split import Encoded, layers, split


def images(side: int = 64) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def vit(name: str = "vit_tiny_patch16_224", **options: object) -> nn.Module:
    torch.manual_seed(0)
    return timm.create_model(name, img_size=64, num_classes=7, **options).eval()


def torchvision_vit() -> nn.Module:
    torch.manual_seed(0)
    model = torchvision.models.VisionTransformer(64, 16, 4, 3, 48, 96, num_classes=7).eval()
    nn.init.normal_(model.heads.head.weight)  # zero as it comes
    return model


@pytest.mark.parametrize(
    ("model", "context", "layer"),
    [
        (vit(depth=3), 1, "blocks.1"),
        (vit("deit_tiny_distilled_patch16_224", depth=3), 2, "blocks.1"),
        (vit("vit_small_patch14_reg4_dinov2", depth=3, patch_size=16), 5, "blocks.1"),
        (vit(depth=3, class_token=False, global_pool="avg"), 0, "norm"),
        (torchvision_vit(), 1, "encoder.layers.encoder_layer_2"),
    ],
    ids=["class token", "two tokens", "registers", "average", "torchvision"],
)
def test_the_last_layer_whose_patches_count(model: nn.Module, context: int, layer: str) -> None:
    parts = split(model, images())
    assert (parts.context, parts.feature_shape[1:]) == (context, (4, 4))
    if "norm" not in layer:
        assert parts.layer.startswith(layer.rsplit(".", 1)[0])
    other = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(parts.head(parts.encode(other)), model(other))
    assert parts.lowest < 0


def test_the_logits_depend_on_patches_and_on_context() -> None:
    parts = split(vit(depth=3), images())
    maps, context = parts.encode(images())
    assert parts.linear is None
    whole = parts.head(Encoded(maps, context))
    assert (parts.head(Encoded(0 * maps, context)) - whole).abs().max() > 1e-3
    assert (parts.head(Encoded(maps, 0 * context)) - whole).abs().max() > 1e-3


def test_a_patch_stays_where_it_was_in_the_picture() -> None:
    parts = split(vit(depth=1), images(), "patch_embed")
    black = torch.zeros(1, 3, 64, 64)
    lit = black.clone()
    lit[:, :, 16:32, 48:] = 1.0  # second row, last column
    moved = (parts.encode(lit).maps - parts.encode(black).maps).abs().sum(dim=1)[0]
    assert moved.nonzero().tolist() == [[1, 3]]


def test_the_layers_of_a_transformer_and_its_default() -> None:
    usable, default = layers(vit(depth=3), images())
    shapes = {layer.name: layer.shape for layer in usable}
    assert shapes["blocks.0"] == (192, 4, 4)
    assert default == "blocks.1"
    assert "blocks.2.attn" not in shapes
