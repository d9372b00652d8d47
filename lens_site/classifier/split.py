"""Cut a network in two, at its last layer with places or at a named one: f = h ∘ g (methods §1).

A network is cut along its ``torch.fx`` graph, or by its own ``forward_features`` and
``forward_head`` (as timm's have) where it cannot be traced. Either way the cut is checked on a
real batch, and whether the head is average pooling and a linear layer is measured, not read off
the module's type.

Shapes: n images, p channels, h × w places, t tokens that belong to no place (class and register
tokens of a transformer; none in most networks).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, fx, nn

from lens_site.classifier import graph
from lens_site.classifier.fold import fold
from lens_site.errors import ClassifierError

HEAD_TOLERANCE = 1e-4

Function = Callable[[Tensor], Tensor]


class Encoded(NamedTuple):
    """g(x): what the rest of the network reads."""

    maps: Float[Tensor, "n p h w"]
    context: Float[Tensor, "n t p"]


@dataclass(frozen=True)
class LinearHead:
    """h(a) = mean of a over positions · Wᵀ + b."""

    weight: Float[Tensor, "classes p"]
    bias: Float[Tensor, " classes"]


@dataclass(frozen=True)
class Split:
    """The two halves of a network; ``linear`` is None for any other kind of head.

    ``feature_shape`` is (p, h, w), ``context`` is t, ``lowest`` the smallest activation of noise.
    """

    encode: Callable[[Float[Tensor, "n 3 height width"]], Encoded]
    head: Callable[[Encoded], Float[Tensor, "n classes"]]
    layer: str
    feature_shape: tuple[int, int, int]
    context: int
    classes: int
    linear: LinearHead | None
    error: float
    lowest: float
    graphs: tuple[fx.GraphModule, fx.GraphModule] | None = None
    """The folded encoder and the head as graphs, where the network was traced."""


@torch.no_grad()
def split(
    model: nn.Module, images: Float[Tensor, "n 3 height width"], layer: str | None = None
) -> Split:
    """Cut ``model`` at ``layer``, else at its last layer with places that the logits depend on.

    The cut is checked on ``images``.

    Raises
    ------
    ClassifierError
        When no such layer can be found, ``layer`` is none, or h(g(x)) differs from f(x).
    """
    name, encode, head, graphs = _halves(model, images, layer)
    encoded, logits = encode(images), model(images)
    if logits.ndim != 2:
        raise graph.cannot(f"its output has shape {tuple(logits.shape)}, not (n, classes)")
    error = _relative(head(encoded), logits)
    if not error < HEAD_TOLERANCE:
        raise graph.cannot(f"its head applied to its features misses its logits by {error:.2g}")
    _, p, h, w = encoded.maps.shape
    return Split(
        encode=encode,
        head=head,
        layer=name,
        feature_shape=(p, h, w),
        context=encoded.context.shape[1],
        classes=logits.shape[1],
        linear=linear_head(head, encoded),
        error=error,
        lowest=float(encoded.maps.min()),
        graphs=graphs,
    )


@torch.no_grad()
def layers(
    model: nn.Module, images: Float[Tensor, "n 3 height width"]
) -> tuple[list[graph.Layer], str]:
    """List the layers at which ``model`` can be cut, first to last, and name the default.

    Raises
    ------
    ClassifierError
        When the model cannot be traced, or has no such layer.
    """
    traced = graph.trace(model, images)
    return graph.cuts(traced), _last(traced, images).name


@torch.no_grad()
def finer_layer(
    model: nn.Module, images: Float[Tensor, "n 3 height width"], layer: str, *, nonnegative: bool
) -> str:
    """Name the last cut before ``layer`` that has more places, else the module before it.

    With ``nonnegative``, the last whose activations of ``images`` are. CRAFT (arXiv 2211.10154,
    §3.2) goes back a block; more places is our choice, for the parts of a part are smaller.

    Raises
    ------
    ClassifierError
        When there is none.
    """
    traced = graph.trace(model, images)
    usable = graph.cuts(traced)
    here = [cut.name for cut in usable].index(graph.find(traced, layer).name)
    before = usable[:here][::-1]
    places = math.prod(usable[here].shape[1:])
    modules = dict(model.named_modules())
    finer = [cut for cut in before if math.prod(cut.shape[1:]) > places]
    for cut in finer or [cut for cut in before if cut.name in modules]:
        encode, _ = _typed(*graph.cut(traced, cut.node), cut.layout, cut.shape)
        if not nonnegative or float(encode(images).maps.min()) >= 0:
            return cut.name
    raise ClassifierError(
        f"recursive: no layer before {layer!r} suits; leave out --recursive or give a later --layer"
    )


@torch.no_grad()
def linear_head(
    head: Callable[[Encoded], Tensor], encoded: Encoded, *, batch: int = 64
) -> LinearHead | None:
    """Find W and b by probing the head channel by channel; None when they do not reproduce it."""
    maps, context = encoded
    _, p, h, w = maps.shape

    def of(probe: Tensor) -> Tensor:
        return head(Encoded(probe, context[:1].expand(len(probe), -1, -1)))

    bias = of(torch.zeros_like(maps[:1]))[0]
    once, twice = (head(Encoded(times * maps, context)) - bias for times in (1, 2))
    if not _relative(2 * once, twice) < HEAD_TOLERANCE:
        return None  # first, for probing all channels takes long where the head is large
    unit = torch.eye(p, device=maps.device, dtype=maps.dtype)
    rows = [of(e[:, :, None, None].expand(-1, -1, h, w)) - bias for e in torch.split(unit, batch)]
    linear = LinearHead(torch.cat(rows).T.contiguous(), bias)
    uneven = torch.linspace(0, 2, h * w, device=maps.device).view(h, w)
    for probe in (maps, maps * uneven):
        predicted = probe.mean(dim=(2, 3)) @ linear.weight.T + linear.bias
        if not _relative(predicted, head(Encoded(probe, context))) < HEAD_TOLERANCE:
            return None
    return linear


def _relative(got: Tensor, wanted: Tensor) -> float:
    return float((got - wanted).abs().max() / wanted.abs().max().clamp_min(1e-12))


Halves = tuple[
    str,
    Callable[[Tensor], Encoded],
    Callable[[Encoded], Tensor],
    tuple[fx.GraphModule, fx.GraphModule] | None,
]


def _halves(model: nn.Module, images: Tensor, layer: str | None) -> Halves:
    try:
        traced = graph.trace(model, images)
        place = _last(traced, images) if layer is None else graph.find(traced, layer)
    except ClassifierError:
        own = _own_halves(model, images) if layer is None else None
        if own is None:
            raise
        return own
    before, after = graph.cut(traced, place.node)
    fold(before)
    return place.name, *_typed(before, after, place.layout, place.shape), (before, after)


def _last(traced: fx.GraphModule, images: Tensor) -> graph.Layer:
    """Return the last cut whose places the logits depend on.

    After the last attention of a transformer, its logits depend on the class token alone.
    """
    usable = graph.cuts(traced)
    for layer in reversed(usable):
        encode, head = _typed(*graph.cut(traced, layer.node), layer.layout, layer.shape)
        encoded = encode(images)
        with torch.inference_mode(False), torch.enable_grad():
            maps = encoded.maps.detach().clone().requires_grad_()
            logits = head(Encoded(maps, encoded.context.detach()))
            slope = torch.autograd.grad(logits.square().sum(), maps, allow_unused=True)[0]
        if slope is not None and bool(slope.any()):
            return layer
    raise graph.cannot("its logits depend on no layer with places")


def _typed(
    encode: Function, head: Function, layout: graph.Layout, shape: tuple[int, int, int]
) -> tuple[Callable[[Tensor], Encoded], Callable[[Encoded], Tensor]]:
    """Bring what a half gives and takes to maps and context."""
    p, h, w = shape

    def encode_tokens(images: Tensor) -> Encoded:
        tokens = encode(images)
        context, places = tokens[:, : -h * w], tokens[:, -h * w :]
        return Encoded(places.transpose(1, 2).reshape(-1, p, h, w), context)

    def head_tokens(encoded: Encoded) -> Tensor:
        return head(torch.cat([encoded.context, encoded.maps.flatten(2).transpose(1, 2)], dim=1))

    def encode_last(images: Tensor) -> Encoded:
        return without_context(encode(images).permute(0, 3, 1, 2))

    if layout == "tokens":
        return encode_tokens, head_tokens
    if layout == "channels last":
        return encode_last, lambda encoded: head(encoded.maps.permute(0, 2, 3, 1))
    return lambda x: without_context(encode(x)), lambda encoded: head(encoded.maps)


def without_context(maps: Float[Tensor, "n p h w"]) -> Encoded:
    """Return maps of a network all of whose activations have places."""
    return Encoded(maps, maps.new_zeros(len(maps), 0, maps.shape[1]))


def _own_halves(model: nn.Module, images: Tensor) -> Halves | None:
    """Take the halves that a network brings, as timm's do; None unless its features are maps."""
    encode: Function | None = getattr(model, "forward_features", None)
    head: Function | None = getattr(model, "forward_head", None)
    if encode is None or head is None:
        return None
    features = encode(images)
    if not isinstance(features, Tensor) or features.ndim != 4 or features[0, 0].numel() < 2:
        return None
    shape = tuple(features.shape)
    channels = getattr(model, "num_features", None)
    last = shape[1] != channels and shape[3] == channels
    p, h, w = (shape[3], *shape[1:3]) if last else shape[1:]
    return "features", *_typed(encode, head, "channels last" if last else "maps", (p, h, w)), None
