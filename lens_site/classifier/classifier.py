"""A classifier as the rest of Lens sees it: encoder g, head h, classes and preprocessing."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from lens_site.classifier.labels import Labels, plain_labels, usual_labels
from lens_site.classifier.preprocessing import Preprocessing
from lens_site.classifier.split import Encoded, LinearHead, Split, finer_layer, split
from lens_site.errors import ClassifierError, first_line
from lens_site.results.schema import Precision, Runtime

PLAIN = Runtime()


@dataclass(frozen=True)
class Classifier:
    """f = h ∘ g (methods.md §1); ``logits(x)`` is ``head(encode(x))``.

    ``fast`` is g by another runtime than PyTorch, for passes of one shape (``runtimes.run_on``).
    """

    name: str
    source: str
    labels: Labels
    preprocessing: Preprocessing
    network: nn.Module
    parts: Split
    device: torch.device
    weights_sha256: str
    parameters: int
    runtime: Runtime = PLAIN
    fast: Callable[[Tensor], Encoded] | None = None

    @property
    def linear(self) -> LinearHead | None:
        """W and b when the head is average pooling and a linear layer, else None."""
        return self.parts.linear

    def place(self, images: Float[Tensor, "n 3 height width"]) -> Float[Tensor, "n 3 height width"]:
        """Bring a batch to the classifier's device, in the memory layout it is fast in."""
        there = images.device.type == self.device.type
        pinned = images if there else images.pin_memory()
        return pinned.to(self.device, non_blocking=True, memory_format=torch.channels_last)

    @torch.no_grad()
    def encode(self, images: Float[Tensor, "n 3 height width"]) -> Encoded:
        """Activations of a batch, float32 on the classifier's device."""
        return self.encode_for_gradients(images)

    @torch.no_grad()
    def encode_pass(self, images: Float[Tensor, "n 3 side side"]) -> Encoded:
        """Return the same by the runtime of the run, which may want passes of one shape."""
        return self.encode(images) if self.fast is None else self.fast(images)

    def encode_for_gradients(self, images: Float[Tensor, "n 3 height width"]) -> Encoded:
        """Return what ``encode`` does; differentiable, also by the images."""
        with in_precision(self.device, self.runtime.precision):
            maps, context = self.parts.encode(self.place(images))
        return Encoded(maps.float(), context.float())

    def at_finer_layer(self, *, nonnegative: bool) -> "Classifier":
        """Return the same network cut earlier, run by PyTorch (see ``split.finer_layer``).

        Raises
        ------
        ClassifierError
            When there is no such layer.
        """
        noise = _noise(self.preprocessing.crop, self.device)
        layer = finer_layer(self.network, noise, self.parts.layer, nonnegative=nonnegative)
        return replace(self, parts=split(self.network, noise, layer), fast=None)

    def head(self, encoded: Encoded) -> Float[Tensor, "n classes"]:
        """Logits of activations; differentiable."""
        return self.parts.head(encoded)


def prepare_model(
    model: nn.Module,
    *,
    name: str,
    source: str,
    class_names: Sequence[str] | None = None,
    preprocessing: Preprocessing,
    device: str = "auto",
    layer: str | None = None,
) -> Classifier:
    """Put a network into evaluation, move it to the device, split it and check the split.

    Without ``class_names``, 1000 classes are ImageNet's and others are numbered.

    Raises
    ------
    ClassifierError
        For weights with NaN or infinite values, a network that cannot be split, or a number of
        logits other than the number of labels.
    """
    place = choose_device(device)
    digest = weights_digest(model)
    model = model.eval().requires_grad_(False).to(place).to(memory_format=torch.channels_last)
    parts = split(model, _noise(preprocessing.crop, place), layer)
    labels = plain_labels(class_names) if class_names is not None else usual_labels(parts.classes)
    if parts.classes != len(labels):
        raise ClassifierError(
            f"model: {name} gives {parts.classes} logits but has names for {len(labels)} classes; "
            "give the model an attribute class_names with one name a class"
        )
    count = sum(p.numel() for p in model.parameters())
    return Classifier(name, source, labels, preprocessing, model, parts, place, digest, count)


def choose_device(device: str) -> torch.device:
    """``auto`` is the GPU where there is one.

    Raises
    ------
    ClassifierError
        For a device this machine does not have.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=device).device
    except Exception as error:  # NotImplementedError, ImportError … as the backend likes
        raise ClassifierError(
            f"device: {device!r} cannot be used ({first_line(error)}); try auto or cpu"
        ) from None


def weights_digest(model: nn.Module) -> str:
    """SHA-256 over the names, shapes and bytes of all weights and buffers.

    Raises
    ------
    ClassifierError
        When a weight is NaN or infinite.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ClassifierError(
                f"weights: {name} holds NaN or infinite values; train or export the weights again"
            )
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(
            tensor.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        )
    return digest.hexdigest()


def _noise(side: int, device: torch.device) -> Float[Tensor, "2 3 side side"]:
    """Two inputs that any network can be tried on, always the same."""
    noise = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    return noise.to(device, memory_format=torch.channels_last)


def in_precision(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Compute in this precision; ``tf32`` is float32 with TensorFloat-32 in convolutions of a GPU.

    cuDNN's switch stays where it is set: only the network has convolutions.
    """
    if device.type == "cuda":
        torch.backends.cudnn.allow_tf32 = precision != "float32"
    if precision == "bfloat16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
