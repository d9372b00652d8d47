"""A traced network as a list of steps that a few loops can run: what the visitor's browser reads.

A value is what a step makes of one image: a map (c, h, w) or a vector (c,). Value 0 is the input,
value i the output of step i, counted from 1. A reshape makes no step, for it moves nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, fx

Shape = tuple[int, ...]


class UnknownOperation(Exception):
    """The network does something that the list has no word for; the message names it."""


@dataclass(frozen=True)
class Step:
    """One operation: the values it reads, the shapes of the first and of the output.

    ``act`` is a non-linearity applied to the output, ``settings`` are what JSON can hold, and
    ``arrays`` the weights.
    """

    op: str
    inputs: tuple[int, ...]
    before: Shape
    shape: Shape
    act: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Tensor] = field(default_factory=dict)


def shape_of(node: fx.Node) -> Shape:
    """Shape of what a node makes of one image.

    Raises
    ------
    UnknownOperation
        When it makes something else than a tensor with a batch axis.
    """
    shape = getattr(node.meta.get("tensor_meta"), "shape", None)
    if shape is None or len(shape) < 2:
        raise UnknownOperation(getattr(node.target, "__name__", str(node.target)))
    return tuple(int(side) for side in shape[1:])
