"""The ``torch.fx`` graph of a network: the layers where it can be cut in two, and the cut.

A layer is a cut when everything the rest of the network reads passes through it, and its output
is a map: (n, p, h, w), or (n, h, w, p) as Swin has it. Images are square, so the two axes that
are equal are the positions.
"""

from dataclasses import dataclass
from typing import Any

from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from lens_site.errors import ClassifierError, did_you_mean, first_line


@dataclass(frozen=True)
class Layer:
    """A place where the network can be cut; ``shape`` is (p, h, w)."""

    name: str
    shape: tuple[int, int, int]
    channels_last: bool
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
        traced = fx.GraphModule(model, _Tracer().trace(model))
        ShapeProp(traced).propagate(images)
    except Exception as error:  # a trace can fail in as many ways as a model can be written
        raise cannot(f"torch.fx cannot trace it ({first_line(error)})") from error
    return traced


def cuts(traced: fx.GraphModule) -> list[Layer]:
    """All layers where the network can be cut, first to last, each by its shortest name."""
    order = {node: i for i, node in enumerate(traced.graph.nodes)}
    names: dict[fx.Node, str] = {}
    for name, node in _ends(traced).items():
        names[node] = min(names.get(node, name), name, key=len)
    found = []
    farthest = 0  # farthest: last reader of anything before the node
    for node in traced.graph.nodes:
        if node.op == "get_attr":
            continue
        shape = tuple(getattr(node.meta.get("tensor_meta"), "shape", ()))
        computed = node.op not in ("placeholder", "output")
        if computed and farthest <= order[node] and len(shape) == 4:
            last = shape[1] == shape[2] != shape[3]
            p, h, w = (shape[3], *shape[1:3]) if last else shape[1:]
            if min(h, w) > 1:
                found.append(Layer(names.get(node, node.name), (p, h, w), last, node))
        farthest = max([farthest, *(order[reader] for reader in node.users)])
    return found


def find(traced: fx.GraphModule, name: str | None) -> Layer:
    """Find the layer of this name, the last one for None.

    Raises
    ------
    ClassifierError
        When the network has no such layer, or cannot be cut there.
    """
    usable, ends = cuts(traced), _ends(traced)
    if not usable:
        raise cannot("no layer with (n, channels, h, w) output carries all of its signal")
    if name is None:
        return usable[-1]
    node = ends.get(name)
    for layer in usable:
        if layer.node is node or layer.name == name:
            return layer
    if node is not None:
        raise ClassifierError(
            f"layer: the network cannot be cut at {name!r}: its output is no map of places, or "
            "part of the signal goes around it; lens layers --model MODEL lists those that can"
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
