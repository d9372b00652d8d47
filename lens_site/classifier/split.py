"""Cut a network in two, at its last feature map or at a named layer: f = h ∘ g (methods.md §1).

A network is cut by its own ``forward_features`` and ``forward_head`` where it has them (timm)
and no layer is named, else along its ``torch.fx`` graph. Either way the cut is checked on a real
batch, and whether the head is average pooling and a linear layer is measured, not read off the
module's type.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lens_site.classifier import graph

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
def split(
    model: nn.Module, images: Float[Tensor, "n 3 height width"], layer: str | None = None
) -> Split:
    """Cut ``model`` at ``layer``, else at its last feature map, and check the cut on ``images``.

    Raises
    ------
    ClassifierError
        When no feature map can be found, ``layer`` is none, or h(g(x)) differs from f(x).
    """
    encode, head = _halves(model, images, layer)
    features, logits = encode(images), model(images)
    if features.ndim != 4 or features.shape[-1] * features.shape[-2] < 2:
        raise graph.cannot(
            f"its features have shape {tuple(features.shape)}, not (n, channels, h, w)"
        )
    if logits.ndim != 2:
        raise graph.cannot(f"its output has shape {tuple(logits.shape)}, not (n, classes)")
    error = _relative(head(features), logits)
    if not error < HEAD_TOLERANCE:
        raise graph.cannot(f"its head applied to its features misses its logits by {error:.2g}")
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


def _halves(model: nn.Module, images: Tensor, layer: str | None) -> tuple[Function, Function]:
    if layer is None and _has_own_halves(model):
        encode, head = (
            cast(Function, getattr(model, f"forward_{h}")) for h in ("features", "head")
        )
        return _channels_first(model, encode, head, images)
    traced = graph.trace(model, images)
    found = graph.find(traced, layer)
    encode, head = graph.cut(traced, found.node)
    return _from_last(encode, head) if found.channels_last else (encode, head)


def _has_own_halves(model: nn.Module) -> bool:
    """Say whether the network brings encoder and head of its own, as timm's do."""
    return hasattr(model, "forward_features") and hasattr(model, "forward_head")


@torch.no_grad()
def layers(model: nn.Module, images: Float[Tensor, "n 3 height width"]) -> list[graph.Layer]:
    """List the layers at which ``model`` can be cut, first to last; the last is the default.

    Raises
    ------
    ClassifierError
        When the model cannot be traced, or has no such layer.
    """
    found = graph.cuts(graph.trace(model, images))
    if not found:
        raise graph.cannot("no layer with (n, channels, h, w) output carries all of its signal")
    return found


def _channels_first(
    model: nn.Module, encode: Function, head: Function, images: Tensor
) -> tuple[Function, Function]:
    """Turn features of shape (n, h, w, channels), as timm's Swin gives them, into ours."""
    shape, channels = encode(images).shape, getattr(model, "num_features", None)
    if len(shape) != 4 or shape[1] == channels or shape[3] != channels:
        return encode, head
    return _from_last(encode, head)


def _from_last(encode: Function, head: Function) -> tuple[Function, Function]:
    return lambda x: encode(x).permute(0, 3, 1, 2), lambda a: head(a.permute(0, 2, 3, 1))
