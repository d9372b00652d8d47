import copy

import timm
import torch
from torch import Tensor, fx, nn

from lens_site.classifier import graph
from lens_site.classifier.fold import fold
from lens_site.classifier.split import split


def images() -> Tensor:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def used(model: nn.Module) -> nn.Module:
    """Give every batch norm statistics and weights that a training would leave."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
            module.running_mean.copy_(0.1 * torch.rand(module.num_features, generator=generator))
    return model.eval().requires_grad_(False)


def norms(half: fx.GraphModule) -> int:
    return sum(isinstance(m, nn.BatchNorm2d) for m in half.modules())


def test_a_network_computes_the_same_without_its_batch_norms() -> None:
    torch.manual_seed(0)
    for name in ("tf_efficientnet_lite0", "resnet18"):
        model = used(timm.create_model(name))
        before = copy.deepcopy(model.state_dict())
        whole = graph.trace(model, images())
        wanted = model(images())
        fold(whole)
        whole.recompile()
        assert norms(whole) == 0
        torch.testing.assert_close(whole(images()), wanted, rtol=1e-4, atol=1e-4)
        # the model itself is as it was
        assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
        assert torch.equal(model(images()), wanted)


class Shared(nn.Module):
    """One convolution that feeds two readers, and a batch norm of a kind of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.last, self.own = nn.Conv2d(4, 4, 3), Own(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return self.own(self.last(y + self.norm(y)))


class Leaves(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return not isinstance(m, Shared)


class Own(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + 1


def test_what_cannot_be_merged_stays() -> None:
    torch.manual_seed(0)
    model = used(Shared())
    whole = fx.GraphModule(model, Leaves().trace(model))
    wanted = model(images())
    fold(whole)
    assert torch.equal(whole(images()), wanted)
    assert norms(whole) == 2


def test_the_encoder_of_a_split_has_no_batch_norm() -> None:
    torch.manual_seed(0)
    model = used(timm.create_model("resnet18"))
    parts = split(model, images())
    assert parts.error < 1e-4
    assert not torch.equal(parts.encode(images()).maps, model.forward_features(images()))
