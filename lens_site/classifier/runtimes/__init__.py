"""What runs the encoder of a network in passes of one shape: one file a runtime.

Each file has ``encoder(classifier, batch_size)``, which returns a function from prepared images
(batch_size, 3, side, side) to g(x), float32 on the classifier's device, or raises NoRuntime. The
function may be called from several threads. PyTorch itself, ``torch``, needs no file: it runs what
``classifier.split`` made. Head and gradients are PyTorch's whatever the runtime is.
"""

from dataclasses import replace

from lens_site import named
from lens_site.classifier.classifier import Classifier
from lens_site.results.schema import Runtime

ROOM = "classifier.runtimes"


class NoRuntime(Exception):
    """Why a runtime is not to be had here, or not for this network: one line."""


def run_on(classifier: Classifier, runtime: Runtime, batch_size: int) -> Classifier:
    """Return the same classifier, whose passes of ``batch_size`` images ``runtime`` does.

    Raises
    ------
    NoRuntime
        When it cannot.
    """
    plain = replace(classifier, runtime=runtime, fast=None)
    if runtime.name == "torch":
        return plain
    made = named.module(ROOM, runtime.name).encoder(plain, batch_size)
    return replace(plain, fast=made)
