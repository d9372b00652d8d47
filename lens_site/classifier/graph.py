"""The ``torch.fx`` graph of a network: the layers where it can be cut in two, and the cut.

A layer is a cut when everything the rest of the network reads passes through it, and its output
has places: a map (n, p, h, w), or (n, h, w, p) as Swin has it, or the tokens (n, t + h w, p) of a
transformer, of which the first t (class and register tokens) belong to no place. Images are
square, so the two axes of a map that are equal are the positions; the places of tokens are those
of the last convolution before them, the one that embeds the patches.
"""

import inspect
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from lens_site.errors import ClassifierError, did_you_mean, first_line

Layout = Literal["maps", "channels last", "tokens"]

CONTEXT = 16
"""Tokens without a place that a transformer may have, at most."""


@dataclass(frozen=True)
class Layer:
    """A place where the network can be cut; ``shape`` is (p, h, w)."""

    name: str
    shape: tuple[int, int, int]
    layout: Layout
    node: fx.Node


class _Tracer(fx.Tracer):
    """Traces timm's models too, whose own list names the modules to be taken whole."""

    def __init__(self) -> None:
        from timm.models import get_notrace_functions, get_notrace_modules

        super().__init__(autowrap_functions=tuple(get_notrace_functions()))
        self.whole = set(get_notrace_modules())

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m) in self.whole or super().is_leaf_module(m, module_qualified_name)


def trace(model: nn.Module, images: Tensor) -> fx.GraphModule:
    """Trace ``model``; every node of the graph knows the shape of its output on ``images``.

    Raises
    ------
    ClassifierError
        When the model cannot be traced.
    """
    try:
        options = list(inspect.signature(model.forward).parameters.values())[1:]
        fixed = {o.name: o.default for o in options if o.default is not o.empty}
        traced = fx.GraphModule(model, _Tracer().trace(model, concrete_args=fixed))
        ShapeProp(traced).propagate(images)
    except Exception as error:  # a trace can fail in as many ways as a model can be written
        raise cannot(f"torch.fx cannot trace it ({first_line(error)})") from error
    return traced


def cuts(traced: fx.GraphModule) -> list[Layer]:
    """All layers where the network can be cut, first to last, each by its shortest name.

    Raises
    ------
    ClassifierError
        When there is none.
    """
    order = {node: i for i, node in enumerate(traced.graph.nodes)}
    names: dict[fx.Node, str] = {}
    for name, node in _ends(traced).items():
        names[node] = min(names.get(node, name), name, key=len)
    layers: list[Layer] = []
    places: tuple[int, int] | None = None  # of the last convolution
    farthest = 0  # farthest: last reader of anything before the node
    for node in traced.graph.nodes:
        if node.op == "get_attr":
            continue
        if node.op not in ("placeholder", "output") and farthest <= order[node]:
            seen = _places(node, places)
            if seen is not None:
                layers.append(Layer(names.get(node, node.name), *seen, node))
        if node.op == "call_module" and isinstance(traced.get_submodule(node.target), nn.Conv2d):
            places = tuple(node.meta["tensor_meta"].shape[2:])
        farthest = max([farthest, *(order[reader] for reader in node.users)])
    if not layers:
        raise cannot("no layer with (n, channels, h, w) output carries all of its signal")
    return layers


def _places(
    node: fx.Node, before: tuple[int, int] | None
) -> tuple[tuple[int, int, int], Layout] | None:
    """Return (p, h, w) and layout of a node's output, after a convolution of these places."""
    shape = tuple(getattr(node.meta.get("tensor_meta"), "shape", ()))
    if len(shape) == 4 and shape[1] == shape[2] != shape[3] and shape[1] > 1:
        return (shape[3], shape[1], shape[2]), "channels last"
    if len(shape) == 4 and min(shape[2:]) > 1:
        return (shape[1], shape[2], shape[3]), "maps"
    if len(shape) == 3 and before and 0 <= shape[1] - before[0] * before[1] <= CONTEXT:
        return (shape[2], *before), "tokens"
    return None


def find(traced: fx.GraphModule, name: str) -> Layer:
    """Find the layer of this name.

    Raises
    ------
    ClassifierError
        When the network has no such layer, or cannot be cut there.
    """
    usable, ends = cuts(traced), _ends(traced)
    node = ends.get(name)
    for layer in usable:
        if layer.node is node or layer.name == name:
            return layer
    if node is not None:
        raise ClassifierError(
            f"layer: the network cannot be cut at {name!r}: its output has no places, or part of "
            "the signal goes around it; lens layers --model MODEL lists those that can"
        )
    known = [layer.name for layer in usable]
    hint = did_you_mean(name, [*known, *ends]) or f"; the last one is {known[-1]!r}"
    raise ClassifierError(f"layer: no layer {name!r}{hint}; lens layers --model MODEL lists them")


def cut(traced: fx.GraphModule, node: fx.Node) -> tuple[fx.GraphModule, fx.GraphModule]:
    """Part the graph in what leads to ``node`` and what follows from it."""
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
            second[n].meta = dict(n.meta)
    halves = fx.GraphModule(traced, before), fx.GraphModule(traced, after)
    for half in halves:
        half.graph.eliminate_dead_code()
        half.recompile()
    return halves


def cannot(reason: str) -> ClassifierError:
    """Say why a model cannot be split, and the way out."""
    return ClassifierError(
        f"model: cannot be split into encoder and head: {reason}; give the model methods "
        "forward_features(images) -> (n, channels, h, w) and forward_head(features) -> logits"
    )


def _ends(traced: fx.GraphModule) -> dict[str, fx.Node]:
    """Map the path of every module to the node that gives its output."""
    ends: dict[str, fx.Node] = {}
    for node in traced.graph.nodes:
        stack: dict[str, Any] = node.meta.get("nn_module_stack", {})
        if node.op != "get_attr":
            ends.update((path, node) for path, _ in stack.values() if path)
    return ends
