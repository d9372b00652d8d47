"""Batch norms merged into the convolutions before them: the same network, a third faster."""

from collections import Counter

import torch
from timm.layers.norm_act import BatchNormAct2d
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

KNOWN = (nn.BatchNorm2d, BatchNormAct2d)
"""Classes that are what their name says; a subclass may do anything."""


def fold(half: fx.GraphModule) -> None:
    """Merge, in place, each batch norm whose convolution feeds nothing else.

    In evaluation a batch norm is a scale and a shift a channel, which the convolution can do
    itself: w' = w · s, b' = (b − μ) · s + β with s = γ / √(σ² + ε). Results differ by rounding.
    Modules that other networks share with ``half`` are replaced in it, not changed.
    """
    calls = Counter(node.target for node in half.graph.nodes if node.op == "call_module")
    for node in half.graph.nodes:
        before = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) > 1:
            continue
        norm = half.get_submodule(str(node.target))
        convolution = half.get_submodule(str(before.target))
        once = calls[node.target] == calls[before.target] == 1
        if once and isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            if type(norm) not in KNOWN or norm.running_mean is None:
                continue
            merged = fuse_conv_bn_eval(convolution, norm)
            merged = merged.requires_grad_(False).to(memory_format=torch.channels_last)
            half.add_submodule(str(before.target), merged)
            half.add_submodule(str(node.target), _rest(norm))


def _rest(norm: nn.Module) -> nn.Module:
    """Return what timm's batch norms do besides: drop and activation."""
    if isinstance(norm, BatchNormAct2d):
        return nn.Sequential(norm.drop, norm.act)
    return nn.Identity()
