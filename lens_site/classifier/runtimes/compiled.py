"""The encoder compiled by TorchInductor: on a CPU it needs a C++ compiler, half a minute at first.

On two cores of an AMD EPYC the default network came out 1.0 to 1.1 times as fast as uncompiled.
"""

import os
import shutil
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from lens_site.classifier.classifier import Classifier, in_precision
from lens_site.classifier.runtimes import NoRuntime
from lens_site.classifier.runtimes._half import Half
from lens_site.classifier.split import Encoded, without_context
from lens_site.errors import first_line

COMPILERS = ("g++", "clang++", "c++")


def encoder(classifier: Classifier, batch_size: int) -> Callable[[Tensor], Encoded]:
    """See the room."""
    on_cpu = classifier.device.type == "cpu"
    compilers = [os.environ.get("CXX", ""), *COMPILERS]
    if on_cpu and not any(shutil.which(word) for word in compilers if word):
        raise NoRuntime("compiling needs a C++ compiler, and there is none")
    half = torch.compile(Half(classifier).eval(), dynamic=False)

    @torch.no_grad()
    def encode(images: Float[Tensor, "n 3 side side"]) -> Encoded:
        if on_cpu:
            torch.set_num_threads(1)  # known to each thread for itself, and compiled in
        with in_precision(classifier.device, classifier.runtime.precision):
            maps, *context = half(classifier.place(images))
        maps = maps.float()
        return Encoded(maps, context[0].float()) if context else without_context(maps)

    side = classifier.preprocessing.crop
    try:
        encode(torch.zeros(batch_size, 3, side, side))
    except Exception as error:
        raise NoRuntime(f"{classifier.name} cannot be compiled ({first_line(error)})") from error
    return encode
