"""From the graph of a network to its list of steps: in order, renumbered, non-linearities fused."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from torch import fx

from lens_site.browser.operations import read
from lens_site.browser.steps import Step, UnknownOperation


def describe(graph: fx.GraphModule) -> list[Step]:
    """List the steps of one half of a network; what reads no value is no step.

    Raises
    ------
    UnknownOperation
        Naming the first operation that is none of a usual convolutional network.
    """
    steps: list[Step] = []
    values: dict[fx.Node, int] = {}
    result = 0
    for node in graph.graph.nodes:
        if node.op == "placeholder" and not values:
            values[node] = 0
        elif node.op == "output":
            result = values[_only(node.args)]
        elif any(source in values for source in node.all_input_nodes):
            try:
                values[node] = _append(steps, read(graph, node, values))
            except UnknownOperation as error:
                raise UnknownOperation(f"{_layer(node)}{error}") from None
    return _fused(steps, result)


def _only(arguments: Sequence[Any]) -> fx.Node:
    if len(arguments) != 1 or not isinstance(arguments[0], fx.Node):
        raise UnknownOperation("an output of several parts")
    return arguments[0]


def _layer(node: fx.Node) -> str:
    """Say in which kind of layer a function is called, where that is known."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    called = node.op != "call_module" and stack
    return f"{stack[-1][1].__name__}: " if called else ""


def _append(steps: list[Step], made: Iterator[Step]) -> int:
    """Add the steps of one node, each of which reads the one before; return its value."""
    value = -1
    for step in made:
        known = step if value < 0 else replace(step, inputs=(value,))
        if step.op == "same":
            value = known.inputs[0]
        else:
            steps.append(known)
            value = len(steps)
    return value


def _fused(steps: list[Step], result: int) -> list[Step]:
    """Give each step the non-linearity that alone reads it, and drop what nobody reads."""
    readers = Counter([result, *(i for step in steps for i in step.inputs)])
    renamed = {0: 0}
    kept: list[Step] = []
    for number, step in enumerate(steps, start=1):
        inputs = tuple(renamed[i] for i in step.inputs)
        producer = inputs[0] - 1
        alone = producer >= 0 and producer == len(kept) - 1 and readers[step.inputs[0]] == 1
        if step.op == "act" and alone and not kept[producer].act:
            kept[producer] = replace(kept[producer], act=step.act)
        else:
            kept.append(replace(step, inputs=inputs))
        renamed[number] = len(kept)
    if renamed[result] != len(kept):
        raise UnknownOperation("an output that is not the last layer's")
    return kept
