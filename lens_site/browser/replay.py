"""The steps of a network in torch: slow and plain, to see that the list says what the network does.

Each step is written a second time here, so that the loops of ``static/browser/ops.js`` and the
network itself can both be held to it.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from lens_site.browser.steps import Step

ACTS: dict[str, Callable[[Tensor], Tensor]] = {
    "": lambda x: x,
    "relu": F.relu,
    "relu6": F.relu6,
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
}


def replay(steps: Sequence[Step], images: Tensor) -> Tensor:
    """Return the last value of ``steps`` for a batch of inputs (n, …)."""
    values = [images]
    for step in steps:
        inputs = [values[i] for i in step.inputs]
        made = ACTS[step.act](_value(step, inputs))
        values.append(made.reshape(len(images), *step.shape))
    return values[-1]


def _value(step: Step, inputs: list[Tensor]) -> Tensor:
    arrays = {name: array.float() for name, array in step.arrays.items()}
    x = inputs[0].reshape(len(inputs[0]), *step.before)
    match step.op:
        case "conv":
            return _convolved(step, x, arrays)
        case "linear":
            return F.linear(x, arrays["weight"], arrays["bias"])
        case "scale":
            return x * arrays["scale"][:, None, None] + arrays["shift"][:, None, None]
        case "add":
            return x + inputs[1].reshape(len(x), *_beside(inputs[1], x))
        case "mul":
            return x * inputs[1].reshape(len(x), *_beside(inputs[1], x))
        case "concat":
            return torch.cat([one.flatten(1) for one in inputs], dim=1)
        case "mean":
            return x.mean(dim=(2, 3))
        case "maxpool":
            kernel, stride = step.settings["kernel"], step.settings["stride"]
            pooled = F.max_pool2d(_bordered(step, x, -torch.inf), kernel, stride)
            return pooled[..., : step.shape[1], : step.shape[2]]
        case "avgpool":
            kernel, stride, pad = (step.settings[s] for s in ("kernel", "stride", "pad"))
            return F.avg_pool2d(x, kernel, stride, pad, count_include_pad=step.settings["padded"])
        case _:
            return x


def _beside(small: Tensor, large: Tensor) -> tuple[int, ...]:
    same = small.numel() == large.numel()
    return tuple(large.shape[1:]) if same else (large.shape[1], *(1 for _ in large.shape[2:]))


def _convolved(step: Step, x: Tensor, arrays: dict[str, Tensor]) -> Tensor:
    settings = step.settings
    return F.conv2d(
        _bordered(step, x, 0.0), arrays["weight"], arrays["bias"], settings["stride"], 0,
        settings["dilation"], settings["groups"],
    )[..., : step.shape[1], : step.shape[2]]  # fmt: skip


def _bordered(step: Step, x: Tensor, value: float) -> Tensor:
    """Put ``pad`` above and to the left, and as much below and to the right as the shape needs."""
    settings = step.settings
    dilation = settings.get("dilation", [1, 1])
    above = settings["pad"]
    below = [
        max((out - 1) * s + (k - 1) * d + 1 - side - a, 0)
        for out, s, k, d, side, a in zip(
            step.shape[1:], settings["stride"], settings["kernel"], dilation, step.before[1:],
            above, strict=True,
        )
    ]  # fmt: skip
    return F.pad(x, (above[1], below[1], above[0], below[0]), value=value)
