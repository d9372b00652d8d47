"""Cut a network at its last feature map: f = h ∘ g (methods.md §1).

A network is cut by its own ``forward_features`` and ``forward_head`` where it has them (timm),
else along its ``torch.fx`` graph. Either way the cut is checked on a real batch, and whether
the head is average pooling and a linear layer is measured, not read off the module's type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from lens_site.errors import ClassifierError, first_line

HEAD_TOLERANCE = 1e-4

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class LinearHead:
    """h(a) = mean of a over positions · Wᵀ + b."""

    weight: Float[Tensor, "classes p"]
    bias: Float[Tensor, " classes"]


@dataclass(frozen=True)
class Split:
    """The two halves of a network; ``linear`` is None for any other kind of head."""

    encode: Callable[[Float[Tensor, "n 3 height width"]], Float[Tensor, "n p h w"]]
    head: Callable[[Float[Tensor, "n p h w"]], Float[Tensor, "n classes"]]
    feature_shape: tuple[int, int, int]
    linear: LinearHead | None
    error: float


@torch.no_grad()
def split(model: nn.Module, images: Float[Tensor, "n 3 height width"]) -> Split:
    """Cut ``model`` at its last feature map and check the cut on ``images``.

    Raises
    ------
    ClassifierError
        When no feature map can be found, or h(g(x)) differs from f(x).
    """
    encode, head = _halves(model, images)
    features, logits = encode(images), model(images)
    if features.ndim != 4 or features.shape[-1] * features.shape[-2] < 2:
        raise _cannot(f"its features have shape {tuple(features.shape)}, not (n, channels, h, w)")
    if logits.ndim != 2:
        raise _cannot(f"its output has shape {tuple(logits.shape)}, not (n, classes)")
    error = _relative(head(features), logits)
    if not error < HEAD_TOLERANCE:
        raise _cannot(f"its head applied to its features misses its logits by {error:.2g}")
    _, p, h, w = features.shape
    return Split(encode, head, (p, h, w), linear_head(head, features), error)


@torch.no_grad()
def linear_head(
    head: Callable[[Tensor], Tensor], features: Float[Tensor, "n p h w"], *, batch: int = 64
) -> LinearHead | None:
    """Find W and b by probing the head channel by channel; None when they do not reproduce it."""
    _, p, h, w = features.shape
    bias = head(torch.zeros_like(features[:1]))[0]
    unit = torch.eye(p, device=features.device, dtype=features.dtype)
    rows = [head(e[:, :, None, None].expand(-1, -1, h, w)) - bias for e in torch.split(unit, batch)]
    found = LinearHead(torch.cat(rows).T.contiguous(), bias)
    uneven = torch.linspace(0, 2, h * w, device=features.device).view(h, w)
    for probe in (features, features * uneven):
        predicted = probe.mean(dim=(2, 3)) @ found.weight.T + found.bias
        if not _relative(predicted, head(probe)) < HEAD_TOLERANCE:
            return None
    return found


def _relative(got: Tensor, wanted: Tensor) -> float:
    return float((got - wanted).abs().max() / wanted.abs().max().clamp_min(1e-12))


def _halves(model: nn.Module, images: Tensor) -> tuple[Function, Function]:
    if hasattr(model, "forward_features") and hasattr(model, "forward_head"):
        encode, head = (
            cast(Function, getattr(model, f"forward_{h}")) for h in ("features", "head")
        )
        return _channels_first(model, encode, head, images)
    try:
        traced = fx.symbolic_trace(model)
        ShapeProp(traced).propagate(images)
    except Exception as error:  # a trace can fail in as many ways as a model can be written
        raise _cannot(f"torch.fx cannot trace it ({first_line(error)})") from error
    return _cut(traced, _last_feature_map(traced))


def _channels_first(
    model: nn.Module, encode: Function, head: Function, images: Tensor
) -> tuple[Function, Function]:
    """Turn features of shape (n, h, w, channels), as timm's Swin gives them, into ours."""
    shape, channels = encode(images).shape, getattr(model, "num_features", None)
    if len(shape) != 4 or shape[1] == channels or shape[3] != channels:
        return encode, head
    return lambda x: encode(x).permute(0, 3, 1, 2), lambda a: head(a.permute(0, 2, 3, 1))


def _last_feature_map(traced: fx.GraphModule) -> fx.Node:
    """Last node with a (n, channels, h, w) output through which everything must pass."""
    order = {node: i for i, node in enumerate(traced.graph.nodes)}
    found: fx.Node | None = None
    farthest = 0  # farthest: last reader of anything before the node
    for node in traced.graph.nodes:
        if node.op == "get_attr":
            continue
        shape = getattr(node.meta.get("tensor_meta"), "shape", ())
        computed = node.op not in ("placeholder", "output")
        if computed and farthest <= order[node] and len(shape) == 4 and min(shape[2:]) > 1:
            found = node
        farthest = max([farthest, *(order[reader] for reader in node.users)])
    if found is None:
        raise _cannot("no layer with (n, channels, h, w) output carries all of its signal")
    return found


def _cut(traced: fx.GraphModule, node: fx.Node) -> tuple[fx.GraphModule, fx.GraphModule]:
    before, after = fx.Graph(), fx.Graph()
    first: dict[fx.Node, fx.Node] = {}
    second: dict[fx.Node, fx.Node] = {}
    passed = False
    for n in traced.graph.nodes:
        if n.op == "get_attr":
            first[n], second[n] = (g.node_copy(n) for g in (before, after))
        elif not passed:
            first[n] = before.node_copy(n, first.__getitem__)
        else:
            second[n] = after.node_copy(n, second.__getitem__)
        if n is node:
            passed = True
            before.output(first[n])
            second[n] = after.placeholder("features")
    halves = fx.GraphModule(traced, before), fx.GraphModule(traced, after)
    for half in halves:
        half.graph.eliminate_dead_code()
        half.recompile()
    return halves


def _cannot(reason: str) -> ClassifierError:
    return ClassifierError(
        f"model: cannot be split into encoder and head: {reason}; give the model methods "
        "forward_features(images) -> (n, channels, h, w) and forward_head(features) -> logits"
    )
