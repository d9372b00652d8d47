"""What the nodes of a graph are as steps: the operations of the usual convolutional networks.

EfficientNet, MobileNet, RegNet, ResNet and VGG are made of these. A type counts as what its name
says only if it is PyTorch's or timm's own.
"""

import operator
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from timm.layers.conv2d_same import Conv2dSame
from timm.layers.norm_act import BatchNormAct2d
from torch import Tensor, fx, nn
from torch.nn import functional as F

from lens_site.browser.steps import Shape, Step, UnknownOperation, shape_of

ACTIVATIONS = {
    "relu": "relu", "relu_": "relu", "relu6": "relu6", "silu": "silu", "swish": "silu",
    "swishme": "silu", "hardswish": "hardswish", "hardswishme": "hardswish",
    "hardsigmoid": "hardsigmoid", "hardsigmoidme": "hardsigmoid", "sigmoid": "sigmoid",
    "sigmoid_": "sigmoid",
}  # fmt: skip
"""Names of types, functions and methods, in lower case, and what they are called in a step."""

SAME = {"contiguous", "dropout", "clone", "drop_path", "stochastic_depth", "dropout2d"}
"""Functions and methods that change nothing in evaluation."""

RESHAPES = {"flatten", "view", "reshape", "squeeze", "unsqueeze"}
"""What keeps the values of an image in their order."""

SUMS, PRODUCTS = {"add", "add_", "iadd"}, {"mul", "mul_", "imul"}

STILL = (nn.Identity, nn.Dropout, nn.Dropout2d, nn.Flatten)


def read(graph: fx.GraphModule, node: fx.Node, values: Mapping[fx.Node, int]) -> Iterator[Step]:
    """Yield the steps of one node; the first reads the node's inputs, each other the one before.

    Raises
    ------
    UnknownOperation
        For what is none of the operations above.
    """
    sources = [source for source in node.all_input_nodes if source in values]
    inputs = tuple(values[source] for source in sources)
    before, shape = shape_of(sources[0]), shape_of(node)
    if node.op == "call_module":
        module = graph.get_submodule(str(node.target))
        yield from _module(module, inputs, before, shape)
    elif node.target is F.linear:  # timm's
        yield _linear(*_parameters(graph, node), inputs, before, shape)
    elif len(sources) == len(node.all_input_nodes):
        yield _function(node, values, inputs, before, shape)
    else:
        raise UnknownOperation(f"{node.name} with an array of its own")


def _parameters(graph: fx.GraphModule, node: fx.Node) -> tuple[Tensor, Tensor | None]:
    """Return weight and bias of a call of ``F.linear``."""
    given = [*node.args[1:], node.kwargs.get("weight"), node.kwargs.get("bias")]
    weight, bias, *_ = [*(x for x in given if isinstance(x, fx.Node)), None]
    assert weight is not None, "F.linear has a weight"
    found = [None if x is None else _attribute(graph, x) for x in (weight, bias)]
    assert found[0] is not None
    return found[0], found[1]


def _attribute(graph: fx.GraphModule, node: fx.Node) -> Tensor:
    if node.op != "get_attr":
        raise UnknownOperation(f"{node.name} as a weight")
    path, _, name = str(node.target).rpartition(".")
    value: Tensor = getattr(graph.get_submodule(path), name)
    return value


