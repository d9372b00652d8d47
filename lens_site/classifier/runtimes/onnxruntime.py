"""The encoder by ONNX Runtime on a CPU, for networks that ONNX has words for.

The folded half is exported once a process, for passes of one shape. A pass has one thread, that of
its caller, so its bits do not depend on the cores; layers are the same functions, summed in another
order than PyTorch's, so they differ from its by rounding.
"""

import warnings
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.classifier.classifier import Classifier
from lens_site.classifier.runtimes import NoRuntime
from lens_site.classifier.runtimes._half import Half
from lens_site.classifier.split import Encoded, without_context
from lens_site.errors import first_line

QUIET = 3
"""ONNX Runtime's level of errors: it warns of what it leaves out of a graph."""


def encoder(classifier: Classifier, batch_size: int) -> Callable[[Tensor], Encoded]:
    """See the room."""
    if classifier.device.type != "cpu":
        raise NoRuntime(f"onnxruntime is for the CPU, the device is {classifier.device}")
    try:
        import onnx  # noqa: F401  # what torch.onnx exports with
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise NoRuntime(f"{error.name} is not installed; pip install 'lens-site[onnx]'") from error
    try:
        session = _session(onnxruntime, exported(classifier, batch_size))
    except Exception as error:  # an exporter fails in as many ways as a network can be written
        reason = first_line(error.__cause__ or error)
        raise NoRuntime(f"onnxruntime cannot run {classifier.name} ({reason})") from error
    (images_name,) = (given.name for given in session.get_inputs())

    def encode(images: Float[Tensor, "n 3 side side"]) -> Encoded:
        made = session.run(None, {images_name: images.contiguous().numpy()})
        maps, *context = map(torch.from_numpy, made)
        maps = maps.contiguous(memory_format=torch.channels_last)  # as PyTorch's are
        return Encoded(maps, *context) if context else without_context(maps)

    return encode


def exported(classifier: Classifier, batch_size: int) -> bytes:
    """Return the encoder as an ONNX model."""
    side = classifier.preprocessing.crop
    images = torch.zeros(batch_size, 3, side, side)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(Half(classifier).eval(), (images,), dynamo=True, verbose=False)
    assert program is not None
    model: bytes = program.model_proto.SerializeToString()
    return model


def _session(onnxruntime: Any, model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = QUIET
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