def _module(
    module: nn.Module, inputs: tuple[int, ...], before: Shape, shape: Shape
) -> Iterator[Step]:
    """Yield the steps of a module with one input."""
    kind, name = type(module), type(module).__name__
    own = kind.__module__.split(".")[0] in ("torch", "timm", "torchvision")
    if kind is nn.Sequential:
        parts = [part for part in module.children() if not isinstance(part, STILL)]
        if any(not _keeps_shape(part) for part in parts[:-1]):
            raise UnknownOperation("a sequence within a layer")
        for part in parts or [nn.Identity()]:
            yield from _module(part, inputs, before, shape)
    elif kind in (nn.Conv2d, Conv2dSame):
        assert isinstance(module, nn.Conv2d)
        yield _convolution(module, inputs, before, shape)
    elif kind is nn.Linear:
        assert isinstance(module, nn.Linear)
        yield _linear(module.weight, module.bias, inputs, before, shape)
    elif kind in (nn.BatchNorm2d, BatchNormAct2d) and module.running_mean is not None:
        yield _scale(module, inputs, before)
        if isinstance(module, BatchNormAct2d):
            yield from _module(module.act, inputs, before, shape)
    elif own and name.lower() in ACTIVATIONS:
        yield Step("act", inputs, before, shape, act=ACTIVATIONS[name.lower()])
    elif kind in STILL or (own and name.lower() in ("droppath", "stochasticdepth")):
        yield Step("same", inputs, before, shape)
    elif kind in (nn.MaxPool2d, nn.AvgPool2d):
        yield _pool(name, vars(module), inputs, before, shape)
    elif kind is nn.AdaptiveAvgPool2d:
        yield _adaptive(inputs, before, shape)
    else:
        raise UnknownOperation(name)


def _function(
    node: fx.Node,
    values: Mapping[fx.Node, int],
    inputs: tuple[int, ...],
    before: Shape,
    shape: Shape,
) -> Step:
    """Return the step of a function or of a tensor's method."""
    target = node.target
    name = target if isinstance(target, str) else getattr(target, "__name__", str(target))
    own = isinstance(target, str) or _is_torch(target)
    if own and name in (SUMS | PRODUCTS):
        return _of_two(node, values, "add" if name in SUMS else "mul", shape)
    if own and name in ACTIVATIONS:
        return Step("act", inputs, before, shape, act=ACTIVATIONS[name])
    if name in SAME:
        return Step("same", inputs, before, shape)
    if own and name in RESHAPES and len(inputs) == 1 and _size(before) == _size(shape):
        return Step("same", inputs, before, shape)
    if own and name in ("cat", "concat") and _axis(node) in (1, 1 - len(shape) - 1):
        parts = node.args[0] if node.args else ()
        chosen = parts if isinstance(parts, list | tuple) else ()
        if not all(isinstance(part, fx.Node) for part in chosen):
            raise UnknownOperation(node.name)
        reads = tuple(values[part] for part in chosen if isinstance(part, fx.Node))
        return Step("concat", reads, before, shape)
    if own and name == "mean" and _averages_places(node, before):
        return Step("mean", inputs, before, shape)
    if own and name == "adaptive_avg_pool2d":
        return _adaptive(inputs, before, shape)
    raise UnknownOperation(str(name))


def _is_torch(target: object) -> bool:
    places = (torch, F, operator)
    return any(getattr(place, getattr(target, "__name__", ""), None) is target for place in places)


def _keeps_shape(module: nn.Module) -> bool:
    return type(module).__name__.lower() in ACTIVATIONS or isinstance(module, STILL)


def _size(shape: Shape) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def _axis(node: fx.Node) -> Any:
    return node.args[1] if len(node.args) > 1 else node.kwargs.get("dim", 0)


def _averages_places(node: fx.Node, before: Shape) -> bool:
    """Whether a mean is over the two axes of a map."""
    axes = _axis(node)
    if len(before) != 3 or not isinstance(axes, list | tuple):
        return False
    return sorted(int(axis) % 4 for axis in axes if isinstance(axis, int)) == [2, 3]


def _of_two(node: fx.Node, values: Mapping[fx.Node, int], op: str, shape: Shape) -> Step:
    """Return a sum or product of two values, or of a value and itself; the larger one first."""
    pair = node.args[:2]
    if len(pair) != 2 or not all(isinstance(one, fx.Node) for one in pair) or node.kwargs:
        raise UnknownOperation(f"{node.name}, which takes a number")
    nodes = sorted(
        (one for one in pair if isinstance(one, fx.Node)), key=lambda one: -_size(shape_of(one))
    )
    large, small = (shape_of(one) for one in nodes)
    gate = len(large) == 3 and small == (large[0], 1, 1)
    if large != shape or not (gate or small == large):
        raise UnknownOperation(f"{node.name}, of shapes {large} and {small}")
    return Step(op, tuple(values[one] for one in nodes), large, shape)


def _convolution(conv: nn.Conv2d, inputs: tuple[int, ...], before: Shape, shape: Shape) -> Step:
    """Return a convolution; what lies below and to the right of the input is zero, too."""
    if conv.padding_mode != "zeros":
        raise UnknownOperation(f"Conv2d with {conv.padding_mode} padding")
    if isinstance(conv, Conv2dSame) or conv.padding == "same":
        spans = [
            max((out - 1) * s + (k - 1) * d + 1 - side, 0)
            for out, side, k, s, d in zip(
                shape[1:], before[1:], conv.kernel_size, conv.stride, conv.dilation, strict=True
            )
        ]
        pad = [span // 2 for span in spans]
    else:
        pad = [0, 0] if isinstance(conv.padding, str) else list(conv.padding)
    settings = {
        "kernel": list(conv.kernel_size),
        "stride": list(conv.stride),
        "dilation": list(conv.dilation),
        "pad": pad,
        "groups": conv.groups,
    }
    return Step("conv", inputs, before, shape, "", settings, _arrays(conv.weight, conv.bias))


def _linear(
    weight: Tensor, bias: Tensor | None, inputs: tuple[int, ...], before: Shape, shape: Shape
) -> Step:
    if len(before) != 1:
        raise UnknownOperation(f"Linear on an input of shape {before}")
    return Step("linear", inputs, before, shape, "", {}, _arrays(weight, bias))


def _arrays(weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    shift = weight.new_zeros(len(weight)) if bias is None else bias
    return {"weight": weight.detach(), "bias": shift.detach()}


def _scale(norm: Any, inputs: tuple[int, ...], shape: Shape) -> Step:
    """Return a batch norm that could not be folded: x · s + (β − μ s), s = γ / √(σ² + ε)."""
    scale = torch.rsqrt(norm.running_var + norm.eps)
    scale = scale if norm.weight is None else scale * norm.weight
    shift = -norm.running_mean * scale
    shift = shift if norm.bias is None else shift + norm.bias
    arrays = {"scale": scale.detach(), "shift": shift.detach()}
    return Step("scale", inputs, shape, shape, "", {}, arrays)


def _pool(
    name: str, settings: Mapping[str, Any], inputs: tuple[int, ...], before: Shape, shape: Shape
) -> Step:
    def pair(what: str) -> list[int]:
        value = settings[what]
        return [value, value] if isinstance(value, int) else list(value)

    if name == "AvgPool2d" and settings["divisor_override"] is not None:
        raise UnknownOperation("AvgPool2d with a divisor of its own")
    if pair("dilation") != [1, 1] if name == "MaxPool2d" else settings["ceil_mode"]:
        raise UnknownOperation(f"{name} with dilation or ceil_mode")
    op = "maxpool" if name == "MaxPool2d" else "avgpool"
    described = {
        "kernel": pair("kernel_size"),
        "stride": pair("stride"),
        "pad": pair("padding"),
        "padded": bool(settings.get("count_include_pad", False)),
    }
    return Step(op, inputs, before, shape, "", described)


def _adaptive(inputs: tuple[int, ...], before: Shape, shape: Shape) -> Step:
    if shape == before:
        return Step("same", inputs, before, shape)
    if len(shape) == 3 and shape[1:] == (1, 1):
        return Step("mean", inputs, before, shape)
    raise UnknownOperation(f"AdaptiveAvgPool2d to {shape[1]} × {shape[2]}")
